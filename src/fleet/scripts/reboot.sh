# holdfast:reboot v1
# root
#
# Reboots this host in a minute, once for one intent. Everything that decides it happens in this one exec: the host compares
# its boot with the expected one and takes the intent for itself; a second caller, late or frozen, is told `already`.
#
#   look  <intent> <boot> <seconds> <words>   what speaks against it; changes nothing
#   begin <intent> <boot> <seconds> <words>   schedules it
# boot = as boot.sh says it ('' with look), seconds = up for less: it has just been rebooted, words = said to who is logged in.
#
# Output, one line each:
#   boot= boot_id= uptime= kernel=
#   blocked[]=…       why not, one each; `blocked[]=` alone: nothing
#   fence=taken       this call scheduled it; fence=already: an earlier one of this intent did, or it has happened
#   why=…             with already: rebooted (another boot than expected), intent (taken before)
#   how=…             systemd, shutdown (one that waits in the background), reboot (none of these: sleeps, then reboots)
#   scheduled=…       seconds since 1970 by this host's clock; absent = nothing is scheduled now
#   failed=…          it was to be scheduled and was not
#   end=reboot v1

# part:basics
# part:this-boot

mode=$1 intent=$2 expected=$3 least_up=$4 words="$5 [$2]"
scheduled=/run/systemd/shutdown/scheduled
fence=/run/holdfast/$intent

# --- what speaks against it ---------------------------------------------------------------------------------------------

blocked() { printf 'blocked[]=%s\n' "$1"; }

# /proc/locks names inode and pid of whoever holds one of these files.
package_lock() {
  files=
  for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock \
    /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock /run/zypp.pid /lib/apk/db/lock; do
    [ ! -e "$file" ] || files="$files $file"
  done
  if [ -n "$files" ] && [ -r /proc/locks ]; then
    # shellcheck disable=SC2086
    inodes=$(stat -c %i $files 2>/dev/null | tr '\n' ' ')
    pid=$(awk -v inodes=" $inodes" '$2 != "->" { split($6, at, ":"); if (index(inodes, " " at[3] " ")) { print $5; exit } }' /proc/locks)
    if [ -n "$pid" ] && [ "$pid" -gt 0 ] 2>/dev/null; then
      first_line "/proc/$pid/comm" || line=unknown
      blocked "$line (pid $pid) holds the package lock"
      return
    fi
  fi
  for file in /run/dnf.pid /var/run/dnf.pid /var/run/yum.pid; do
    if first_line "$file" && [ -d "/proc/$line" ]; then
      blocked "${file##*/} (pid $line) says that packages are being installed"
      return
    fi
  done
}

packages() {
  package_lock
  if [ -e /var/lib/dpkg/status ] && have dpkg-query; then
    # shellcheck disable=SC2016
    half=$(t dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' | awk -F'|' '$1 ~ /^.[UFHWt]/ || $1 ~ /^..R/ { printf "%s%s", (n++ ? ", " : ""), $2 }')
    [ -z "$half" ] || blocked "packages are half-configured: $half"
  fi
  for file in /var/lib/yum/transaction-all*; do
    if [ -e "$file" ]; then
      blocked 'a transaction of yum was left half-way'
      break
    fi
  done
}

jobs() {
  [ -d /run/systemd/system ] && have systemctl || return 0
  queued=$(t systemctl list-jobs --no-legend --plain --no-pager | awk 'NF > 3 { printf "%s%s (%s)", (n++ ? ", " : ""), $2, $3 }')
  [ -z "$queued" ] || blocked "systemd is at work: $queued"
}

raid() {
  [ -r /proc/mdstat ] || return 0
  rebuilt=$(awk '/^md/ { array = $1 } /(recovery|resync|reshape) *=/ { printf "%s%s", (n++ ? ", " : ""), array }' /proc/mdstat)
  [ -z "$rebuilt" ] || blocked "RAID is being rebuilt: $rebuilt"
}

# A crash kernel saves the memory of the one before, or a service of this boot still compresses it.
crash_dump() {
  for file in /proc/[0-9]*/comm; do
    { read -r name <"$file"; } 2>/dev/null || continue
    case $name in makedumpfile | savecore | vmcore-dmesg)
      blocked "$name is saving a crash dump"
      return
      ;;
    esac
  done
  for file in /var/crash/*/vmcore-incomplete /var/crash/*/dump-incomplete*; do
    if [ -e "$file" ] && [ -n "$(find "$file" -mmin -10 2>/dev/null)" ]; then
      blocked "a crash dump is being written: $file"
      return
    fi
  done
}

recent_boot() {
  case $least_up in '' | *[!0-9]*) return 0 ;; esac
  [ "${uptime%.*}" -ge "$least_up" ] || blocked "it booted only ${uptime%.*} s ago"
}

# Beside each file is a pipe of the same name with .ref, which nobody should read.
inhibitors() {
  for file in /run/systemd/inhibit/*; do
    if [ -f "$file" ] && grep -q '^MODE=block' "$file" 2>/dev/null && grep -q '^WHAT=.*shutdown' "$file"; then
      blocked "$(sed -n 's/^WHO=//p' "$file") forbids it: $(sed -n 's/^WHY=//p' "$file")"
    fi
  done
}

other_shutdown() {
  [ -r "$scheduled" ] || return 0
  ours || blocked "a $(sed -n 's/^MODE=//p' "$scheduled") is scheduled already: $(sed -n 's/^WALL_MESSAGE=//p' "$scheduled")"
}

ours() { [ -r "$scheduled" ] && grep -qF "[$intent]" "$scheduled"; }

look() {
  found=$({
    packages
    jobs
    raid
    crash_dump
    recent_boot
    inhibitors
    other_shutdown
  } | tr '\000-\011\013-\037\177' ' ' | cut -c 1-400 | head -n 20)
  printf '%s\n' "${found:-blocked[]=}"
}

# --- doing it ---------------------------------------------------------------------------------------------------------------

say_scheduled() {
  if ours; then
    usec=$(sed -n 's/^USEC=\([0-9]\{7,\}\)$/\1/p' "$scheduled")
    say scheduled "${usec%??????}"
  elif first_line "$fence/pid" && grep -qF "[$intent]" "/proc/$line/cmdline" 2>/dev/null && first_line "$fence/at"; then
    say scheduled "$line"
  fi
}

# Ours alone from here on: whoever reboots in the background carries the intent in his arguments.
schedule() {
  if [ -d /run/systemd/system ] && have shutdown; then
    say how systemd
    said=$(shutdown -r +1 "$words" 2>&1)
    ours || say failed "shutdown -r +1: ${said:-nothing is scheduled after it}"
    return
  fi
  if have shutdown; then
    say how shutdown
    set -- shutdown -r +1 "$words"
  elif have reboot; then
    say how reboot
    set -- sh -c 'sleep 60; exec reboot' "$words"
  else
    say failed 'there is neither shutdown nor reboot here'
    return
  fi
  have setsid && set -- setsid "$@"
  (trap '' HUP && exec "$@") </dev/null >/dev/null 2>&1 &
  echo "$!" >"$fence/pid"
  echo "$(($(date +%s) + 60))" >"$fence/at"
  sleep 1
  kill -0 "$!" 2>/dev/null || say failed "$1 ended at once"
}

case $intent in
'' | .* | *[!A-Za-z0-9._-]*)
  say failed 'the intent is no name'
  end 'reboot v1'
  ;;
esac
this_boot
say boot "$boot"
say boot_id "$boot_id"
say uptime "$uptime"
say kernel "$(uname -r)"
if [ "$mode" != begin ]; then
  look
  end 'reboot v1'
fi
if [ "$boot" != "$expected" ]; then
  say fence already
  say why rebooted
  end 'reboot v1'
fi
if [ ! -d "$fence" ]; then
  against=$(look)
  printf '%s\n' "$against"
  [ "$against" = 'blocked[]=' ] || end 'reboot v1'
  mkdir -m 0700 /run/holdfast 2>/dev/null
fi
# Exactly one of all who come makes it; it stays until the next boot, which has another id.
if mkdir "$fence" 2>/dev/null; then
  say fence taken
  schedule
elif [ -d "$fence" ]; then
  say fence already
  say why intent
else
  say failed "$fence cannot be made"
fi
say_scheduled
end 'reboot v1'
