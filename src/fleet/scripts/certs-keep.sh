# holdfast:certs-keep v1
# root
#
# Keeps certificates, their keys and their authorities as they are, before anything is renewed: one archive that only root
# reads, read back and compared. What was kept for an intent is never kept anew: sent again, it says what it kept. A link is
# kept as a link, with the file it leads to. After 90 days an archive is thrown away.
#
# Arguments: intent, then paths
# Output: fence=new|again
#         kept[]=SHA256 MODE UID GID MTIME PATH   of a link the hash of where it leads
#         absent[]=PATH
#         failed=…    nothing was kept, and why
#
# part:basics
# part:kept

failed() {
  say failed "$1"
  end 'certs-keep v1'
}

store_of "$1" || failed 'the intent is no name'
shift
say_kept() {
  kept_lines | while read -r line; do say 'kept[]' "$line"; done
  end 'certs-keep v1'
}
umask 077
# shellcheck disable=SC2174
mkdir -p -m 0700 "$base" "$store" 2>/dev/null
[ -d "$store" ] || failed "$store cannot be made"
find "$base" -mindepth 1 -maxdepth 1 -type d -mtime +90 ! -path "$store" -exec rm -rf {} + 2>/dev/null
if [ -e "$store/files" ]; then
  say fence again
  say_kept
fi

list=$store/list.$$ files=$store/files.$$ archive=kept.$$.tar
trap 'rm -f "$list" "$files"' EXIT
: >"$list"
for path; do
  case $path in *"$nl"*) failed 'a path has a line end in it' ;; /*) ;; *) failed "no path from the root: $path" ;; esac
  if ! there "$path"; then
    say 'absent[]' "$path"
    continue
  fi
  # One that leads to another file is two things to put back.
  for one in "$path" "$(readlink -f "$path")"; do
    [ -f "$one" ] || [ -L "$one" ] || failed "$one is no file"
    grep -qxF ".$one" "$list" || printf '.%s\n' "$one" >>"$list"
  done
done
[ -s "$list" ] || failed 'none of these files is here'

printf 'archive %s\n' "$archive" >"$files"
while read -r name; do line_of "${name#.}"; done <"$list" >>"$files"
form=
case $(tar --version 2>/dev/null) in *GNU*) form='--format=posix' ;; esac
cd / || failed 'the root cannot be entered'
# shellcheck disable=SC2046,SC2086
tar --numeric-owner $form $(whole) -cpf "$store/$archive" -T "$list" 2>/dev/null || tar --numeric-owner $form -cpf "$store/$archive" -T "$list" 2>/dev/null || tar -cf "$store/$archive" -T "$list" 2>/dev/null || failed 'tar could not write the archive'
chmod 0600 "$store/$archive"
flush "$store/$archive"
while read -r name; do
  wanted=$(grep -F " ${name#.}" "$files" | while read -r line; do [ "$(path_of "$line")" != "${name#.}" ] || printf '%s' "${line%% *}"; done)
  [ "$(sum "${name#.}")" = "$wanted" ] || failed "${name#.} changed while it was kept"
  [ ! -L "${name#.}" ] || continue
  [ "$(tar -xOf "$store/$archive" "$name" 2>/dev/null | sha256sum | cut -d' ' -f1)" = "$wanted" ] || failed "${name#.} reads otherwise in the archive"
done <"$list"
flush "$files"
# Whoever comes first has kept it; another one that was at it meanwhile takes its word.
if ln "$files" "$store/files" 2>/dev/null; then
  # Whoever was away and comes back puts back nothing of an earlier one over this.
  printf '%s\n' "${store##*/}" >"$base/latest.$$" && mv -f "$base/latest.$$" "$base/latest"
  say fence new
else
  rm -f "$store/$archive"
  say fence again
fi
flush "$store"
say_kept
