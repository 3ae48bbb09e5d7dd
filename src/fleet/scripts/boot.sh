# holdfast:boot v1
#
# Which boot this is and how far it has come; reads only, needs no root, takes no arguments. Asked again and again while a
# host is expected back, so it starts as few programs as it can.
#
# Output, one line each:
#   boot=…          tells one boot from another: the boot id; in a container, which shares that of its machine, with `@` and
#                   the start of its process 1
#   boot_id=…       /proc/sys/kernel/random/boot_id
#   uptime=…        seconds, in a container since that started
#   kernel=…        uname -r
#   container=…     absent on a machine
#   system_state=…  systemd: starting, running, degraded …; absent without systemd
#   failed_units[]=…  one each; `failed_units[]=` alone: none; absent: not known
#   end=boot v1

# part:basics
# part:this-boot

this_boot
say boot "$boot"
say boot_id "$boot_id"
say uptime "$uptime"
say kernel "$(uname -r)"
say container "$container"
if [ -n "$systemd" ]; then
  shown=$(t systemctl show -p SystemState -p NFailedUnits)
  say system_state "$(printf '%s\n' "$shown" | sed -n 's/^SystemState=//p')"
  case $shown in
  *NFailedUnits=0*) echo 'failed_units[]=' ;;
  *NFailedUnits=*)
    units=$(t systemctl list-units --state=failed --plain --no-legend --no-pager) &&
      printf '%s\n' "$units" | awk 'NF && n++ < 40 { print "failed_units[]=" $1 }'
    ;;
  esac
fi
end 'boot v1'
