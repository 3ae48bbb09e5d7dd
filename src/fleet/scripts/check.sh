# holdfast:check v1
#
# Looks at one host: what it is, how it is, who changes it. Reads only, changes nothing, needs no root (and says what it
# did not see for want of it). POSIX sh: dash, busybox ash, bash. Arrives on stdin of `sh -s` after `set -- 'arg' …`.
#
# Output contract v1 (held by contract.ts; keys and types in ../facts/catalogue.ts), one line each:
#   key=value            a scalar. number: decimal; yesno: yes or no; time: seconds since 1970, decimals allowed;
#                        version and text: as the host says it
#   key[]=item           one item of a list; `key[]=` alone: looked, and there is none
#   key{}={"a":1,…}      one row of a table, one-line JSON; yesno as true/false, time as number; `key{}=` alone: no rows
#   key?=reason          not obtained: `root` (needs root or the sudoers line), `timeout`, `failed <rc>`
#   end=check v1         the last line: what came before is whole
# A fact the host does not have (no systemd, no Xen …) has no line at all. Values are one line without control
# characters, at most 500 characters; a key has at most 40 items or rows; a scalar comes once. Facts the catalogue calls
# derived are never printed. boot_id, hostname, kernel, arch, uptime, host_time and check_ms always are.
#
# Arguments (check-args.ts makes and reads them), service probes one after the other:
#   port <name> <number>                 a listener on that TCP port
#   http <name> <status> <contains> <url>  that status ('' = any below 400) without following redirects, and that text
#                                        in the first 256 kB ('' = any)
#   command <name> <argc> <argv…>        exit code 0; run as it is, never through a shell

LC_ALL=C TZ=UTC
export LC_ALL TZ
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin:/snap/bin
nl='
'

# --- how things are said and run ------------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }
put() { [ -z "$2" ] || printf '%s=%s\n' "$1" "${2%%"$nl"*}"; }
# Items are the lines of $2; none at all is said too.
list() { if [ -n "$2" ]; then printf '%s\n' "$2" | sed "s/^/$1[]=/"; else printf '%s[]=\n' "$1"; fi; }
first_line() { line=; [ -r "$1" ] && IFS= read -r line 2>/dev/null <"$1"; [ -n "$line" ]; }
put_file() { first_line "$2" && put "$1" "$line"; }

unseen() {
  case $2 in
  77) printf '%s?=root\n' "$1" ;;
  124 | 137 | 143) printf '%s?=timeout\n' "$1" ;;
  *) printf '%s?=failed %s\n' "$1" "$2" ;;
  esac
}

# Hundredths of a second on a clock nobody sets.
clock() { read -r clock _ </proc/uptime && clock=${clock%.*}${clock#*.}; }

# One probe: 5 s at most, and 11 s for all of them together, so that slow ones do not add up past the verdict.
t() {
  clock
  left=$(((began + 1100 - clock) / 100))
  [ "$left" -le 5 ] || left=5
  [ "$left" -ge 1 ] || return 124
  case $timeout in
  kill) timeout -k 1 "$left" "$@" ;;
  plain) timeout "$left" "$@" ;;
  old) timeout -t "$left" "$@" ;;
  *) "$@" ;;
  esac 2>/dev/null
}

# Root, or exactly this command by the sudoers line (../scripts/sudoers.ts has each of them); 77 = neither.
asroot() {
  if [ "$uid" = 0 ]; then
    t "$@"
    return
  fi
  [ -n "$sudo" ] || return 77
  t sudo -n "$@"
  asroot_rc=$?
  [ "$asroot_rc" != 1 ] || t sudo -n -l "$@" >/dev/null || return 77
  return "$asroot_rc"
}

# The value as a JSON string, in $json.
quote() {
  json=${1%%"$nl"*}
  [ ${#json} -le 120 ] || json=$(printf '%.120s' "$json")
  case $json in *[\\\"]*) json=$(printf '%s\n' "$json" | sed 's/[\\"]/\\&/g') ;; esac
  json=\"$json\"
}

prepare() {
  clock
  began=$clock
  timeout=
  if have timeout; then
    if timeout -k 1 5 true 2>/dev/null; then
      timeout="kill"
    elif timeout 5 true 2>/dev/null; then
      timeout="plain"
    elif timeout -t 5 true 2>/dev/null; then
      timeout="old"
    fi
  fi
  uid=$(id -u)
  # Asked once: on a host without the line, every refusal would be a line in its auth log.
  sudo=
  if [ "$uid" != 0 ] && have sudo && t sudo -n -l >/dev/null; then sudo=yes; fi
  # Packages whose versions are told.
  agents='apt|unattended-upgrades|cron-apt|apticron|dnf-automatic|yum-cron|packagekit|PackageKit|snapd|kernelcare|kpatch|uptrack|zincati|rebootmgr|puppet-agent|puppet|chef|salt-minion|ansible|ansible-core'
  systemd=
  if [ -d /run/systemd/system ] && have systemctl; then systemd=yes; fi
}

# --- identity, kernel, hardware ---------------------------------------------------------------------------------------

identity() {
  put_file machine_id /etc/machine-id
  put_file boot_id /proc/sys/kernel/random/boot_id
  put_file hostname /proc/sys/kernel/hostname
  kernel=$(uname -r)
  put kernel "$kernel"
  put arch "$(uname -m)"
  put_file kernel_tainted /proc/sys/kernel/tainted
  cpus=$(grep -c '^processor' /proc/cpuinfo 2>/dev/null)
  [ "${cpus:-0}" -gt 0 ] || cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null)
  put cpus "$cpus"
  put cpu "$(sed -n 's/^model name[[:space:]]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)"
  os=
  if [ -r /etc/os-release ]; then
    while IFS='=' read -r name value; do
      value=${value#[\"\']}
      value=${value%[\"\']}
      case $name in
      ID) os=$value ;;
      VERSION_ID) case $value in *[0-9]*) put os_version "$value" ;; esac ;;
      esac
    done </etc/os-release
  fi
  put os "$os"
}

machine() {
  vendor='' product='' virt='' container=''
  if first_line /sys/class/dmi/id/sys_vendor; then vendor=$line; fi
  if first_line /sys/class/dmi/id/product_name; then product=$line; fi
  put vendor "$vendor"
  put product "$product"
  if have systemd-detect-virt; then
    virt=$(t systemd-detect-virt)
  else
    case $vendor in
    QEMU*) virt=kvm ;;
    VMware*) virt=vmware ;;
    Xen*) virt=xen ;;
    'Amazon EC2') virt=amazon ;;
    Microsoft*) case $product in Virtual*) virt=microsoft ;; *) virt=none ;; esac ;;
    innotek*) virt=oracle ;;
    ?*) grep -q '^flags.* hypervisor' /proc/cpuinfo 2>/dev/null || virt=none ;;
    esac
    if [ -e /.dockerenv ]; then virt=docker; elif [ -e /run/.containerenv ]; then virt=podman; fi
  fi
  case $virt in
  lxc* | systemd-nspawn | docker | podman | rkt | openvz | wsl | proot | pouch | container-other) container=$virt ;;
  esac
  put virt "$virt"
  put container "$container"
  if first_line /sys/hypervisor/type; then
    put hypervisor "$line"
    if [ "$line" = xen ] && first_line /sys/hypervisor/version/major; then
      xen=$line
      first_line /sys/hypervisor/version/minor && xen=$xen.$line
      # extra begins with its dot
      first_line /sys/hypervisor/version/extra && xen=$xen$line
      put xen "$xen"
    fi
  fi
}

# A container shares the clock of the machine's boot; its own boot is the start of its process 1.
uptime_here() {
  read -r uptime _ </proc/uptime
  if [ -n "$container" ] && first_line /proc/1/stat; then
    # shellcheck disable=SC2086
    set -- ${line##*) }
    started=$((${20:-0} / 100))
    [ $((${uptime%.*} - started)) -lt 0 ] || uptime=$((${uptime%.*} - started))
  fi
  put uptime "$uptime"
  [ -z "$container" ] && have last || return
  boots=$(t last -x -n 3 reboot shutdown) || return
  case $boots in
  reboot*"$nl"reboot*) unclean=yes ;;
  reboot*"$nl"shutdown*) unclean=no ;;
  *) return ;;
  esac
  put unclean_boot "$unclean"
}

kernel_installed() {
  [ -z "$container" ] || return
  newest=
  for file in /boot/vmlinuz-[0-9]* /boot/vmlinux-[0-9]*; do
    case $file in *-rescue* | *.old | *.bak) continue ;; esac
    [ ! -e "$file" ] || newest=$newest${file#/boot/vmlinu?-}$nl
  done
  if [ -z "$newest" ]; then
    for file in /lib/modules/[0-9]*/modules.dep; do
      [ ! -e "$file" ] || { file=${file#/lib/modules/} && newest=$newest${file%%/*}$nl; }
    done
  fi
  newest=$(printf '%s' "$newest" | sort -V 2>/dev/null | tail -n 1)
  put kernel_newest "$newest"
  # No /proc/modules: a kernel without modules (Firecracker …) misses none.
  if [ -e /proc/modules ]; then
    if [ -d "/lib/modules/$kernel" ] || [ -d "/usr/lib/modules/$kernel" ]; then put kernel_modules yes; else put kernel_modules no; fi
  fi
}

livepatch() {
  if have kcarectl; then
    out=$(asroot kcarectl --info)
    rc=$?
    if [ "$rc" != 0 ] && [ "$rc" != 1 ]; then
      unseen livepatch "$rc"
    else
      level=$(printf '%s\n' "$out" | sed -n 's/^kpatch-description: *\([^;]*\).*/\1/p' | head -n 1)
      put livepatch "kernelcare ${level:-none}"
      put livepatch_kernel "$(asroot kcarectl --uname)"
    fi
    for dir in /var/cache/kcare/patches /var/cache/kcare; do
      [ -d "$dir" ] && put livepatch_pulled "$(stat -c %Y "$dir" 2>/dev/null)" && break
    done
    return
  fi
  if have canonical-livepatch; then
    out=$(t canonical-livepatch status)
    rc=$?
    if [ "$rc" = 0 ]; then
      level=$(printf '%s\n' "$out" | sed -n 's/^ *version: *"\{0,1\}\([^"]*\).*/\1/p' | head -n 1)
      put livepatch "canonical ${level:-none}"
    else
      unseen livepatch "$rc"
    fi
    return
  fi
  if have uptrack-uname; then
    effective=$(t uptrack-uname -r)
    put livepatch_kernel "$effective"
    put livepatch "ksplice ${effective:-none}"
    return
  fi
  [ -d /sys/kernel/livepatch ] || return
  patches=
  for dir in /sys/kernel/livepatch/*; do
    first_line "$dir/enabled" && [ "$line" = 1 ] && patches="$patches ${dir##*/}"
  done
  put livepatch "kpatch${patches:- none}"
}

hardware() {
  ce=0 ue=0 edac=
  for dir in /sys/devices/system/edac/mc/mc[0-9]*; do
    if first_line "$dir/ce_count"; then edac=yes ce=$((ce + line)); fi
    if first_line "$dir/ue_count"; then ue=$((ue + line)); fi
  done
  if [ -n "$edac" ]; then
    put edac_ce "$ce"
    put edac_ue "$ue"
  fi
  if [ -r /proc/mdstat ]; then
    list raid_degraded "$(awk '/^md/ { array = $1 } match($0, /\[[U_]*_[U_]*\]/) { print array " " substr($0, RSTART, RLENGTH) }' /proc/mdstat)"
  fi
  # Virtual disks have no SMART; asking them only fails.
  [ "$virt" = none ] && have smartctl || return
  failing='' rc=0 disks=''
  for disk in /dev/sd[a-z] /dev/nvme[0-9]n1; do
    [ -b "$disk" ] || continue
    disks=yes
    # A sleeping disk is left asleep.
    out=$(asroot smartctl -n standby -H -j "$disk")
    rc=$?
    case $rc in 77 | 124 | 137 | 143) break ;; esac
    case $out in *'"passed": false'*) failing=${failing:+$failing$nl}$disk ;; esac
    rc=0
  done
  if [ "$rc" != 0 ]; then unseen smart_failing "$rc"; elif [ -n "$disks" ]; then list smart_failing "$failing"; fi
}

# --- units, packages, updates -----------------------------------------------------------------------------------------

services() {
  if [ -n "$systemd" ]; then
    out=$(t systemctl show -p SystemState -p NFailedUnits -p NJobs)
    rc=$?
    if [ "$rc" != 0 ]; then
      unseen failed_units "$rc"
      return
    fi
    failed=0
    while IFS='=' read -r name value; do
      case $name in
      SystemState) put system_state "$value" ;;
      NJobs) put jobs_queued "$value" ;;
      NFailedUnits) failed=$value ;;
      esac
    done <<END
$out
END
    if [ "$failed" = 0 ]; then list failed_units ''; else
      out=$(t systemctl list-units --state=failed --plain --no-legend --no-pager)
      rc=$?
      if [ "$rc" = 0 ]; then list failed_units "$(printf '%s\n' "$out" | awk 'NF { print $1 }')"; else unseen failed_units "$rc"; fi
    fi
  elif have rc-status; then
    out=$(t rc-status --crashed)
    list failed_units "$(printf '%s\n' "$out" | awk '/\[.*crashed.*\]/ { print $1 }')"
  fi
  if [ -r /run/systemd/shutdown/scheduled ]; then
    usec=$(sed -n 's/^USEC=\([0-9]\{7,\}\)$/\1/p' /run/systemd/shutdown/scheduled)
    put reboot_scheduled "${usec%??????}"
  fi
}

packages() {
  installed=$nl tool='' newer=''
  if [ -e /var/lib/dpkg/status ] && have dpkg-query; then
    dpkg_packages
  elif { [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ]; } && have rpm; then
    rpm_packages
  fi
  [ -n "$container" ] || reboot_required
}

# One call to the package database gives what is held, what is half-way and the versions of what updates.
dpkg_packages() {
  tool=dpkg
  # shellcheck disable=SC2016
  out=$(t dpkg-query -W -f '${db:Status-Abbrev}|${Package}|${Version}\n')
  rc=$?
  if [ "$rc" != 0 ]; then
    unseen package_broken "$rc"
    return
  fi
  list package_broken "$(printf '%s\n' "$out" | awk -F'|' '$1 ~ /^.[UFHWt]/ || $1 ~ /^..R/ { print $2 }')"
  list package_holds "$(printf '%s\n' "$out" | awk -F'|' '$1 ~ /^h/ { print $2 }')"
  installed=$nl$(printf '%s\n' "$out" | awk -F'|' -v names="^($agents)\$" '$1 ~ /^.i/ && $2 ~ names { print $2 " " $3 }')$nl
}

rpm_packages() {
  tool=rpm
  # The packages of dnf's needs-restarting -r, by install time against boot: the same answer without starting Python.
  out=$(t rpm -q --qf '%{NAME} %{VERSION}-%{RELEASE} %{INSTALLTIME}\n' kernel kernel-core kernel-rt kernel-default \
    kernel-PAE glibc linux-firmware systemd dbus dbus-broker dbus-daemon microcode_ctl openssl-libs gnutls \
    dnf-automatic yum-cron PackageKit snapd kernelcare kpatch uptrack zincati rebootmgr puppet-agent puppet chef salt-minion)
  rc=$?
  # rpm's own code counts the packages that are not installed.
  case $rc in 124 | 137 | 143) unseen package_holds "$rc" && return ;; esac
  booted=$(awk '/^btime/ { print $2 }' /proc/stat)
  installed=$nl$(printf '%s\n' "$out" | awk -v names="^($agents)\$" '$1 ~ names && NF == 3 { print $1 " " $2 }')$nl
  newer=$(printf '%s\n' "$out" | awk -v booted="${booted:-0}" -v names="^($agents)\$" 'NF == 3 && booted && $3 > booted && $1 !~ names { print $1 }' | sort -u)
  locks=
  for file in /etc/dnf/plugins/versionlock.list /etc/yum/pluginconf.d/versionlock.list; do
    [ ! -r "$file" ] || locks=$locks$nl$(sed -e '/^[[:space:]]*#/d' -e '/^[[:space:]]*$/d' "$file")
  done
  [ ! -r /etc/zypp/locks ] || locks=$locks$nl$(sed -n 's/^solvable_name: *//p' /etc/zypp/locks)
  list package_holds "$(printf '%s\n' "$locks" | sed '/^$/d')"
}

reboot_required() {
  if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
    put reboot_required yes
    if [ -r /run/reboot-required.pkgs ]; then list reboot_packages "$(sort -u /run/reboot-required.pkgs)"; fi
  elif [ -e /run/reboot-needed ]; then
    put reboot_required yes
  elif [ "$tool" = rpm ] && [ -d /etc/zypp ]; then
    put reboot_required no
  elif [ "$tool" = rpm ]; then
    if [ -n "$newer" ]; then put reboot_required yes && list reboot_packages "$newer"; else put reboot_required no; fi
  elif [ -e /etc/kernel/postinst.d/unattended-upgrades ] || [ -e /etc/kernel/postinst.d/update-notifier ]; then
    # Only with one of these hooks does a missing file mean "no".
    put reboot_required no
  fi
}

# /proc/locks names inode and pid to anyone; lslocks would need root for the same.
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
      put package_lock "$line (pid $pid)"
      return
    fi
  fi
  for file in /run/dnf.pid /var/run/dnf.pid /var/run/yum.pid; do
    if first_line "$file" && [ -d "/proc/$line" ]; then
      put package_lock "${file##*/} (pid $line)"
      return
    fi
  done
}

version_of() {
  version=
  for name in "$@"; do
    case $installed in *"$nl$name "*) version=${installed#*"$nl$name "} && version=${version%%"$nl"*} && return 0 ;; esac
  done
  return 1
}

# Whether a hold of ours stops what this updater belongs to: what is off by it is held, and what is on in spite of it stays on.
held() {
  case $1 in
  apt-* | unattended-upgrades | cron-apt | apticron) source=apt ;;
  dnf* | yum-cron) source=dnf ;;
  snapd) source=snap ;;
  canonical-livepatch) source=livepatch ;;
  transactional-update | rebootmgr | zincati) source=image ;;
  puppet | chef-client | salt-minion | ansible-pull | kured) source=agents ;;
  *) source=$1 ;;
  esac
  grep -qsx "$source" /var/lib/holdfast/held/*/sources
}

# name state version next schedule path detail
agent() {
  quote "$1"
  row="{\"name\":$json"
  quote "$2"
  case $2 in off | masked) ! held "$1" || json='"held"' ;; esac
  row="$row,\"state\":$json"
  [ -z "$3" ] || { quote "$3" && row="$row,\"version\":$json"; }
  case $4 in '' | *[!0-9]*) ;; *) row="$row,\"next\":$4" ;; esac
  [ -z "$5" ] || { quote "$5" && row="$row,\"schedule\":$json"; }
  [ -z "$6" ] || { quote "$6" && row="$row,\"path\":$json"; }
  [ -z "$7" ] || { quote "$7" && row="$row,\"detail\":$json"; }
  printf 'update_agents{}=%s}\n' "$row"
  agents_seen=yes
}

# Every unit that updates, in one call; each becomes a line `unit load file active next`.
units() {
  units=$nl
  [ -n "$systemd" ] || return
  units=$nl$(t systemctl show -p Id -p LoadState -p UnitFileState -p ActiveState -p NextElapseUSecRealtime \
    apt-daily.timer apt-daily-upgrade.timer dnf-automatic.timer dnf-automatic-install.timer dnf-automatic-download.timer \
    dnf5-automatic.timer yum-cron.service packagekit.service packagekit-offline-update.service snapd.service snapd.socket \
    kcare.service snap.canonical-livepatch.canonical-livepatchd.service kpatch.service zincati.service rebootmgr.service \
    puppet.service puppet-run.timer chef-client.service chef-client.timer salt-minion.service transactional-update.timer | awk -F= '
    function epoch(text,  part, day, time, y, m, d) {
      split(text, part, " "); split(part[2], day, "-"); split(part[3], time, ":")
      if (day[1] + 0 < 1970) return "-"
      y = day[1]; m = day[2]; d = day[3]
      if (m < 3) { y--; m += 12 }
      return ((365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469) * 86400) + time[1] * 3600 + time[2] * 60 + time[3]
    }
    function flush() { if (id != "") printf "%s %s %s %s %s\n", id, load, file, active, due; id = ""; load = file = active = due = "-" }
    BEGIN { flush() }
    $1 == "" { flush() }
    $1 == "Id" { id = $2 } $1 == "LoadState" { load = $2 } $1 == "UnitFileState" && $2 != "" { file = $2 }
    $1 == "ActiveState" { active = $2 } $1 == "NextElapseUSecRealtime" { due = epoch($2) }
    END { flush() }')$nl
}

# Sets load, file, active, next; false when the unit does not exist here.
unit() {
  load=not-found file=- active=- next=
  case $units in *"$nl$1 "*) ;; *) return 1 ;; esac
  rest=${units#*"$nl$1 "}
  # shellcheck disable=SC2086
  set -- ${rest%%"$nl"*}
  load=$1 file=$2 active=$3 next=$4
  [ "$load" != not-found ]
}

# on = acts by itself, masked, off = is here and does not. For the unit last looked at.
unit_state() {
  if [ "$load" = masked ]; then state=masked; elif [ "$active" = active ]; then state=on; else state=off; fi
}

running() { case $tasks in *"$nl$1$nl"*) return 0 ;; esac && return 1; }

update_agents() {
  agents_seen=
  units
  jobs=$(grep -HE '^[^#]*(kcarectl|unattended-upgrade|cron-apt|apticron|uptrack-upgrade|ansible-pull|yum-cron|dnf-automatic|puppet agent|chef-client|salt-call|(apt-get|dnf|yum|zypper|apk) .*(up|dist-)(grade|date))' \
    /etc/crontab /etc/cron.d/* 2>/dev/null)
  apt_agents
  rpm_agents
  livepatch_agents
  other_agents
  [ -n "$agents_seen" ] || printf 'update_agents{}=\n'
}

# The first cron line with word $1: sets path and schedule.
cron_job() {
  path='' schedule=''
  case $jobs in *"$1"*) ;; *) return 1 ;; esac
  job=$(printf '%s\n' "$jobs" | grep -F -m 1 -e "$1")
  path=${job%%:*}
  job=${job#*:}
  case $job in
  @*) schedule=${job%% *} ;;
  *) schedule=$(printf '%s\n' "$job" | awk '{ print $1, $2, $3, $4, $5 }') ;;
  esac
}

apt_agents() {
  if unit apt-daily-upgrade.timer; then
    periodic=$(t apt-config dump APT::Periodic)
    auto_reboot=$(t apt-config dump Unattended-Upgrade::Automatic-Reboot)
    enabled=yes detail=''
    case $periodic in *'APT::Periodic::Enable "0"'*) enabled='' detail='APT::Periodic::Enable 0' ;; esac
    version_of apt
    for name in apt-daily.timer apt-daily-upgrade.timer; do
      unit "$name" || continue
      unit_state
      upgrade_state=$state
      [ -n "$enabled" ] || [ "$state" != on ] || state=off
      agent "$name" "$state" "$version" "$next" '' '' "$detail"
    done
    upgrade=$next
    if version_of unattended-upgrades; then
      state=$upgrade_state
      case $periodic in *'APT::Periodic::Unattended-Upgrade "0"'*) enabled= ;; *'APT::Periodic::Unattended-Upgrade "'*) ;; *) enabled= ;; esac
      [ -n "$enabled" ] || [ "$state" != on ] || state=off
      ! running unattended-upgr || state=running
      detail=
      case $auto_reboot in *'"true"'* | *'"1"'*) detail='reboots by itself' ;; esac
      agent unattended-upgrades "$state" "$version" "$upgrade" '' '' "$detail"
    fi
  elif cron_job unattended-upgrade; then
    version_of unattended-upgrades
    agent unattended-upgrades on "$version" '' "$schedule" "$path" ''
  fi
  for name in cron-apt apticron; do
    if cron_job "$name"; then version_of "$name" && agent "$name" on "$version" '' "$schedule" "$path" ''; fi
  done
}

rpm_agents() {
  version_of dnf-automatic
  for name in dnf-automatic.timer dnf-automatic-install.timer dnf-automatic-download.timer dnf5-automatic.timer; do
    unit "$name" || continue
    unit_state
    detail=''
    # The -install and -download timers override what the file says.
    case $name in
    *-install*) ;;
    *-download*) detail='downloads only' ;;
    *) grep -qsE '^ *apply_updates *= *(yes|true|1)' /etc/dnf/automatic.conf || detail='downloads only' ;;
    esac
    ! grep -qsE '^ *reboot *= *when-' /etc/dnf/automatic.conf || detail="${detail:+$detail, }reboots by itself"
    agent "$name" "$state" "$version" "$next" '' '' "$detail"
  done
  if unit yum-cron.service; then unit_state && version_of yum-cron && agent yum-cron "$state" "$version" '' '' '' ''; fi
  if unit transactional-update.timer; then unit_state && agent transactional-update "$state" '' "$next" '' '' ''; fi
  if unit packagekit.service; then
    state=off
    [ "$load" != masked ] || state=masked
    detail='started when something asks over D-Bus'
    if [ -L /system-update ] || [ -e /var/lib/PackageKit/prepared-update ]; then state=on detail='offline update prepared'; fi
    version_of packagekit PackageKit
    agent packagekit "$state" "$version" '' '' '' "$detail"
  fi
  if unit rebootmgr.service; then
    unit_state
    detail=$(t rebootmgrctl get-strategy)
    case $detail in *off*) state=off ;; esac
    version_of rebootmgr
    agent rebootmgr "$state" "$version" '' '' '' "$detail"
  fi
  if unit zincati.service; then
    unit_state
    ! grep -qsE '^ *enabled *= *false' /etc/zincati/config.d/*.toml || state=off
    version_of zincati
    agent zincati "$state" "$version" '' '' '' ''
  fi
}

livepatch_agents() {
  if cron_job kcarectl || have kcarectl; then
    state=off detail=''
    [ -z "$path" ] || state=on
    if grep -qiE '^ *AUTO_UPDATE *= *(false|no|0)' /etc/sysconfig/kcare/kcare.conf 2>/dev/null; then state=off detail='AUTO_UPDATE=False'; fi
    for name in PREFIX UPDATE_DELAY AUTO_UPDATE_DELAY STICKY_PATCH STICKY_PATCHSET UPDATE_POLICY; do
      value=$(sed -n "s/^ *$name *= *//p" /etc/sysconfig/kcare/kcare.conf 2>/dev/null)
      [ -z "$value" ] || detail=${detail:+$detail, }$name=$value
    done
    if unit kcare.service && [ "$file" = enabled ]; then detail=${detail:+$detail, }'loads at boot'; fi
    ! running kcarectl || state=running
    version_of kernelcare
    agent kernelcare "$state" "$version" '' "$schedule" "$path" "$detail"
  fi
  if unit snap.canonical-livepatch.canonical-livepatchd.service; then
    unit_state
    agent canonical-livepatch "$state" '' '' '' '' ''
  fi
  if unit kpatch.service; then
    state=off
    [ "$file" != enabled ] || state=on
    version_of kpatch
    agent kpatch "$state" "$version" '' '' '' 'loads at boot'
  fi
  if [ -r /etc/uptrack/uptrack.conf ]; then
    state=off
    ! grep -qE '^ *autoinstall *= *yes' /etc/uptrack/uptrack.conf || state=on
    [ ! -e /etc/uptrack/disable ] || state=held
    cron_job uptrack-upgrade
    version_of uptrack
    agent ksplice "$state" "$version" '' "$schedule" "$path" ''
  fi
}

other_agents() {
  if unit snapd.service; then
    unit_state
    if unit snapd.socket && [ "$state" = off ]; then unit_state; fi
    detail=
    if [ "$state" = on ] && have snap; then
      out=$(t snap refresh --time)
      case $out in *"${nl}hold: "*) state=held ;; esac
      detail=$(printf '%s' "$out" | tr '\n' ',')
    fi
    version_of snapd
    agent snapd "$state" "$version" '' '' '' "$detail"
  fi
  if unit puppet.service; then
    unit_state
    [ ! -e /opt/puppetlabs/puppet/cache/state/agent_disabled.lock ] || state=held
    version_of puppet-agent puppet
    agent puppet "$state" "$version" '' '' '' ''
  elif cron_job 'puppet agent'; then
    version_of puppet-agent puppet
    agent puppet on "$version" '' "$schedule" "$path" ''
  fi
  if unit chef-client.timer || unit chef-client.service; then
    unit_state
    version_of chef
    agent chef-client "$state" "$version" "$next" '' '' ''
  elif cron_job chef-client; then
    version_of chef
    agent chef-client on "$version" '' "$schedule" "$path" ''
  fi
  if unit salt-minion.service; then
    unit_state
    version_of salt-minion
    agent salt-minion "$state" "$version" '' '' '' ''
  fi
  if cron_job ansible-pull; then
    version_of ansible ansible-core
    agent ansible-pull on "$version" '' "$schedule" "$path" ''
  fi
  ! running kured || agent kured on '' '' '' '' 'reboots by itself'
  have crontab || return
  out=$(asroot crontab -l -u root)
  rc=$?
  # 1 also says "no crontab for root"
  if [ "$rc" = 0 ] || [ "$rc" = 1 ]; then
    list cron_updaters "$(printf '%s\n' "$out" | grep -E '^[^#]*(kcarectl|unattended-upgrade|uptrack|ansible-pull|puppet|chef-client|salt-call|apt-get|apt |dnf|yum|zypper|apk |reboot|shutdown)')"
  else
    unseen cron_updaters "$rc"
  fi
}

# --- resources ----------------------------------------------------------------------------------------------------------

disks() {
  # Only file systems of this machine's own disks, each device once: a hung NFS mount is never touched. Mount points
  # with blanks in them are left out.
  mounts=$(awk '$3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|vfat|bcachefs|ufs)$/ && $2 !~ /\\/ && !seen[$1]++ { print $2 }' /proc/mounts)
  if [ -z "$mounts" ]; then mounts=/; fi
  # shellcheck disable=SC2086
  blocks=$(t df -Pk $mounts)
  rc=$?
  # shellcheck disable=SC2086
  inodes=$(t df -Pi $mounts)
  if [ -z "$blocks" ]; then
    unseen disk_used "$rc"
  else
    printf '%s\n--\n%s\n' "$inodes" "$blocks" | awk '
      $1 == "--" { blocks = 1; next }
      NF != 6 || $5 !~ /%$/ { next }
      !blocks { inodes[$6] = $5 + 0; next }
      {
        gsub(/[\\"]/, "\\\\&", $6)
        printf "disk_used{}={\"mount\":\"%s\",\"used_percent\":%d,\"free_mb\":%d", $6, $5 + 0, $4 / 1024
        if ($6 in inodes) printf ",\"inodes_percent\":%d", inodes[$6]
        print "}"
      }'
  fi
  [ -z "$container" ] && [ -r /etc/fstab ] || return
  list readonly_mounts "$(awk '
    NR == FNR { if ($1 !~ /^#/ && NF >= 4 && $4 !~ /(^|,)ro(,|$)/ && $3 !~ /^(swap|iso9660|squashfs|udf)$/) wanted[$2] = 1; next }
    { now[$2] = $4 }
    END { for (mount in wanted) if (now[mount] ~ /^ro(,|$)/) print mount }' /etc/fstab /proc/mounts | sort)"
}

memory() {
  awk '/^MemTotal:/ { printf "mem_total_mb=%d\n", $2 / 1024 } /^MemAvailable:/ { printf "mem_available_mb=%d\n", $2 / 1024 }' /proc/meminfo
  first_line /proc/loadavg && put load1 "${line%% *}"
  for kind in memory io; do
    # Reading fails where pressure is compiled in but switched off.
    if first_line "/proc/pressure/$kind"; then
      line=${line#*avg60=}
      put "psi_$kind" "${line%% *}"
    fi
  done
  # State and name of every task in one pass, without ps reading each one's command line.
  tasks=$nl$(cat /proc/[0-9]*/stat 2>/dev/null | awk '
    { name = $0; sub(/^[0-9]+ \(/, "", name); rest = name; sub(/\) .*/, "", name); sub(/.*\) /, "", rest) }
    rest ~ /^D/ { stuck++ }
    name ~ /^(qemu|kvm$|unattended-upgr|kcarectl|kured|xl$|postgres$|postmaster$|mysqld$|mariadbd$|mongod$)/ { print name }
    END { print "=" stuck + 0 }')$nl
  line=${tasks##*=}
  put stuck_tasks "${line%%"$nl"*}"
}

# Lines `megabytes name`: both facts in one pass.
put_guests() {
  list guests "$(printf '%s\n' "$1" | sed -n 's/^[0-9]* //p')"
  put guests_mem_mb "$(printf '%s\n' "$1" | awk '{ mb += $1 } END { print mb + 0 }')"
}

guests() {
  case $tasks in
  *"${nl}qemu"* | *"${nl}kvm"*)
    put_guests "$(for file in /proc/[0-9]*/comm; do
      { read -r name <"$file"; } 2>/dev/null || continue
      case $name in qemu* | kvm) tr '\000' '\n' 2>/dev/null <"${file%comm}cmdline" | awk '
        last == "-name" { name = $0; sub(/^guest=/, "", name); sub(/,.*/, "", name) }
        # 4096, 4G, size=4194304k,slots=…
        last == "-m" { size = $0; sub(/^size=/, "", size); sub(/,.*/, "", size); mb = size + 0
          if (size ~ /[kK]$/) mb /= 1024; else if (size ~ /[gG]$/) mb *= 1024; else if (size ~ /[tT]$/) mb *= 1048576 }
        { last = $0 }
        END { if (name != "") printf "%d %s\n", mb, name }' ;;
      esac
    done | sort -u -k 2)"
    ;;
  *)
    if first_line /proc/xen/capabilities && have xl; then
      out=$(asroot xl list)
      rc=$?
      if [ "$rc" = 0 ]; then put_guests "$(printf '%s\n' "$out" | awk 'NR > 1 && $1 != "Domain-0" { print $3, $1 }')"; else unseen guests "$rc"; fi
    elif [ -e /dev/kvm ] && { have virsh || have qm; }; then
      put_guests ''
    fi
    ;;
  esac
}

# By the processes alone, which needs no login: a standby of Postgres replays, a primary does not.
database() {
  case $tasks in *"${nl}postgres$nl"* | *"${nl}postmaster$nl"* | *"${nl}mysqld$nl"* | *"${nl}mariadbd$nl"* | *"${nl}mongod$nl"*) ;; *) return ;; esac
  kind='' role=
  for file in /proc/[0-9]*/comm; do
    { read -r name <"$file"; } 2>/dev/null || continue
    case $name in
    postgres | postmaster)
      kind=postgres
      line=$(tr '\000' ' ' 2>/dev/null <"${file%comm}cmdline")
      case $line in *'startup recovering'* | *walreceiver*) role=standby ;; *) role=${role:-primary} ;; esac
      ;;
    mysqld | mariadbd) kind=${kind:-mysql} ;;
    mongod) kind=${kind:-mongod} ;;
    esac
  done
  [ -z "$kind" ] || put database "$kind ${role:-unknown}"
}

time_sync() {
  [ -z "$container" ] || return
  if [ -e /run/systemd/timesync/synchronized ]; then
    put time_synced yes
    return
  fi
  if have chronyc; then
    out=$(t chronyc -n tracking)
    case $out in
    *'Leap status'*'Not synchronised'*) put time_synced no && return ;;
    *'Leap status'*) put time_synced yes && return ;;
    esac
  fi
  if have ntpq; then
    out=$(t ntpq -c rv)
    case $out in
    *leap_alarm* | *sync_unspec*) put time_synced no && return ;;
    *leap_*) put time_synced yes && return ;;
    esac
  fi
  [ -n "$systemd" ] && have timedatectl || return
  out=$(t timedatectl show -p NTPSynchronized)
  rc=$?
  if [ "$rc" = 0 ]; then put time_synced "${out#NTPSynchronized=}"; else unseen time_synced "$rc"; fi
}

# --- kernel log, crashes ------------------------------------------------------------------------------------------------

journal_readable() {
  for file in /var/log/journal/*/system.journal /run/log/journal/*/system.journal; do
    [ -r "$file" ] && return 0
  done
  return 1
}

kernel_log() {
  [ -z "$container" ] || return
  weighty='BUG: |soft lockup|blocked for more than [0-9]+ seconds|Kernel panic - not syncing|general protection fault|Oops:|rcu.*self-detected stall|Out of memory: Kill|EXT4-fs error|XFS .*[Cc]orruption|I/O error|NMI watchdog: (BUG|Watchdog detected)|mce: \[Hardware Error\]|EDAC .*(CE|UE)|nvme .*timeout|md/raid.*Disk failure'
  # The kernel's own ring costs less than the journal, which is asked where the ring is closed to us.
  log_args='--level=emerg,alert,crit,err,warn --time-format=iso'
  # shellcheck disable=SC2086
  out=$(t dmesg $log_args)
  rc=$?
  if [ "$rc" != 0 ]; then
    out=$(t dmesg)
    rc=$?
  fi
  if [ "$rc" != 0 ] && [ "$uid" != 0 ]; then
    if journal_readable; then
      out=$(t journalctl -k -b -p 0..4 -n 400 -o short-iso --no-pager)
    else
      # shellcheck disable=SC2086
      out=$(asroot dmesg $log_args)
    fi
    rc=$?
  fi
  if [ "$rc" != 0 ]; then
    unseen kernel_errors "$rc"
  else
    list kernel_errors "$(printf '%s\n' "$out" | grep -E "$weighty" | grep -vE 'dev (fd|sr)[0-9]' | tail -n 20)"
  fi
}

# Only after a recent or an unclean boot: what a kernel said a year ago explains nothing today.
last_words() {
  [ -z "$container" ] || return
  [ "${uptime%.*}" -lt 604800 ] || [ "$unclean" = yes ] || return
  if [ -d /var/log/journal ] && have journalctl; then
    if journal_readable; then
      out=$(t journalctl -k -b -1 -n 15 -o short-iso --no-pager)
    else
      out=$(asroot journalctl -k -b -1 -n 15 -o short-iso --no-pager)
    fi
    rc=$?
    case $rc in
    0) list last_words "$(printf '%s\n' "$out" | grep -v '^-- ')" && return ;;
    1) ;; # no boot before this one
    *) unseen last_words "$rc" && return ;;
    esac
  fi
  for file in /var/log/kern.log /var/log/messages; do
    [ -e "$file" ] || continue
    if [ -r "$file" ]; then out=$(t tail -c 262144 "$file"); else out=$(asroot tail -c 262144 "$file"); fi
    rc=$?
    if [ "$rc" = 0 ]; then
      list last_words "$(printf '%s\n' "$out" | awk '
        / kernel: / || / kernel\[/ {
          if (/Linux version [0-9]/) { last = n; for (i = 0; i < 15; i++) kept[i] = ring[i] }
          ring[n++ % 15] = $0
        }
        END { for (i = last > 15 ? last - 15 : 0; i < last; i++) print kept[i % 15] }')"
    else
      unseen last_words "$rc"
    fi
    return
  done
}

crashes() {
  [ -z "$container" ] || return
  found='' rc=0
  for file in /var/lib/systemd/pstore/* /var/crash/*; do
    case ${file##*/} in '*' | kexec_cmd | kdump_lock | lost+found) continue ;; esac
    # /var/crash/*.crash of apport are programs; kernels leave directories and linux-image*.
    case $file in /var/crash/*) [ -d "$file" ] || case ${file##*/} in vmcore* | linux-image*) ;; *) continue ;; esac ;; esac
    found=$found${found:+$nl}$file
  done
  if [ -d /sys/fs/pstore ]; then
    if [ -r /sys/fs/pstore ]; then out=$(ls /sys/fs/pstore 2>/dev/null); else
      out=$(asroot ls /sys/fs/pstore)
      rc=$?
    fi
    [ "$rc" != 0 ] || [ -z "$out" ] || found=$found${found:+$nl}$(printf '%s\n' "$out" | sed 's|^|/sys/fs/pstore/|')
  fi
  if [ -z "$found" ] && [ "$rc" != 0 ]; then unseen crash_files "$rc"; else list crash_files "$found"; fi
  if first_line /sys/kernel/kexec_crash_loaded; then
    if [ "$line" = 1 ]; then put kdump_armed yes; elif have kdump-config || have kdumpctl; then put kdump_armed no; fi
  fi
}

# --- what to compare before and after a change ----------------------------------------------------------------------------

hash() { sha256sum | cut -d' ' -f1; }

firewall() {
  have nft || have iptables-save || return
  rules='' asked=''
  if have nft; then
    # -s: no counters; -t: without the members of sets, which fail2ban and the like change all day
    rules=$(asroot nft -s -t list ruleset)
    rc=$?
    case $rc in
    0) asked=yes ;;
    77 | 124 | 137 | 143) unseen firewall_hash "$rc" && return ;;
    esac
  fi
  # Legacy tables only where they are loaded already: asking would load them.
  if have iptables-save && { [ -z "$asked" ] || [ -e /proc/net/ip_tables_names ]; }; then
    for tool in iptables-save ip6tables-save; do
      have "$tool" || continue
      part=$(asroot "$tool")
      rc=$?
      if [ "$rc" = 77 ]; then unseen firewall_hash 77 && return; fi
      [ "$rc" != 0 ] || { asked=yes && rules=$rules$nl$part; }
    done
  fi
  if [ -z "$asked" ]; then unseen firewall_hash "$rc" && return; fi
  # Chains that programs rewrite as pods and bans come and go say nothing about a person's change.
  put firewall_hash "$(printf '%s\n' "$rules" | sed -e '/^#/d' -e 's/ \[[0-9]*:[0-9]*\]$//' -e 's/counter packets [0-9]* bytes [0-9]*/counter/' |
    grep -vE '(KUBE|cali|CNI|f2b|DOCKER)-' | hash)"
}

network() {
  if have ip; then
    routes=$({ t ip -4 rule show && t ip -6 rule show && t ip -4 route show table all type unicast && t ip -6 route show table all type unicast; })
    put routes_hash "$(printf '%s\n' "$routes" | grep -vE ' dev (veth|cali|lxc|cni|docker|br-|fe80)| proto ra ' | sed -e 's/ expires [0-9]*sec//' -e 's/ *$//' | sort -u | hash)"
  elif [ -r /proc/net/route ]; then
    put routes_hash "$(awk 'NR > 1 { print $1, $2, $3, $8 }' /proc/net/route | sort -u | hash)"
  fi
  mounted=$(awk '$3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|vfat|bcachefs|nfs4?|cifs|smb3|ceph|glusterfs|fuse\..*|9p|ocfs2|gfs2)$/ && $2 !~ /^\/(var\/lib\/(docker|containerd|kubelet|lxcfs|containers)|run)\// {
    split($4, option, ","); print ($3 ~ /^(nfs4?|cifs|smb3|ceph|glusterfs|9p)$/ ? $1 : "-"), $2, $3, option[1] }' /proc/mounts | sort -u)
  put mounts_hash "$(printf '%s\n' "$mounted" | hash)"
  list mounts "$(printf '%s\n' "$mounted" | cut -d' ' -f2 | sort -u)"
  # State 0A = listening. The port is the hexadecimal after the last colon.
  ports=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '
    $4 == "0A" { n = split($2, part, ":"); port = 0
      for (i = 1; i <= 4; i++) port = port * 16 + index("0123456789ABCDEF", substr(part[n], i, 1)) - 1
      print port, part[1] }' | sort -u)
  put listeners_hash "$(printf '%s\n' "$ports" | hash)"
  listening=$(printf '%s\n' "$ports" | cut -d' ' -f1 | sort -nu)
  list listeners "$listening"
}

# --- the site's own probes --------------------------------------------------------------------------------------------------

probes() {
  [ $# -gt 0 ] || return
  while [ $# -gt 0 ]; do
    clock
    probe_began=$clock
    case $1 in
    port)
      name=$2
      case "$nl$listening$nl" in *"$nl$3$nl"*) detail='' ok=true ;; *) detail="nothing listens on $3" ok=false ;; esac
      shift 3
      ;;
    http)
      name=$2
      http_probe "$3" "$4" "$5"
      shift 5
      ;;
    command)
      name=$2 argc=$3
      shift 3
      command_probe "$argc" "$@"
      shift "$argc"
      ;;
    *) return ;;
    esac
    clock
    quote "$name"
    row="{\"name\":$json,\"ok\":$ok,\"ms\":$(((clock - probe_began) * 10))"
    [ -z "$detail" ] || { quote "$detail" && row="$row,\"detail\":$json"; }
    printf 'probes{}=%s}\n' "$row"
  done
}

# wanted-status wanted-text url
http_probe() {
  page='' got='' ok=false
  case $3 in http://* | https://*) ;; *) detail='no http or https address' && return ;; esac
  if have curl; then
    page=$(t curl -g -s -m 5 --proto '=http,https' -w '\n%{http_code}' -- "$3" | tail -c 262144)
    got=${page##*"$nl"}
  elif have wget; then
    # -S says the status on stderr, before the page
    # shellcheck disable=SC2016
    page=$(t sh -c 'wget -q -S -O - -T 5 -- "$1" 2>&1' sh "$3" | head -c 262144)
    got=$(printf '%s\n' "$page" | awk '$1 ~ /^HTTP\// { print $2; exit }')
  else
    detail='neither curl nor wget' && return
  fi
  case $1:$got in
  *: | *:000) detail='no answer' ;;
  "$got:$got" | :[23]??)
    case $page in *"$2"*) ok=true detail='' ;; *) detail="status $got, without the text \"$2\"" ;; esac
    ;;
  *) detail="status $got${1:+, wanted $1}" ;;
  esac
}

# argc argv… and whatever follows: the first argc words are the command.
command_probe() {
  keep=$1
  shift
  total=$#
  while [ "$total" -gt 0 ]; do
    word=$1
    shift
    if [ "$keep" -gt 0 ]; then set -- "$@" "$word" && keep=$((keep - 1)); fi
    total=$((total - 1))
  done
  # The code goes through the pipe behind the output, of which no more than its end is ever held.
  out=$({ t "$@"; printf '\n%s' "$?"; } | tail -c 4096 | tr -d '\000')
  rc=${out##*"$nl"}
  out=${out%"$nl"*}
  if [ "$rc" = 0 ]; then ok=true detail=''; else ok=false detail="exit code $rc${out:+: ${out%%"$nl"*}}"; fi
}

cloud() {
  cloud=''
  first_line /sys/class/dmi/id/chassis_asset_tag && tag=$line || tag=
  first_line /sys/class/dmi/id/bios_version && bios=$line || bios=
  case "$vendor|$product|$tag|$bios" in
  'Amazon EC2|'* | *.amazon) cloud=aws ;;
  *'|Google Compute Engine|'*) cloud=gcp ;;
  *'|7783-7084-3265-9085-8269-3286-77|'*) cloud=azure ;;
  'DigitalOcean|'*) cloud=digitalocean ;;
  'Hetzner|'*) cloud=hetzner ;;
  'Vultr|'*) cloud=vultr ;;
  'Linode|'* | 'Akamai|'*) cloud=linode ;;
  *'|OracleCloud.com|'*) cloud=oracle ;;
  'Alibaba Cloud|'*) cloud=alibaba ;;
  'Scaleway|'*) cloud=scaleway ;;
  'OpenStack'*) cloud=openstack ;;
  esac
  put cloud "$cloud"
  type='' zone='' id=''
  if [ -r /run/cloud-init/instance-data.json ]; then
    # Its secrets are redacted in this copy; only these four words are read.
    meta=$(grep -oE '"(instance[-_]?[tT]ype|machine-type|vmSize|availability[-_]zone|instance[-_]id)": *"[^"]*"' /run/cloud-init/instance-data.json 2>/dev/null)
    type=$(printf '%s\n' "$meta" | sed -n 's/^"\(instance.\{0,1\}[tT]ype\|machine-type\|vmSize\)": *"\(.*\)"$/\2/p' | head -n 1)
    zone=$(printf '%s\n' "$meta" | sed -n 's/^"availability.zone": *"\(.*\)"$/\1/p' | head -n 1)
    id=$(printf '%s\n' "$meta" | sed -n 's/^"instance.id": *"\(.*\)"$/\1/p' | head -n 1)
    type=${type##*/}
  fi
  # Nitro calls the product by its type; a Xen instance of AWS says "HVM domU".
  case $cloud:$product in aws:*.*) : "${type:=$product}" ;; esac
  put instance_type "$type"
  put cloud_zone "$zone"
  put instance_id "$id"
}

# --- all of it ------------------------------------------------------------------------------------------------------------------

main() {
  prepare
  unclean=
  identity
  machine
  uptime_here
  memory
  services
  packages
  package_lock
  disks
  kernel_installed
  livepatch
  hardware
  guests
  database
  time_sync
  network
  probes "$@"
  cloud
  update_agents
  kernel_log
  last_words
  crashes
  firewall
  now=$(date +%s.%3N)
  case $now in *[!0-9.]* | *.) now=$(date +%s) ;; esac
  put host_time "$now"
  clock
  put check_ms $(((clock - began) * 10))
  first_line /proc/self/stat
  # shellcheck disable=SC2086
  set -- ${line##*) }
  put check_cpu_ms $(((${12} + ${13} + ${14} + ${15}) * 10))
  echo 'end=check v1'
}

# Whatever a file or a tool said, what leaves is the contract: one line each, bounded, nothing but printable.
contract() {
  tr '\000-\011\013-\037\177' ' ' | awk '
    {
      at = index($0, "=")
      key = substr($0, 1, at - 1)
      value = substr($0, at + 1)
      sub(/^ +/, "", value)
      sub(/ +$/, "", value)
    }
    key !~ /^[a-z][a-z0-9_]*(\[\]|[{][}]|[?])?$/ { next }
    { base = key; form = ""; if (match(key, /[^a-z0-9_]+$/)) { base = substr(key, 1, RSTART - 1); form = substr(key, RSTART) } }
    form == "" && value == "" { next }
    base in forms && (forms[base] != form || form == "" || form == "?") { next }
    ++count[base] > 40 { next }
    length(value) > 500 { if (form == "{}") next; value = substr(value, 1, 500) }
    { forms[base] = form; print key "=" value }'
}

main "$@" </dev/null | contract
