# What apt and dnf would do, did, and could put back. Nothing here changes the host.

# Sets manager: apt, dnf, or nothing where there is neither.
manager=
if have apt-get && [ -e /var/lib/dpkg/status ]; then
  manager=apt
elif have dnf && ! dnf --version 2>/dev/null | grep -q dnf5; then
  manager=dnf
fi

# Kernels and what goes with one of them; firmware, microcode and linux-libc-dev are none.
kernel_patterns() {
  case $manager in
  apt) echo 'linux-image* linux-headers* linux-modules* linux-generic* linux-virtual* linux-lowlatency* linux-aws* linux-azure* linux-gcp* linux-oracle* linux-kvm* linux-ibm* linux-oem* linux-raspi* linux-cloud-tools* linux-signed* raspberrypi-kernel* pve-kernel* proxmox-kernel* proxmox-default-kernel*' ;;
  dnf) echo 'kernel kernel-core kernel-modules* kernel-devel* kernel-headers kernel-uek* kernel-rt* kernel-lt* kernel-ml* kernel-plus* kernel-tools*' ;;
  esac
}

# Writes, one a line, what stays off into $1/keep, and for apt the pins that keep it off: a file of ours that apt is told to read
# in place of its own, so that nothing on the host is changed and nothing stays if we die.
# $1 = folder, $2 = no (without kernel) or yes, then patterns as `are_patterns` passes them.
keep_off() {
  dir=$1
  set -f
  # shellcheck disable=SC2046
  if [ "$2" = no ]; then
    shift 2
    set -- "$@" $(kernel_patterns)
  else
    shift 2
  fi
  : >"$dir/keep"
  {
    cat /etc/apt/preferences 2>/dev/null
    for pattern; do
      printf '%s\n' "$pattern" >>"$dir/keep"
      printf '\n\nPackage: %s\nPin: version *\nPin-Priority: -1\n' "$pattern"
    done
  } >"$dir/preferences"
  set +f
}

# Whether all arguments are names or patterns of packages, with a version or not; else says so. What stays off is never passed over.
are_patterns() {
  for word; do
    case $word in
    '' | -* | *[!A-Za-z0-9+._:=^*?~-]*)
      say failed "this is no name or pattern of a package: $word"
      return 1
      ;;
    esac
  done
}

apt_() {
  DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1 \
    apt-get -q -y -o APT::Get::Upgrade-Allow-New=true -o APT::Get::Show-User-Simulation-Note=no -o Dpkg::Options::=--force-confold \
    -o DPkg::Lock::Timeout=300 -o Dir::Etc::preferences="$dir/preferences" "$@"
}
dnf_() {
  # A width of 80 would break the table; the patterns are dnf's to read, not the shell's.
  # shellcheck disable=SC2046
  (set -f && COLUMNS=300 dnf --color=never $(sed 's/^/--exclude=/' "$dir/keep") "$@")
}

# What an upgrade would do now: lines `name from to` (- = not there) in $1/plan, in order; what it said in $1/simulated.
simulate() {
  dir=$1
  case $manager in
  apt)
    apt_ -s -o Debug::NoLocking=true upgrade >"$dir/simulated" 2>&1 || return 1
    awk '
      $1 == "Inst" { from = "-"; at = 3; if ($3 ~ /^\[/) { from = substr($3, 2, length($3) - 2); at = 4 } print $2, from, substr($at, 2) }
      $1 == "Remv" { print $2, substr($3, 2, length($3) - 2), "-" }' "$dir/simulated" | sort >"$dir/plan"
    ;;
  dnf)
    # --assumeno ends with 1 where there is something to do, and says what.
    dnf_ --assumeno upgrade >"$dir/simulated" 2>&1
    grep -q -e '^Nothing to do' -e '^Operation aborted' -e '^Transaction Summary' "$dir/simulated" || return 1
    awk '
      /^(Installing|Upgrading|Removing|Downgrading|Reinstalling)/ { what = $1; next }
      /^Transaction Summary|^=+$|^$|^Skipping|^Dependencies|^Architecture/ { if (what != "" && !/^=/) what = ""; next }
      what != "" && /^ / && NF == 1 { name = $1; next }
      what != "" && /^ / { if (name == "") { name = $1; version = $3 } else version = $2; print what, name, version; name = "" }' "$dir/simulated" |
      while read -r what name version; do
        from=$(rpm -q --qf '%{EVR}\n' "$name" 2>/dev/null | tail -n 1) || from=-
        case $what in Removing*) echo "$name $version -" ;; Installing*) echo "$name - $version" ;; *) echo "$name ${from:--} $version" ;; esac
      done | sort >"$dir/plan"
    ;;
  *) return 1 ;;
  esac
}

plan_sum() { sha256sum <"$1/plan" | cut -c 1-64; }

# Names of $1/plan that something was to keep off: an upgrade that would bring them all the same is none of ours.
leaks() {
  while read -r name from to; do
    set -f
    # shellcheck disable=SC2013
    for pattern in $(cat "$1/keep"); do
      # shellcheck disable=SC2254
      case ${name%%:*} in $pattern) echo "$name $from $to" && break ;; esac
    done
    set +f
  done <"$1/plan"
}

# Packages that stand half-way: whatever is done now would end badly.
half_configured() {
  # shellcheck disable=SC2016
  case $manager in
  apt) t dpkg-query -W -f '${db:Status-Abbrev}|${binary:Package}\n' | awk -F'|' '$1 ~ /^.[UFHWt]/ || $1 ~ /^..R/ { print $2 }' ;;
  # What an rpm transaction left half-way is there twice.
  dnf) t rpm -qa --qf '%{NAME}.%{ARCH}\n' | sort | uniq -d | grep -vE '^(gpg-pubkey|kernel|kmod-)' ;;
  esac
}

# Every package with its version: `name version`.
installed() {
  # shellcheck disable=SC2016
  case $manager in
  apt) dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package} ${Version}\n' 2>/dev/null | awk '$1 ~ /^.i/ { sub(/:all$/, "", $2); print $2, $3 }' | sort ;;
  dnf) rpm -qa --qf '%{NAME}.%{ARCH} %{EVR}\n' 2>/dev/null | sort ;;
  esac
}

# Who holds the lock of packages, by the inodes in /proc/locks.
lock_holder() {
  files=
  for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock; do
    [ ! -e "$file" ] || files="$files $file"
  done
  if [ -n "$files" ] && [ -r /proc/locks ]; then
    # shellcheck disable=SC2086
    inodes=$(stat -c %i $files 2>/dev/null | tr '\n' ' ')
    pid=$(awk -v inodes=" $inodes" '$2 != "->" { split($6, at, ":"); if (index(inodes, " " at[3] " ")) { print $5; exit } }' /proc/locks)
    if [ -n "$pid" ] && [ "$pid" -gt 0 ] 2>/dev/null; then
      echo "$(cat "/proc/$pid/comm" 2>/dev/null || echo unknown) (pid $pid)"
      return
    fi
  fi
  for file in /run/dnf.pid /var/run/dnf.pid /var/cache/dnf/metadata_lock.pid /var/cache/dnf/download_lock.pid; do
    if { read -r pid <"$file"; } 2>/dev/null && [ -d "/proc/$pid" ]; then
      echo "$(cat "/proc/$pid/comm" 2>/dev/null || echo dnf) (pid $pid)"
      return
    fi
  done
}
