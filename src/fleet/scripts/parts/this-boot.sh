# Sets boot (tells one boot from another), boot_id, uptime in seconds, and container where this is one: that shares boot id and
# uptime with its machine, so the start of its process 1 is told with it.
first_line() { line=; [ -r "$1" ] && IFS= read -r line 2>/dev/null <"$1"; [ -n "$line" ]; }

this_boot() {
  boot_id='' container='' uptime=''
  if first_line /proc/sys/kernel/random/boot_id; then boot_id=$line; fi
  if first_line /proc/uptime; then uptime=${line%% *}; fi
  if first_line /run/systemd/container; then
    container=$line
  elif [ -e /.dockerenv ]; then
    container=docker
  elif [ -e /run/.containerenv ]; then
    container=podman
  elif [ -d /proc/vz ] && [ ! -d /proc/bc ]; then
    container=openvz
  elif first_line /proc/1/environ && [ "${line#*container=}" != "$line" ]; then
    container=container
  fi
  boot=$boot_id
  [ -n "$container" ] && first_line /proc/1/stat || return 0
  # Field 22, in hundredths of a second since the machine booted; the name before it may hold blanks.
  # shellcheck disable=SC2086
  set -- ${line##*) }
  boot=$boot_id@${20}
  [ $((${uptime%.*} - ${20:-0} / 100)) -lt 0 ] || uptime=$((${uptime%.*} - ${20:-0} / 100))
}
