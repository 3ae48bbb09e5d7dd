# holdfast:virsh v1
# root
# Looks at the power of a guest on this machine, or switches it. Arguments: status|console|log|on|off|cycle, the name of
# the domain, the URI of libvirt, and the intent where something is switched.
#   power=on|off  state=<virsh's word>      of `status`
#   line[]=<text>                           of `console` and `log`; `none=<why>` when there is none
#   fence=new|already                       of a switch: `already` = this intent was done before, nothing was done now
#   begun=yes  done=yes                     virsh was told; virsh said yes
#   failed=<why>                            nothing came of it; with `begun=yes` perhaps something did
LC_ALL=C
export LC_ALL
action=$1 domain=$2 uri=$3 intent=$4

virsh_() { timeout -k 1 5 virsh -q -c "$uri" "$@" 2>&1 </dev/null; }
oneline() { tr -s '[:cntrl:]' ' ' | cut -c1-300; }
finish() {
  printf 'end=virsh v1\n'
  exit 0
}
fail() {
  printf 'failed=%s\n' "$(printf '%s' "$1" | oneline)"
  finish
}
lines() { tail -n 40 | tr -d '\000-\010\013-\037\177' | while IFS= read -r line || [ -n "$line" ]; do printf 'line[]=%.300s\n' "$line"; done; }

command -v virsh >/dev/null 2>&1 || fail 'there is no virsh here'
case $domain in '' | -* | *[!A-Za-z0-9_.:@%+-]*) fail 'that is no name of a domain' ;; esac

state=$(virsh_ domstate "$domain") || fail "$state"
state=$(printf '%s' "$state" | head -n 1 | oneline)
# crashed, dying, paused and pmsuspended hold their memory still: only "shut off" is off.
power=on
[ "$state" = 'shut off' ] && power=off

# fence: the first doing of an intent makes the directory, the second finds it.
fence() {
  case $intent in '' | *[!A-Za-z0-9_.-]*) fail 'an intent is needed to switch' ;; esac
  mkdir -p /run/holdfast || fail 'no /run/holdfast can be made here'
  if mkdir "/run/holdfast/$intent" 2>/dev/null; then
    printf 'fence=new\n'
  else
    printf 'fence=already\n'
    finish
  fi
}
# A guest without a definition on disk is gone for good when it is destroyed.
persistent() { virsh_ dominfo "$domain" | grep -Eq '^Persistent: *yes$'; }
tell() {
  printf 'begun=yes\n'
  said=$(virsh_ "$@") || fail "$said"
  printf 'done=yes\n'
  finish
}

case $action in
  status)
    printf 'power=%s\nstate=%s\n' "$power" "$state"
    finish
    ;;
  console)
    # libvirt keeps a console only where its definition says so: <log file='…'/> in <serial> or <console>.
    file=$(virsh_ dumpxml "$domain" | sed -n "s/.*<log file='\([^']*\)'.*/\1/p" | head -n 1)
    if [ -n "$file" ] && [ -r "$file" ]; then lines <"$file"; else printf 'none=its console is not kept: give its serial device a log file in libvirt\n'; fi
    finish
    ;;
  log)
    file=/var/log/libvirt/qemu/$domain.log
    if [ -r "$file" ]; then lines <"$file"; else printf 'none=there is no %s\n' "$file"; fi
    finish
    ;;
  on)
    [ "$power" = on ] && fail "it is on already ($state)"
    fence
    tell start "$domain"
    ;;
  off)
    [ "$power" = off ] && fail 'it is off already'
    persistent || fail 'it has no definition on disk and would be gone for good'
    fence
    tell destroy "$domain"
    ;;
  cycle)
    if [ "$power" = off ]; then
      fence
      tell start "$domain"
    elif [ "$state" = running ]; then
      fence
      tell reset "$domain"
    fi
    # What crashed or stands still is not woken by the reset button.
    persistent || fail 'it has no definition on disk and would be gone for good'
    fence
    printf 'begun=yes\n'
    said=$(virsh_ destroy "$domain") || fail "$said"
    said=$(virsh_ start "$domain") || fail "$said"
    printf 'done=yes\n'
    finish
    ;;
esac
fail 'that is nothing this script does'
