# holdfast:reboot-off v1
# root
#
# Calls off the reboot that reboot.sh scheduled for this intent, and no other one; takes the intent, so that a call to schedule
# it that is still on its way is refused when it arrives.
#
#   <intent> <boot>   boot = as boot.sh says it; another one: too late
#
# Output: boot= and off=done | nothing (none was scheduled) | other (somebody else's is, and stays) | late (it is going down,
# or has booted since) | failed, says=…, end=reboot-off v1

# part:basics
# part:this-boot

intent=$1 expected=$2
scheduled=/run/systemd/shutdown/scheduled
fence=/run/holdfast/$intent

# how says
done_with() {
  say off "$1"
  say says "$2"
  end 'reboot-off v1'
}

case $intent in '' | .* | *[!A-Za-z0-9._-]*) done_with failed 'the intent is no name' ;; esac
this_boot
say boot "$boot"
[ "$boot" = "$expected" ] || done_with late 'it has booted since'
mkdir -m 0700 /run/holdfast 2>/dev/null
mkdir "$fence" 2>/dev/null

if [ -r "$scheduled" ]; then
  grep -qF "[$intent]" "$scheduled" || done_with other "$(sed -n 's/^WALL_MESSAGE=//p' "$scheduled")"
  said=$(shutdown -c "called off [$intent]" 2>&1)
  [ ! -e "$scheduled" ] || done_with failed "shutdown -c: ${said:-it is still scheduled}"
  done_with 'done'
fi
if first_line "$fence/pid" && grep -qF "[$intent]" "/proc/$line/cmdline" 2>/dev/null; then
  pid=$line
  if have shutdown; then shutdown -c >/dev/null 2>&1; fi
  # Its own session, where there was a setsid: the sleep below it goes along.
  kill "$pid" 2>/dev/null
  sleep 1
  grep -qF "[$intent]" "/proc/$pid/cmdline" 2>/dev/null && done_with failed "process $pid does not end"
  done_with 'done'
fi
if [ -d /run/systemd/system ] && have systemctl && [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]; then
  done_with late 'it is going down'
fi
done_with nothing
