# holdfast:patch-look v1
# root
#
# How far the upgrade of an intent is. Changes nothing.
#
# Arguments: intent
# Output: state=absent     nothing of this intent was begun here
#               waiting    holder=… has the lock of packages
#               installing  says=… its last line
#               done       rc=… as apt or dnf ended
#               changed    what it would do is no longer what was looked at; nothing was done
#               leaks      it would bring what was to stay off; nothing was done
#               locked     the lock was not free in time; nothing was done
#               called-off  before it began
#               died       it was begun and nobody is at it any more; other_boot=yes: the host was rebooted meanwhile
#         seconds=…                    since it began
#         changed[]=name from to       what is another version now; - = not there
#         half[]=name                  packages that stand half-way
#         stale[]=unit                 services that run with files that are gone: they want a restart
#         reboot_required=yes|no       absent = nothing here to ask
#         kernel_newest=…
#         log[]=…                      last lines, where it did not end well
#
# part:basics
# part:packages

intent=$1
case $intent in '' | .* | *[!A-Za-z0-9._-]*) say state absent && end 'patch-look v1' ;; esac
state=/var/lib/holdfast/patch/$intent

contents() { { read -r line <"$1"; } 2>/dev/null && printf '%s' "$line"; }

alive() {
  pid=$(contents "$state/pid")
  if [ -z "$pid" ]; then
    # Begun a moment ago: systemd or the shell has not come to it yet.
    [ -z "$(find "$state/run.sh" -mmin +1 2>/dev/null)" ]
    return
  fi
  tr '\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$state/run.sh"
}

stale_units() {
  for exe in /proc/[0-9]*/exe; do
    pid=${exe#/proc/}
    pid=${pid%/exe}
    case $(readlink "$exe" 2>/dev/null) in
    *' (deleted)') ;;
    *) grep -qE ' r-xp .* (/usr)?/lib.*\.so[^ ]* \(deleted\)$' "/proc/$pid/maps" 2>/dev/null || continue ;;
    esac
    sed -n 's,.*/\([^/]*\.service\)\(/.*\)\{0,1\}$,\1,p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1 | grep . || cat "/proc/$pid/comm" 2>/dev/null
  done | sort -u | head -n 40
}

if [ ! -d "$state" ]; then
  say state absent
  end 'patch-look v1'
fi
now=$(contents "$state/state")
case $now in
waiting | installing | '')
  if [ -e "$state/called-off" ] && [ "$now" != installing ]; then
    now=called-off
  elif ! alive; then
    # It may have ended between the two looks.
    now=$(contents "$state/state")
    case $now in waiting | installing | '') now=died ;; esac
  fi
  ;;
esac
say state "${now:-waiting}"
[ "$now" != waiting ] || say holder "$(contents "$state/holder")"
begun=$(contents "$state/begun")
[ -z "$begun" ] || say seconds "$(($(date +%s) - begun))"
case $now in
installing) say says "$(tail -n 1 "$state/log" 2>/dev/null)" ;;
done | died)
  say rc "$(contents "$state/rc")"
  [ "$(contents "$state/boot")" = "$(contents /proc/sys/kernel/random/boot_id)" ] || say other_boot yes
  [ -s "$state/after" ] || installed >"$state/after"
  # A package that was replaced stands in both lists; of a kernel that came beside the old one only the new one is new.
  awk 'NR == FNR { before[$1] = before[$1] " " $2; next }
    { if (index(before[$1] " ", " " $2 " ")) { kept[$1] = kept[$1] " " $2 } else after[$1] = after[$1] " " $2; all[$1] = 1 }
    END {
      for (name in after) { from = before[name]; sub(/^ /, "", from); sub(/.* /, "", from); sub(/^ /, "", after[name]); sub(/ .*/, "", after[name]); print name, (from == "" || name in kept ? "-" : from), after[name] }
      for (name in before) if (!(name in all)) { sub(/^ /, "", before[name]); sub(/ .*/, "", before[name]); print name, before[name], "-" }
    }' "$state/before" "$state/after" 2>/dev/null | sort | while read -r line; do say 'changed[]' "$line"; done
  half_configured | while read -r name; do say 'half[]' "$name"; done
  stale_units | while read -r unit; do say 'stale[]' "$unit"; done
  if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
    say reboot_required yes
  elif [ "$manager" = dnf ] && have needs-restarting; then
    if within 20 needs-restarting -r >/dev/null; then say reboot_required no; else say reboot_required yes; fi
  elif [ -e /etc/kernel/postinst.d/unattended-upgrades ] || [ -e /etc/kernel/postinst.d/update-notifier ]; then
    say reboot_required no
  fi
  # shellcheck disable=SC2012
  if have linux-version; then
    say kernel_newest "$(t linux-version list | t linux-version sort | tail -n 1)"
  elif [ "$manager" = dnf ]; then
    say kernel_newest "$(t rpm -q kernel-core --qf '%{VERSION}-%{RELEASE}.%{ARCH}\n' | sort -V | tail -n 1)"
  fi
  if [ "$(contents "$state/rc")" != 0 ]; then tail -n 8 "$state/log" 2>/dev/null | while read -r line; do say 'log[]' "$line"; done; fi
  ;;
changed | leaks) tail -n 3 "$state/simulated" 2>/dev/null | while read -r line; do say 'log[]' "$line"; done ;;
esac
end 'patch-look v1'
