# holdfast:unload-kernelcare v1
# root
#
# Takes KernelCare's live patch off the running kernel, or only looks. Nothing is undone by itself: what is unloaded stays so
# until KernelCare updates again, which a hold on updates prevents.
#
# Arguments: intent; boot id expected; act or look
# Output: kernelcare=yes|no; boot_id=, kernel=  running; effective=  with the patch; level=  of the patch, or none
#         updates=held|on  whether KernelCare would put the patch back by itself
#         fence=new|already|rebooted; unloaded=yes|no  after act; detail=  what kcarectl said; kernel_errors=N
#
# part:basics

level_now() {
  level=$(within 8 kcarectl --info | sed -n 's/^kpatch-description: *\([^;]*\).*/\1/p' | head -n 1)
  effective=$(within 8 kcarectl --uname)
}

main() {
  if ! have kcarectl; then
    say kernelcare no
    end 'unload-kernelcare v1'
  fi
  say kernelcare yes
  kernel=$(uname -r)
  read -r boot_id </proc/sys/kernel/random/boot_id
  fence=
  if [ "$3" = act ]; then
    mkdir -p /run/holdfast
    fence=new
    if [ "$boot_id" != "$2" ]; then
      fence="rebooted"
    elif ! mkdir "/run/holdfast/$1" 2>/dev/null; then
      fence="already"
    else
      # Everything that can go wrong goes wrong here: the kernel is changed while it runs.
      detail=$(timeout 18 kcarectl --unload 2>&1 </dev/null | tail -n 1)
    fi
  fi
  level_now
  say boot_id "$boot_id"
  say kernel "$kernel"
  say effective "$effective"
  say level "${level:-none}"
  updates=held
  if grep -qs '^[^#]*kcarectl' /etc/crontab /etc/cron.d/*; then updates=on; fi
  if ! grep -qsiE '^[[:space:]]*AUTO_UPDATE[[:space:]]*=[[:space:]]*(false|no|0)' /etc/sysconfig/kcare/kcare.conf; then updates=on; fi
  say updates "$updates"
  say fence "$fence"
  if [ "${effective:-$kernel}" = "$kernel" ] && [ -z "$level" ]; then say unloaded yes; else say unloaded no; fi
  say detail "${detail:-}"
  say kernel_errors "$(t dmesg --level=emerg,alert,crit,err | grep -cE 'BUG: |Oops|soft lockup|general protection fault|Kernel panic|self-detected stall')"
  end 'unload-kernelcare v1'
}

main "$@"
