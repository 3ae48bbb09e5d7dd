# --- what is held, and what was there before -------------------------------------------------------------------------
#
# Everything stands below $base: held/<hold>/ and policy/<run>/ with
#   lease    who, why and until when
#   record   what was found before anything was touched, one line an item:
#              unit NAME LOAD FILESTATE ACTIVE LINK     LINK = what /etc/systemd/system/NAME was: `-`, `file`, or its target
#              boot NAME - - - -                        not started at boot; its links follow
#              init NAME - - STATE -                    the same without systemd
#              link NAME MTIME TARGET PATH              a link that has NAME started
#              path HOW COPY SHA256 MODE UID GID MTIME PATH   COPY = files/<n>; SHA256 = `absent` where there was no file
#              snap VALUE · livepatch VALUE · shutdown USEC MODE WORDS
#              share HOLD KEY                           another hold had it already and has its record
#   wrote    hash and path of what was written since
# and kept/<hold>/ with what others put in its place meanwhile.

base=/var/lib/holdfast

# The store of a hold, or of a policy a run set; what is no id of ours names nothing.
store_of() {
  case $1 in
  '' | *[!A-Za-z0-9._-]* | .*) return 1 ;;
  R*) store=$base/policy/$1 ;;
  *) store=$base/held/$1 ;;
  esac
}

# One script at a time; a lock of a dead process is taken over, and one so old that its number must be another process's by now.
lock() {
  mkdir -p /run/holdfast
  for _ in 1 2 3 4 5 6 7 8; do
    if mkdir /run/holdfast/updates.lock 2>/dev/null; then
      echo $$ >/run/holdfast/updates.lock/pid
      trap 'rm -rf /run/holdfast/updates.lock' EXIT
      return 0
    fi
    pid=
    [ -r /run/holdfast/updates.lock/pid ] && read -r pid </run/holdfast/updates.lock/pid
    if { [ -n "$pid" ] && [ ! -d "/proc/$pid" ]; } || [ -n "$(find /run/holdfast/updates.lock -prune -mmin +15 2>/dev/null)" ]; then
      rm -rf /run/holdfast/updates.lock
      continue
    fi
    sleep 1
  done
  return 1
}

sum() {
  if [ -L "$1" ]; then
    printf 'link:%s' "$(readlink "$1")" | sha256sum | cut -d' ' -f1
  else
    sha256sum <"$1" | cut -d' ' -f1
  fi
}
there() { [ -e "$1" ] || [ -L "$1" ]; }
# mode uid gid mtime
meta() { stat -c '%a %u %g %Y' "$1"; }

# The name of an item wanted, `move /etc/cron.d/x` → `path /etc/cron.d/x`: what two records mean alike.
key_of() {
  case $1 in
  'move '* | 'lines '* | 'conf:'* | 'make '*) key="path ${1#* }" ;;
  'unit '* | 'boot '* | 'init '*) key=$1 ;;
  *) key=${1%% *} ;;
  esac
}
# The names of what a record has; with `share`, of what it leaves to another hold.
keys_of() {
  [ ! -r "$1" ] || awk -v share="${2:-}" '
    $1 == "share" { if (share) { sub(/^share [^ ]+ /, ""); print }; next }
    share || $1 == "link" { next }
    $1 == "path" { sub(/^path [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, ""); print "path " $0; next }
    $1 ~ /^(unit|boot|init)$/ { print $1 " " $2; next }
    { print $1 }' "$1"
}
has_key() { keys_of "$1" "${2:-}" | grep -qxF -e "$key"; }

# Another hold that has the record of item $key: sets holder.
held_elsewhere() {
  for theirs in "$base"/held/*/record; do
    [ "$theirs" != "$store/record" ] || continue
    if has_key "$theirs"; then
      holder=${theirs%/record}
      holder=${holder##*/}
      return 0
    fi
  done
  return 1
}

# --- recording ---------------------------------------------------------------------------------------------------------

note_down() { printf '%s\n' "$*" >>"$store/record"; }

# How a unit stands: sets load filestate active link.
unit_now() {
  load='-' filestate='-' active='-' link='-'
  out=$(t systemctl show -p LoadState -p UnitFileState -p ActiveState "$1") || return 1
  while IFS='=' read -r name value; do
    case $name in
    LoadState) load=${value:--} ;;
    UnitFileState) filestate=${value:--} ;;
    ActiveState) active=${value:--} ;;
    esac
  done <<END
$out
END
  if [ -L "/etc/systemd/system/$1" ]; then
    link=$(readlink "/etc/systemd/system/$1")
  elif [ -e "/etc/systemd/system/$1" ]; then
    link="file"
  fi
}
# Which of many units are here, in one call; looked up once.
here=
look_up_units() {
  here=$nl
  [ -n "$systemd" ] || return 0
  here=$nl$(t systemctl show -p Id -p LoadState "$@" | awk -F= '
    $1 == "" { id = load = "" } $1 == "Id" { id = $2 } $1 == "LoadState" { load = $2 }
    id != "" && load != "" { if (load != "not-found") print id; id = load = "" }')$nl
}
unit_is_here() { case $here in *"$nl$1$nl"*) return 0 ;; esac && return 1; }

# The links that have a unit or an init script started.
links_of() {
  for path in "/etc/systemd/system/$1" /etc/systemd/system/*.wants/"$1" /etc/systemd/system/*.requires/"$1"; do
    [ ! -L "$path" ] || printf '%s\n' "$path"
  done
}
init_links_of() {
  for path in /etc/rc[0-6S].d/S[0-9][0-9]"$1" /etc/runlevels/*/"$1"; do
    [ ! -L "$path" ] || printf '%s\n' "$path"
  done
}
record_links() {
  while read -r path; do
    [ -z "$path" ] || note_down link "$1" "$(stat -c %Y "$path")" "$(readlink "$path")" "$path"
  done
}

# A copy is made, compared, and only then noted down.
record_path() {
  if ! there "$2"; then
    note_down path "$1" - absent - - - - "$2"
    return
  fi
  mkdir -p "$store/files" && chmod 0700 "$store/files"
  number=1
  while there "$store/files/$number"; do number=$((number + 1)); done
  # -a, where it is GNU's, keeps the SELinux context and attributes as well
  cp -a "$2" "$store/files/$number" && [ "$(sum "$2")" = "$(sum "$store/files/$number")" ] || return 1
  note_down path "$1" "$number" "$(sum "$2")" "$(meta "$2")" "$2"
}

# Notes one item down as it is now, unless that was done: `unit apt-daily.timer`, `move /etc/cron.d/kcare-cron`.
record_item() {
  key_of "$1"
  if has_key "$store/record" || has_key "$store/record" share; then return 0; fi
  if held_elsewhere; then
    note_down share "$holder" "$key"
    return
  fi
  kind=${1%% *}
  what=${1#* }
  case $kind in
  unit)
    unit_now "$what" || return 1
    note_down unit "$what" "$load" "$filestate" "$active" "$link"
    case $link in - | /dev/null) ;; *) links_of "$what" | record_links "$what" ;; esac
    ;;
  boot)
    note_down boot "$what" - - - -
    links_of "$what" | record_links "$what"
    ;;
  init)
    state=stopped
    ! within 10 service "$what" status >/dev/null || state="running"
    [ "$what" != kcare ] || state="-"
    note_down init "$what" - - "$state" -
    init_links_of "$what" | record_links "$what"
    ;;
  move | lines | conf:* | make) record_path "$kind" "$what" ;;
  snap) note_down snap "$(t snap get system refresh.hold || echo -)" ;;
  livepatch) note_down livepatch "$(livepatch_interval)" ;;
  shutdown) note_down shutdown "$(scheduled USEC)" "$(scheduled MODE)" "$(scheduled WALL_MESSAGE)" ;;
  quiet) ;;
  esac
}

scheduled() { sed -n "s/^$1=//p" /run/systemd/shutdown/scheduled 2>/dev/null; }
livepatch_interval() { t canonical-livepatch config | sed -n 's/^ *check-interval: *//p'; }

# On disk, so that it outlives a host that dies in the next moment: these files only, for a file system may hang elsewhere.
flush() { within 10 sync "$@" || within 10 sync || true; }

# What another put where we had taken or written something is kept, never thrown away.
keep_aside() {
  there "$1" || return 0
  now=$(sum "$1")
  if [ -f "$store/record" ] && grep -qF " $now " "$store/record"; then return 0; fi
  if [ -f "$store/wrote" ] && grep -qF "$now " "$store/wrote"; then return 0; fi
  aside=$base/kept/${store##*/}
  mkdir -p "$aside" && chmod 0700 "$aside"
  number=1
  while there "$aside/$number-${1##*/}"; do number=$((number + 1)); done
  cp -a "$1" "$aside/$number-${1##*/}" && say 'note[]' "$1 had been changed by another meanwhile: that is kept as $aside/$number-${1##*/}"
}

# Replaces a file as one, with the mode, owner and context it has; what to write comes on stdin. A link is replaced by a file: what
# it points at is not ours, is in no record and is never written.
rewrite() {
  fresh=${1%/*}/.holdfast-${1##*/}
  rm -f "$fresh"
  if ! [ -e "$1" ]; then : >"$fresh"; elif [ -L "$1" ]; then cp -pL "$1" "$fresh"; else cp -a "$1" "$fresh"; fi && cat >"$fresh" && mv -f "$fresh" "$1" || return 1
  printf '%s %s\n' "$(sum "$1")" "$1" >>"$store/wrote"
}
