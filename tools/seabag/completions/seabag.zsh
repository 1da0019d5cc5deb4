#compdef seabag
# zsh completion for seabag(1).

_seabag_paths() {
  local app=${words[2]}
  [[ -f $app ]] || return
  local -a paths
  paths=(${(f)"$(seabag list "$app" 2> /dev/null)"})
  compadd -a paths
}

# SOURCE:PATH, or a path of the host.
_seabag_operands() {
  if [[ $PREFIX == *:/* && ! -e $PREFIX ]]; then
    local place=${PREFIX%/*}/
    local -a names
    names=(${(f)"$(seabag fs ls "$place" 2> /dev/null)"})
    compadd -S '' -p "$place" -a names
  else
    _files
  fi
}

_seabag_fs() {
  local -a verbs
  verbs=(
    'ls:list directories' 'tree:show what is below as a tree' 'cat:write files to standard output'
    'stat:show what is known about paths' 'find:find what is below'
    'du:show how much room trees take' 'diff:compare two trees'
    'put:write standard input to a file' 'cp:copy, also from one source to another'
    'mv:move, also from one source to another' 'rm:remove' 'mkdir:make directories'
    'ln:give a file another name, or make a symlink' 'commit:write what an overlay has changed'
  )
  if (( CURRENT == 2 )); then
    _describe -t verbs 'verb' verbs
    return
  fi
  local verb=${words[2]}
  shift words
  (( CURRENT-- ))
  local json='--json[write JSON]'
  local paths='*:path:_seabag_operands' overlay='--overlay[where the changes are]:upper:_files'
  local -a help nul force
  help=('(- *)'{-h,--help}'[show help]')
  nul=({-0,--null}'[end lines with NUL]')
  force=({-f,--force}'[replace existing files]')
  case $verb in
    ls) _arguments $help $paths {-l,--long}'[also mode, size and time]' $nul $json ;;
    stat | du) _arguments $help $paths $json ;;
    find)
      _arguments $help $paths '--name[only names that match]:glob:' \
        '--type[only this type]:type:(f d l)' $nul $json ;;
    diff) _arguments $help $paths $overlay $json ;;
    commit) _arguments $help $paths $overlay ;;
    put | mv) _arguments $help $paths $force ;;
    cp) _arguments $help $paths $force {-r,--recursive}'[copy directories]' ;;
    rm)
      _arguments $help $paths {-r,--recursive}'[remove directories]' \
        {-f,--force}'[what is not there is no error]' ;;
    mkdir) _arguments $help $paths {-p,--parents}'[what is missing on the way too]' ;;
    ln) _arguments $help $paths {-s,--symbolic}'[make a symlink]' ;;
    *) _arguments $help $paths ;;
  esac
}

_seabag() {
  local -a commands
  commands=(
    'pack:pack directories, files and archives into an app'
    'serve:serve a live directory, an app or an archive'
    'docs:serve the documentation that this command carries'
    'list:list what an app holds'
    'tree:show what an app holds as a tree'
    'stat:show what is known about paths of an app'
    'cat:write files of an app to standard output'
    'extract:write the files of an app to a directory'
    "verify:check every byte of an app's bundle"
    'info:show counts, sizes and the root hash of an app'
    'export:write what an app holds as an archive'
    'fsck:check a file system in a SQLite file, or repair it'
    'mount:show an app, directory, archive or database as a directory'
    'umount:take a mount away'
    'run:run a program that sees sources at paths'
    'fs:work with files in apps, archives, databases and directories'
    'bench:put load on a server and measure how it answers'
    'top:show how a running server is, every second'
    'licenses:show the licences of everything that a packed app contains'
    'completion:write a completion script for a shell'
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'seabag command' commands
    _arguments '(- *)'{-h,--help}'[show help]' '(- *)--version[show the version]'
    return
  fi
  local command=${words[2]}
  shift words
  (( CURRENT-- ))
  local -a help
  help=('(- *)'{-h,--help}'[show help]')
  local listen='*--listen[where to listen]:address:(127.0.0.1\:8080 \:8080 unix\:)'
  local json='--json[write JSON]'
  case $command in
    pack)
      _arguments $help '*:input:_files' {-o,--output}'[the executable to write]:app:_files' \
        '--profile[how hard to compress]:profile:(release dev none)' \
        '--config[the seabag.toml to carry along]:file:_files' \
        '(--with-state)--stub[pack into this executable]:file:_files' \
        '(--stub)--with-state[give the app the flag --state]' '--jobs[parallel work]:number:' \
        '(--no-cache)--cache[where compressed forms are remembered]:directory:_directories' \
        '(--cache)--no-cache[remember nothing]' \
        '--links[symlinks that leave the tree]:policy:(inside any)' $json \
        {-q,--quiet}'[neither progress nor summary]' ;;
    serve)
      _arguments $help ':subject:_files' $listen '--workers[worker processes]:number:' \
        '--access-log[one JSON object a request]:file:_files' \
        '--admin[where operators look]:address:(127.0.0.1\:9000 unix\:)' \
        '--listing[list directories that have no index]' \
        '*--tls-certificate[speak HTTPS with this chain]:file:_files' \
        '*--tls-key[its private key]:file:_files' '--tls-self-signed[try HTTPS out]' \
        '*--tls-redirect[send plain HTTP to HTTPS]:address:(127.0.0.1\:8081 \:80)' \
        '--tls-min-version[the oldest TLS]:version:(1.2 1.3)' \
        '--config[the seabag.toml to use]:file:_files' ;;
    docs) _arguments $help $listen ;;
    list)
      _arguments $help ':app:_files' '*:path:_seabag_paths' \
        {-l,--long}'[also mode, size and time]' {-0,--null}'[end lines with NUL]' $json ;;
    tree | cat) _arguments $help ':app:_files' '*:path:_seabag_paths' ;;
    stat) _arguments $help ':app:_files' '*:path:_seabag_paths' $json ;;
    extract)
      _arguments $help ':app:_files' '*:glob:_seabag_paths' \
        {-C,--directory}'[where to]:directory:_directories' \
        {-f,--force}'[replace existing files]' $json {-q,--quiet}'[no summary]' ;;
    verify) _arguments $help ':app:_files' $json {-q,--quiet}'[only the exit code]' ;;
    info) _arguments $help ':app:_files' $json ;;
    export) _arguments $help ':app:_files' {-o,--output}'[the archive]:file:_files' ;;
    fsck)
      _arguments $help ':file:_files' --repair'[mend what is found]' $json \
        {-q,--quiet}'[only the exit code]' ;;
    mount)
      _arguments $help ':source:_files' ':directory:_directories' \
        '(--overlay)--writable[let a directory be changed]' \
        '(--writable)--overlay[leave the source as it is]:upper:_files' \
        '--foreground[stay until unmounted]' ;;
    run)
      _arguments $help '*--mount[what to see where]:SOURCE\:/PREFIX:_files' \
        '--overlay[only what the sources have is theirs]' \
        '--writable[let directories be changed]' '*::command:_normal' ;;
    fs) _seabag_fs ;;
    top)
      _arguments $help ':address:(http\://127.0.0.1\:9000 unix\:)' \
        {-i,--interval}'[how often to look]:time:(1s 5s)' '--once[look once]' $json ;;
    bench)
      _arguments $help ':url:(http\://127.0.0.1\:8080/)' \
        {-r,--rate}'[requests a second, open loop]:number:' \
        {-d,--duration}'[how long to measure]:time:(10s 30s 1m)' \
        '--warm-up[how long before that]:time:(0s 1s 5s)' \
        '--timeout[how long to wait for an answer]:time:' \
        {-c,--connections}'[connections]:number:' {-t,--threads}'[threads of the loader]:number:' \
        {-p,--pipeline}'[requests under way on a connection]:number:' \
        {-X,--method}'[method]:method:(GET HEAD POST PUT DELETE OPTIONS)' \
        '*'{-H,--header}'[a header field]:field:' '--body[what to send]:file:_files' $json \
        {-q,--quiet}'[no progress]' ;;
    umount) _arguments $help ':directory:_directories' ;;
    completion) _arguments $help ':shell:(bash zsh fish)' ;;
    *) _arguments $help ;;
  esac
}

if [[ ${funcstack[1]} == _seabag ]]; then
  _seabag "$@"
else
  compdef _seabag seabag
fi
