# holdfast:resume-updates v1
# root
#
# Puts back what a hold (or a policy a run set) took away: what is in its record, byte for byte, with mode, owner and time, and
# nothing else. What another hold still wants stays away, and its record moves there. May be sent again.
#
# Arguments: intent, hold, then the record as Holdfast has it, one line each: used where the host lost its own
# Output: fence=new|again|absent|held   (again: this hold was ended here before; absent: nothing of it is known anywhere;
#         held: a policy below a hold is not put back)
#         restored[]=… kept[]=item by HOLD  failed[]=item: why  note[]=…
#
# part:basics
# part:holding

# Another hold that left this item to us takes it over; sets heir.
heir_of() {
  for theirs in "$base"/held/*/record; do
    [ "$theirs" != "$store/record" ] || continue
    if has_key "$theirs" share && grep -qF "share ${store##*/} $key" "$theirs"; then
      heir=${theirs%/record}
      return 0
    fi
  done
  return 1
}

hand_over() {
  line=$1
  case $line in
  'path '*)
    # shellcheck disable=SC2086
    set -- $line
    if [ "$3" != - ]; then
      mkdir -p "$heir/files" && chmod 0700 "$heir/files"
      number=1
      while there "$heir/files/$number"; do number=$((number + 1)); done
      cp -a "$store/files/$3" "$heir/files/$number" || return 1
      line="path $2 $number ${line#path "$2" "$3" }"
    fi
    ;;
  esac
  grep -vxF "share ${store##*/} $key" "$heir/record" >"$heir/record.new"
  printf '%s\n' "$line" >>"$heir/record.new"
  case $line in 'unit '* | 'boot '* | 'init '*) grep -F "link ${key#* } " "$store/record" >>"$heir/record.new" ;; esac
  [ ! -r "$store/wrote" ] || cat "$store/wrote" >>"$heir/wrote"
  mv -f "$heir/record.new" "$heir/record"
  # A third hold that left it to us leaves it to the heir from now on.
  for theirs in "$base"/held/*/record; do
    [ "$theirs" != "$store/record" ] || continue
    awk -v was="share ${store##*/} $key" -v is="share ${heir##*/} $key" '$0 == was { $0 = is } { print }' "$theirs" >"$theirs.new" && mv -f "$theirs.new" "$theirs"
  done
}

# Puts one item of the record back; prints why it could not.
put_back() {
  # shellcheck disable=SC2086
  set -- $1
  case $1 in
  unit) put_back_unit "$2" "$5" "$6" ;;
  boot) put_back_links "$2" ;;
  init)
    put_back_links "$2"
    [ "$5" != running ] || within 12 service "$2" start >/dev/null || echo 'does not start'
    ;;
  snap)
    if [ "$2" = - ]; then within 12 snap refresh --unhold || within 12 snap unset system refresh.hold; else within 12 snap set system refresh.hold="$2"; fi >/dev/null || echo 'snap refuses'
    ;;
  livepatch) within 12 canonical-livepatch config check-interval="${2:-60}" >/dev/null || echo 'canonical-livepatch refuses' ;;
  shutdown) put_back_shutdown "$@" ;;
  esac
}

put_back_unit() {
  place=/etc/systemd/system/$1
  case $3 in
  -)
    # Unmasked only where the mask is; a file somebody put there is theirs.
    if [ "$(readlink "$place" 2>/dev/null)" = /dev/null ]; then rm -f "$place"; fi
    ;;
  /dev/null) [ "$(readlink "$place" 2>/dev/null)" = /dev/null ] || { rm -f "$place" && ln -s /dev/null "$place"; } ;;
  *) put_back_links "$1" ;;
  esac
  [ -n "$systemd" ] || return 0
  t systemctl daemon-reload
  t systemctl reset-failed "$1"
  case $1 in
  *.timer)
    # A stamp of now: what was missed meanwhile is not caught up by the whole fleet at once.
    [ ! -d /var/lib/systemd/timers ] || touch "/var/lib/systemd/timers/stamp-$1"
    ;;
  esac
  case $2 in
  active | activating | reloading)
    unit_now "$1"
    [ "$load" != not-found ] || { echo 'the unit is no longer here' && return; }
    within 12 systemctl start "$1" || echo 'does not start'
    ;;
  esac
}

put_back_links() {
  grep -F "link $1 " "$store/record" | while read -r _ _ mtime target path; do
    [ "$(readlink "$path" 2>/dev/null)" != "$target" ] || continue
    if there "$path"; then
      echo "$path is something else now"
      continue
    fi
    mkdir -p "${path%/*}"
    ln -s "$target" "$path" && touch -h -d "@$mtime" "$path" 2>/dev/null
  done
}

put_back_shutdown() {
  left=$((${2%??????} - $(date +%s)))
  if [ "$left" -lt 120 ]; then
    say 'note[]' "the $3 that had been scheduled is not scheduled again: its time is past" >&3
    return
  fi
  flag=-r
  case $3 in poweroff) flag=-P ;; halt) flag=-H ;; esac
  shift 3
  t shutdown "$flag" "+$((left / 60))" "$*" || echo 'shutdown refuses'
}

# copy sha mode uid gid mtime path
put_back_path() {
  if [ "$2" = absent ]; then
    keep_aside "$7" >&3
    rm -f "$7"
    return
  fi
  if there "$7" && [ "$(sum "$7")" = "$2" ]; then
    [ "$(meta "$7")" = "$3 $4 $5 $6" ] && return
  fi
  if [ ! -d "${7%/*}" ]; then
    echo 'its directory is gone'
    return
  fi
  if there "$store/files/$1" && [ "$(sum "$store/files/$1")" = "$2" ]; then
    keep_aside "$7" >&3
    fresh=${7%/*}/.holdfast-${7##*/}
    rm -f "$fresh"
    cp -a "$store/files/$1" "$fresh" && mv -f "$fresh" "$7"
  elif there "$7" && [ "$(sum "$7")" = "$2" ]; then
    chown "$4:$5" "$7" && chmod "$3" "$7" && touch -d "@$6" "$7"
  else
    echo "the copy is gone from the host; it had sha256 $2"
    return
  fi
  [ "$(sum "$7")" = "$2" ] && [ "$(meta "$7")" = "$3 $4 $5 $6" ] || echo "was put back and differs: $(meta "$7") instead of $3 $4 $5 $6"
}

put_back_line() {
  case $1 in
  'path '*)
    # shellcheck disable=SC2086
    set -- $1
    shift 2
    where=${7}
    ! [ $# -gt 7 ] || where=$(printf '%s' "$line" | sed 's/^path \([^ ]* \)\{7\}//')
    put_back_path "$1" "$2" "$3" "$4" "$5" "$6" "$where"
    ;;
  *) put_back "$1" ;;
  esac
}

main() {
  hold=$2
  store_of "$hold" || exit 2
  shift 2
  case $store in
  "$base"/policy/*)
    for other in "$base"/held/*/lease; do
      if [ -e "$other" ]; then
        other=${other%/lease}
        say fence "held ${other##*/}"
        end 'resume-updates v1'
      fi
    done
    ;;
  esac
  lock || exit 75
  if [ ! -e "$store/record" ]; then
    if [ -e "$base/ended/$hold" ]; then
      say fence again
      end 'resume-updates v1'
    fi
    if [ $# = 0 ]; then
      # Nothing of it is known; should a late pause of it still arrive, it is refused.
      mkdir -p "$base/ended" && : >"$base/ended/$hold"
      say fence absent
      end 'resume-updates v1'
    fi
    mkdir -p "$store"
    printf '%s\n' "$@" | grep -E '^(unit|boot|init|link|path|snap|livepatch|shutdown|share) ' >"$store/record"
  fi
  say fence new
  exec 3>&1
  failed=
  # Last in, first out: files before the timers that would read them were recorded after them.
  while read -r line; do
    case $line in '' | 'link '* | 'share '*) continue ;; esac
    key=$(printf '%s\n' "$line" >"$store/.line" && keys_of "$store/.line")
    if heir_of; then
      if hand_over "$line"; then say 'kept[]' "$key by ${heir##*/}"; else failed=yes && say 'failed[]' "$key: could not be handed to ${heir##*/}"; fi
      continue
    fi
    why=$(put_back_line "$line")
    if [ -z "$why" ]; then say 'restored[]' "$key"; else
      failed=yes
      say 'failed[]' "$key: ${why%%"$nl"*}"
    fi
  done <<END
$(awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$store/record")
END
  # It goes by what it read last, not by its files.
  case $(cat "$store/record") in *' /etc/systemd/'*) [ -z "$systemd" ] || t systemctl daemon-reload ;; esac
  if [ -z "$failed" ]; then
    mkdir -p "$base/ended"
    : >"$base/ended/$hold"
    rm -rf "$store"
  fi
  flush "$base"
  end 'resume-updates v1'
}

main "$@"
