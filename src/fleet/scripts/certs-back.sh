# holdfast:certs-back v1
# root
#
# Puts back what was kept for an intent, byte for byte, with mode, owner and time, each file as one; what stood in its place is
# moved aside and never thrown away. May be sent again. `look` only says what differs.
#
# Arguments: intent, look|back|undo, then paths (none = all that was kept); only undo goes behind a later rotation
# Output: state=kept|absent|superseded   absent: nothing was kept for this intent here; superseded: a later one has kept since
#         differs[]=PATH      is not as it was kept (before, where it is put back)
#         now[]=SHA256 MODE UID GID MTIME PATH   as it is after, or `absent PATH`
#         failed[]=PATH: why
#         aside[]=PATH        where something that was put away now lies
#
# part:basics
# part:kept

store_of "$1" || { say state absent && end 'certs-back v1'; }
mode=$2
shift 2
if [ ! -e "$store/files" ]; then
  say state absent
  end 'certs-back v1'
fi
if [ "$mode" = back ] && [ -r "$base/latest" ] && [ "$(cat "$base/latest")" != "${store##*/}" ]; then
  say state superseded
  end 'certs-back v1'
fi
say state kept
umask 077
archive=$store/$(archive_of)
also=$(whole)

# Prints why it could not.
put_back() {
  path=$1 wanted=$2 how=$3
  [ -d "${path%/*}" ] || { echo 'its directory is gone' && return; }
  fresh=${path%/*}/.holdfast-${path##*/}
  rm -rf "$store/out" "$fresh"
  mkdir -p "$store/out"
  # shellcheck disable=SC2086
  tar -C "$store/out" $also -xpf "$archive" ".$path" 2>/dev/null || tar -C "$store/out" -xpf "$archive" ".$path" 2>/dev/null || { echo 'the archive could not be read' && return; }
  [ "$(sum "$store/out$path")" = "$wanted" ] || { echo 'the archive does not hold what was kept' && return; }
  if there "$path"; then
    mkdir -p "$store/aside"
    number=1
    while there "$store/aside/$number-${path##*/}"; do number=$((number + 1)); done
    cp -a "$path" "$store/aside/$number-${path##*/}" && say 'aside[]' "$store/aside/$number-${path##*/}" >&3
  fi
  # Beside it first, so that it is replaced as one and never half.
  cp -a "$store/out$path" "$fresh" && mv -f "$fresh" "$path"
  rm -rf "$store/out"
  # The context that it had came with it, unless it was kept without.
  grep -q RHT.security.selinux "$archive" || { have restorecon && t restorecon "$path"; }
  [ "$(sum "$path")" = "$wanted" ] || { echo 'was put back and reads otherwise' && return; }
  # Of a link, mode is nobody's and time is not kept by every tar.
  [ -L "$path" ] || [ "$(meta "$path")" = "$how" ] || echo "was put back and differs: $(meta "$path") instead of $how"
}

asked() {
  [ "$#" -gt 1 ] || return 0
  one=$1
  shift
  for path; do [ "$path" != "$one" ] || return 0; done
  return 1
}

exec 3>&1
kept_lines | while read -r line; do
  path=$(path_of "$line")
  asked "$path" "$@" || continue
  how=${line#* }
  how=${how% "$path"}
  if ! there "$path" || [ "$(sum "$path")" != "${line%% *}" ] || { [ ! -L "$path" ] && [ "$(meta "$path")" != "$how" ]; }; then
    say 'differs[]' "$path"
    if [ "$mode" != look ]; then
      why=$(put_back "$path" "${line%% *}" "$how")
      [ -z "$why" ] || say 'failed[]' "$path: ${why%%"$nl"*}"
    fi
  fi
  if there "$path"; then say 'now[]' "$(line_of "$path")"; else say 'now[]' "absent $path"; fi
done
[ "$mode" = look ] || flush "$base"
end 'certs-back v1'
