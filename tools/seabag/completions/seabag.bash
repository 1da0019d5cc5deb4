# bash completion for seabag(1).

_seabag_listed_paths() {
  # Paths inside the app that stands first after the subcommand.
  local app=$1 current=$2
  [[ -f $app ]] || return
  COMPREPLY=($(compgen -W "$(seabag list "$app" 2> /dev/null)" -- "$current"))
}

_seabag_fs() {
  # After "fs": a verb, then SOURCE:PATH or paths of the host.
  local current=$1 verb=${words[2]-} flags source directory
  if [[ $cword -eq 2 ]]; then
    COMPREPLY=($(compgen -W "ls tree cat stat find du diff put cp mv rm mkdir ln commit --help" \
      -- "$current"))
    return
  fi
  if [[ $current == -* ]]; then
    case $verb in
      ls) flags="--long --null --json" ;;
      stat | du) flags="--json" ;;
      find) flags="--name --type --null --json" ;;
      diff) flags="--overlay --json" ;;
      cp | rm) flags="--recursive --force" ;;
      mv | put) flags="--force" ;;
      mkdir) flags="--parents" ;;
      ln) flags="--symbolic" ;;
      commit) flags="--overlay" ;;
    esac
    COMPREPLY=($(compgen -W "$flags --help" -- "$current"))
  elif [[ ${words[cword - 1]} == --type ]]; then
    COMPREPLY=($(compgen -W "f d l" -- "$current"))
  elif [[ $current == *:/* && ! -e $current ]]; then
    source=${current%%:/*}
    directory=${current#"$source":}
    directory=${directory%/*}/
    local IFS=$'\n'
    COMPREPLY=($(compgen -P "$source:$directory" \
      -W "$(seabag fs ls "$source:$directory" 2> /dev/null)" -- "${current##*/}"))
    declare -F __ltrim_colon_completions > /dev/null && __ltrim_colon_completions "$current"
    compopt -o nospace 2> /dev/null
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}

_seabag() {
  local current previous words cword
  if declare -F _get_comp_words_by_ref > /dev/null; then
    _get_comp_words_by_ref -n : current previous words cword
  else
    current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
  fi
  local commands="pack serve docs list tree stat cat extract verify info export fsck mount umount run fs bench top licenses completion"
  local command=${words[1]-}
  COMPREPLY=()

  if [[ $cword -eq 1 ]]; then
    COMPREPLY=($(compgen -W "$commands --help --version" -- "$current"))
    return
  fi
  if [[ $command == fs ]]; then
    _seabag_fs "$current"
    return
  fi
  case $previous in
    --profile) COMPREPLY=($(compgen -W "release dev none" -- "$current")) && return ;;
    --links) COMPREPLY=($(compgen -W "inside any" -- "$current")) && return ;;
    --overlay)
      [[ $command == run ]] && return
      COMPREPLY=($(compgen -W "memory:" -- "$current") $(compgen -f -- "$current"))
      return
      ;;
    --cache | --directory | -C) COMPREPLY=($(compgen -d -- "$current")) && return ;;
    --listen) COMPREPLY=($(compgen -W "127.0.0.1:8080 :8080 unix:" -- "$current")) && return ;;
    --admin) COMPREPLY=($(compgen -W "127.0.0.1:9000 unix:" -- "$current")) && return ;;
    --tls-redirect) COMPREPLY=($(compgen -W "127.0.0.1:8081 :80" -- "$current")) && return ;;
    --tls-min-version) COMPREPLY=($(compgen -W "1.2 1.3" -- "$current")) && return ;;
    --jobs | --workers | --rate | --interval | --duration | --warm-up | --timeout | --connections | --threads | \
      --pipeline | --header) return ;;
    --method) COMPREPLY=($(compgen -W "GET HEAD POST PUT DELETE OPTIONS" -- "$current")) && return ;;
    --output | -o | --config | --stub | --access-log | --tls-certificate | --tls-key | --body)
      COMPREPLY=($(compgen -f -- "$current")) && return ;;
  esac
  if [[ $current == -* ]]; then
    local flags
    case $command in
      pack) flags="--output --profile --config --stub --with-state --jobs --cache --no-cache --links --json --quiet" ;;
      serve)
        flags="--listen --workers --access-log --admin --listing --config --tls-certificate --tls-key"
        flags+=" --tls-self-signed --tls-redirect --tls-min-version"
        ;;
      docs) flags="--listen" ;;
      list) flags="--long --null --json" ;;
      stat | info) flags="--json" ;;
      extract) flags="--directory --force --json --quiet" ;;
      verify) flags="--json --quiet" ;;
      export) flags="--output" ;;
      fsck) flags="--repair --json --quiet" ;;
      mount) flags="--writable --overlay --foreground" ;;
      run) flags="--mount --overlay --writable" ;;
      top) flags="--interval --once --json" ;;
      bench) flags="--rate --duration --warm-up --timeout --connections --threads --pipeline --method --header --body --json --quiet" ;;
    esac
    COMPREPLY=($(compgen -W "$flags --help" -- "$current"))
    return
  fi
  case $command in
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")) ;;
    list | tree | stat | cat)
      if [[ $cword -gt 2 ]]; then
        _seabag_listed_paths "${words[2]}" "$current"
      else
        COMPREPLY=($(compgen -f -- "$current"))
      fi
      ;;
    top) COMPREPLY=($(compgen -W "http://127.0.0.1:9000 unix:" -- "$current")) ;;
    bench) COMPREPLY=($(compgen -W "http://127.0.0.1:8080/" -- "$current")) ;;
    docs | licenses) ;;
    umount) COMPREPLY=($(compgen -d -- "$current")) ;;
    mount)
      if [[ $cword -gt 2 ]]; then
        COMPREPLY=($(compgen -d -- "$current"))
      else
        COMPREPLY=($(compgen -W "memory:" -- "$current") $(compgen -f -- "$current"))
      fi
      ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}

complete -o filenames -F _seabag seabag
