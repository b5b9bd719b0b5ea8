#!/usr/bin/env bash
# Asks bash, zsh and fish what they complete after some command lines, and compares.
#
#   scripts/check_completions.sh RDCODEC
#
# Shells that are not here are skipped and named. Exit status 1 where a completion is wrong.
set -euo pipefail

rdcodec=$(realpath "$1")
readonly rdcodec
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
failures=0

mkdir -p "$work/bin" "$work/files/folder"
ln -s "$rdcodec" "$work/bin/rdcodec"
touch "$work"/files/{photo.png,photo.PNG,scan.pgm,page.pbm,deep.pam,photo.rdc,notes.txt,"two words.png"}

# Command lines, and what has to be offered (+) and must not be (-) at their end.
cases() {
  cat <<'CASES'
rdcodec comp|+compress
rdcodec compress |+photo.png +scan.pgm +page.pbm +deep.pam +folder -photo.rdc -notes.txt
rdcodec decompress |+photo.rdc +folder -photo.png -notes.txt
rdcodec info |+photo.rdc -photo.png
rdcodec info photo.rdc |+photo.rdc -photo.png
rdcodec verify |+photo.rdc -photo.png
rdcodec strip |+photo.rdc -photo.png
rdcodec bench |+photo.png -photo.rdc -notes.txt
rdcodec compress --out-dir |+folder -photo.png -photo.rdc
rdcodec compress photo.png out.rdc --qua|+--quality
rdcodec compress --tune |+psnr +visual
CASES
}

# What bash offers, by the function that its completion registers.
bash_offers() { # LINE
  (cd "$work/files" && PATH=$work/bin:$PATH bash --norc -c '
    source <("$1" --generate-completion-script bash)
    line=$2
    read -ra COMP_WORDS <<<"$line"
    [[ $line == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
    current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    [[ $(complete -p rdcodec) =~ -F\ ([^ ]+) ]]
    "${BASH_REMATCH[1]}" rdcodec "$current" "$before" 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' bash "$rdcodec" "$1")
}

fish_offers() { # LINE
  (cd "$work/files" && PATH=$work/bin:$PATH HOME=$work fish --no-config -c '
    rdcodec --generate-completion-script fish | source
    complete -C "$argv[1]"' "$1" | cut -f 1 | sed "s|/$||")
}

# What zsh offers at a Tab in a terminal of its own. Every match passes the builtin compadd: a
# function of that name writes them down, which the screen would only show in columns.
zsh_offers() { # LINE
  mkdir -p "$work/zsh"
  "$rdcodec" --generate-completion-script zsh >"$work/zsh/_rdcodec"
  : >"$work/found"
  cat >"$work/setup" <<'ZSH'
PS1= fpath=($WORK/zsh $fpath)
autoload -Uz compinit && compinit -u -D
bindkey '^I' complete-word
compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a found
    builtin compadd -O found "$@"
    print -rl -- $found >>$WORK/found
  fi
  builtin compadd "$@"
}
finish() { : >$WORK/finished }
comppostfuncs=(finish)
ZSH
  rm -f "$work/finished"
  (cd "$work/files" && WORK=$work PATH=$work/bin:$PATH timeout 120 zsh -f -c '
    zmodload zsh/zpty zsh/zselect
    zpty -b shell zsh -f -i
    zpty -w shell ". $WORK/setup"
    zpty -n -w shell "$1"$'"'\\t'"'
    while [[ ! -e $WORK/finished ]]; do
      while zpty -rt shell; do :; done
      zselect -t 5
    done >/dev/null
    zpty -d shell' zsh "$1" >/dev/null 2>&1) || echo "zsh gave no answer in time" >&2
  sort -u "$work/found"
}

check() { # SHELL
  local line wishes wish offers name
  if ! command -v "$1" >/dev/null; then
    echo "$1: skipped, it is not installed"
    return
  fi
  while IFS='|' read -r line wishes; do
    offers=$("$1_offers" "$line" | tr -d '\\' | sed 's/ *$//')
    for wish in $wishes; do
      name=${wish:1}
      if grep -qxF -e "$name" -e "$name/" <<<"$offers"; then
        [[ $wish == +* ]] && continue
      else
        [[ $wish == -* ]] && continue
      fi
      echo "$1: '$line' gives no sign of $wish: $(tr '\n' ' ' <<<"$offers")" >&2
      failures=$((failures + 1))
    done
  done < <(cases)
  echo "$1: done"
}

for shell in bash zsh fish; do check "$shell"; done
((failures == 0)) || exit 1
