# fish completion for seabag(1).

function __seabag_needs_command
    test (count (commandline -opc)) -eq 1
end

function __seabag_uses
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

function __seabag_paths
    set -l words (commandline -opc)
    test (count $words) -gt 2; and seabag list $words[3] 2>/dev/null
end

function __seabag_needs_verb
    set -l words (commandline -opc)
    test (count $words) -eq 2; and test $words[2] = fs
end

function __seabag_verb
    set -l words (commandline -opc)
    test (count $words) -gt 2; and test $words[2] = fs; and contains -- $words[3] $argv
end

# What is in a directory of SOURCE:PATH.
function __seabag_operands
    set -l parts (string match -r '^([^:]+:)(/(?:.*/)?)[^/]*$' -- (commandline -ct))
    test (count $parts) -eq 3; and seabag fs ls $parts[2]$parts[3] 2>/dev/null |
        string replace -r '^' $parts[2]$parts[3]
end

complete -c seabag -n __seabag_needs_command -f
complete -c seabag -s h -l help -d 'Show help'
complete -c seabag -n __seabag_needs_command -l version -d 'Show the version'
complete -c seabag -n __seabag_needs_command -a pack -d 'Pack directories, files and archives'
complete -c seabag -n __seabag_needs_command -a serve -d 'Serve a directory, an app or an archive'
complete -c seabag -n __seabag_needs_command -a docs -d 'Serve the documentation'
complete -c seabag -n __seabag_needs_command -a list -d 'List what an app holds'
complete -c seabag -n __seabag_needs_command -a tree -d 'Show what an app holds as a tree'
complete -c seabag -n __seabag_needs_command -a stat -d 'Show what is known about paths'
complete -c seabag -n __seabag_needs_command -a cat -d 'Write files to standard output'
complete -c seabag -n __seabag_needs_command -a extract -d 'Write files to a directory'
complete -c seabag -n __seabag_needs_command -a verify -d 'Check every byte of a bundle'
complete -c seabag -n __seabag_needs_command -a info -d 'Show counts, sizes and the root hash'
complete -c seabag -n __seabag_needs_command -a export -d 'Write what an app holds as an archive'
complete -c seabag -n __seabag_needs_command -a fsck -d 'Check a file system in a SQLite file'
complete -c seabag -n __seabag_needs_command -a mount -d 'Show a source as a directory'
complete -c seabag -n __seabag_needs_command -a umount -d 'Take a mount away'
complete -c seabag -n __seabag_needs_command -a run -d 'Run a program that sees sources at paths'
complete -c seabag -n __seabag_needs_command -a fs -d 'Work with files in sources of every kind'
complete -c seabag -n __seabag_needs_command -a bench -d 'Put load on a server and measure'
complete -c seabag -n __seabag_needs_command -a top -d 'Show how a running server is'
complete -c seabag -n __seabag_needs_command -a licenses -d 'Show licences'
complete -c seabag -n __seabag_needs_command -a completion -d 'Write a completion script'

complete -c seabag -n '__seabag_uses pack export' -s o -l output -r -d 'The file to write'
complete -c seabag -n '__seabag_uses pack' -l profile -x -a 'release dev none' -d 'Compression'
complete -c seabag -n '__seabag_uses pack serve' -l config -r -d 'The seabag.toml to use'
complete -c seabag -n '__seabag_uses pack' -l stub -r -d 'Pack into this executable'
complete -c seabag -n '__seabag_uses pack' -l with-state -d 'Give the app the flag --state'
complete -c seabag -n '__seabag_uses pack' -l jobs -x -d 'Parallel work'
complete -c seabag -n '__seabag_uses pack' -l cache -r -d 'Where compressed forms are remembered'
complete -c seabag -n '__seabag_uses pack' -l no-cache -d 'Remember nothing'
complete -c seabag -n '__seabag_uses pack' -l links -x -a 'inside any' -d 'Symlinks that leave'
complete -c seabag -n '__seabag_uses serve docs' -l listen -x -d 'Where to listen'
complete -c seabag -n '__seabag_uses serve' -l workers -x -d 'Worker processes'
complete -c seabag -n '__seabag_uses serve' -l access-log -r -d 'One JSON object a request'
complete -c seabag -n '__seabag_uses serve' -l admin -x -d 'Where operators look'
complete -c seabag -n '__seabag_uses serve' -l listing -d 'List directories without an index'
complete -c seabag -n '__seabag_uses serve' -l tls-certificate -r -d 'Speak HTTPS with this chain'
complete -c seabag -n '__seabag_uses serve' -l tls-key -r -d 'Its private key'
complete -c seabag -n '__seabag_uses serve' -l tls-self-signed -d 'Try HTTPS out'
complete -c seabag -n '__seabag_uses serve' -l tls-redirect -x -d 'Send plain HTTP to HTTPS'
complete -c seabag -n '__seabag_uses serve' -l tls-min-version -x -a '1.2 1.3' -d 'The oldest TLS'
complete -c seabag -n '__seabag_uses list' -s l -l long -d 'Also mode, size and time'
complete -c seabag -n '__seabag_uses list' -s 0 -l null -d 'End lines with NUL'
complete -c seabag -n '__seabag_uses pack list stat extract verify info fsck bench top' -l json -d 'Write JSON'
complete -c seabag -n '__seabag_uses pack extract verify fsck bench' -s q -l quiet -d 'No summary'
complete -c seabag -n '__seabag_uses fsck' -l repair -d 'Mend what is found'
complete -c seabag -n '__seabag_uses extract' -s C -l directory -r -d 'Where to'
complete -c seabag -n '__seabag_uses extract' -s f -l force -d 'Replace existing files'
complete -c seabag -n '__seabag_uses mount' -l writable -d 'Let a directory be changed'
complete -c seabag -n '__seabag_uses mount' -l overlay -r -a memory: -d 'Where changes go'
complete -c seabag -n '__seabag_uses run' -l mount -r -d 'SOURCE:/PREFIX'
complete -c seabag -n '__seabag_uses run' -l overlay -d 'Only what the sources have is theirs'
complete -c seabag -n '__seabag_uses run' -l writable -d 'Let directories be changed'
complete -c seabag -n '__seabag_uses mount' -l foreground -d 'Stay until unmounted'
complete -c seabag -n '__seabag_uses list tree stat cat extract' -a '(__seabag_paths)'
complete -c seabag -n __seabag_needs_verb -f -a 'ls tree cat stat find du diff put cp mv rm mkdir ln commit'
complete -c seabag -n '__seabag_verb ls' -s l -l long -d 'Also mode, size and time'
complete -c seabag -n '__seabag_verb ls find' -s 0 -l null -d 'End lines with NUL'
complete -c seabag -n '__seabag_verb ls stat find du diff' -l json -d 'Write JSON'
complete -c seabag -n '__seabag_verb find' -l name -x -d 'Only names that match'
complete -c seabag -n '__seabag_verb find' -l type -x -a 'f d l' -d 'Only this type'
complete -c seabag -n '__seabag_verb cp rm' -s r -l recursive -d 'Directories too'
complete -c seabag -n '__seabag_verb cp mv put' -s f -l force -d 'Replace existing files'
complete -c seabag -n '__seabag_verb rm' -s f -l force -d 'What is not there is no error'
complete -c seabag -n '__seabag_verb mkdir' -s p -l parents -d 'What is missing on the way too'
complete -c seabag -n '__seabag_verb ln' -s s -l symbolic -d 'Make a symlink'
complete -c seabag -n '__seabag_verb diff commit' -l overlay -r -d 'Where the changes are'
complete -c seabag -n '__seabag_uses top' -s i -l interval -x -a '1s 5s' -d 'How often to look'
complete -c seabag -n '__seabag_uses top' -l once -d 'Look once'
complete -c seabag -n '__seabag_uses bench' -s r -l rate -x -d 'Requests a second, open loop'
complete -c seabag -n '__seabag_uses bench' -s d -l duration -x -a '10s 30s 1m' -d 'How long to measure'
complete -c seabag -n '__seabag_uses bench' -l warm-up -x -a '0s 1s 5s' -d 'How long before that'
complete -c seabag -n '__seabag_uses bench' -l timeout -x -d 'How long to wait for an answer'
complete -c seabag -n '__seabag_uses bench' -s c -l connections -x -d 'Connections'
complete -c seabag -n '__seabag_uses bench' -s t -l threads -x -d 'Threads of the loader'
complete -c seabag -n '__seabag_uses bench' -s p -l pipeline -x -d 'Requests under way on a connection'
complete -c seabag -n '__seabag_uses bench' -s X -l method -x -a 'GET HEAD POST PUT DELETE OPTIONS' -d 'Method'
complete -c seabag -n '__seabag_uses bench' -s H -l header -x -d 'A header field'
complete -c seabag -n '__seabag_uses bench' -l body -r -d 'What to send'
complete -c seabag -n '__seabag_uses fs' -a '(__seabag_operands)'
complete -c seabag -n '__seabag_uses completion' -x -a 'bash zsh fish'
