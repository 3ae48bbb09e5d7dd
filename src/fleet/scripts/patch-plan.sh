# holdfast:patch-plan v1
# root
#
# What an upgrade of this host would do now, by a simulated one. Refreshes the lists of packages, changes nothing else.
#
# Arguments: refresh (yes|no), kernel (yes|no: without one), then patterns of packages that stay off (linux-image*)
# Output: manager=apt|dnf; absent = neither is here
#         refresh=done|failed|skipped; refresh_says=…  its last line, where it failed
#         lock=apt-get (pid 42)                 somebody else is at it
#         half[]=name                           packages that stand half-way
#         package[]=name from to                what would be upgraded; from - = new, to - = taken away; `package[]=` = nothing
#         leak[]=name from to                   of these, what was to stay off and would come all the same
#         held[]=name                           what the host itself holds back
#         sum=…                                 of the package lines: patch.sh does this and nothing else
#         download=…                            bytes
#         boot_free_mb= cache_free_mb=          free in /boot (where it stands by itself) and where packages are kept meanwhile
#         restart[]=unit                        services the packages' own scripts restart
#         database=postgres primary             also mysql, mongod; standby, replica, or `unknown`
#         failed=…                              the simulation did not come to its end, and why
#
# part:basics
# part:packages

refresh=$1 kernel=$2
shift 2

refresh_lists() {
  case $manager in
  apt) within 60 sh -c 'exec apt-get -q -o Acquire::Retries=1 -o Acquire::http::Timeout=15 update 2>&1' >"$work/refresh" ;;
  dnf) within 60 sh -c 'exec dnf -q makecache --refresh 2>&1' >"$work/refresh" ;;
  esac
  rc=$?
  # Old apt ends with 0 though a list could not be fetched.
  if [ "$rc" -ne 0 ] || grep -qE '^(E|Err:|W: Failed to fetch|W: Some index files)' "$work/refresh"; then
    say refresh failed
    say refresh_says "$(grep -E '^(E|Err|W)' "$work/refresh" | tail -n 1)"
  else
    say refresh 'done'
  fi
}

# Services that the maintainers' scripts of what is upgraded restart, where they run; some restart theirs by means of their own.
restarts() {
  awk '$2 != "-" && $3 != "-" { print $1 }' "$work/plan" | while read -r name; do
    case $name in
    postgresql-[0-9]*) echo postgresql.service ;;
    mysql-server* | mysql-community-server* | default-mysql-server*) echo mysql.service ;;
    mariadb-server*) echo mariadb.service ;;
    docker.io | docker-ce | docker-engine) echo docker.service ;;
    containerd | containerd.io) echo containerd.service ;;
    esac
    case $manager in
    apt)
      for file in "/var/lib/dpkg/info/$name.postinst" "/var/lib/dpkg/info/$name.prerm" /var/lib/dpkg/info/"$name":*.postinst; do
        [ ! -r "$file" ] || grep -hE 'deb-systemd-invoke|invoke-rc\.d|systemctl.*restart' "$file"
      done | grep -oE "[A-Za-z0-9@._-]+\.service|invoke-rc\.d +[A-Za-z0-9._-]+" | sed 's/^invoke-rc\.d  *\(.*\)/\1.service/'
      ;;
    dnf) t rpm -q --scripts "$name" | grep -E 'restart' | grep -oE '[A-Za-z0-9@._-]+\.service' ;;
    esac
  done | sort -u | while read -r unit; do
    # shellcheck disable=SC2254
    if [ -z "$systemd" ] || t systemctl is-active "$unit" >/dev/null; then say 'restart[]' "$unit"; fi
  done
}

# By the processes alone, which need no login: a standby of Postgres replays, a primary does not.
database() {
  for file in /proc/[0-9]*/comm; do
    { read -r name <"$file"; } 2>/dev/null || continue
    case $name in
    postgres | postmaster | mysqld | mariadbd | mongod) ;;
    *) continue ;;
    esac
    line=$(tr '\000' ' ' <"${file%comm}cmdline" 2>/dev/null) || continue
    case $name:$line in
    post*:*'startup recovering'* | post*:*walreceiver*) echo 'postgres standby' ;;
    postgres:'postgres: '*) ;;
    post*:*) echo 'postgres primary' ;;
    m[ya]*:*) echo "mysql $(mysql_role)" ;;
    mongod:*) echo 'mongod unknown' ;;
    esac
  done | sort -u | awk '
    { seen[$1] = seen[$1] " " $2 }
    END { for (kind in seen) print kind, (seen[kind] ~ /standby/ && kind == "postgres" ? "standby" : seen[kind] ~ /primary/ ? "primary" : substr(seen[kind], 2)) }' | sort | head -n 1
}
mysql_role() {
  client=mysql
  have mysql || client=mariadb
  case $(t "$client" -N -B -e 'select @@global.read_only') in 0) echo primary ;; 1 | ON) echo replica ;; *) echo unknown ;; esac
}

free_mb() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { printf "%d", $4 / 1024 }'; }

say manager "$manager"
if [ -z "$manager" ] || ! are_patterns "$@"; then end 'patch-plan v1'; fi
work=$(mktemp -d) || end 'patch-plan v1'
trap 'rm -rf "$work"' EXIT
say database "$(database)"
say lock "$(lock_holder)"
if [ "$refresh" = yes ]; then refresh_lists; else say refresh skipped; fi
half_configured | while read -r name; do say 'half[]' "$name"; done
keep_off "$work" "$kernel" "$@"
if simulate "$work"; then
  [ -s "$work/plan" ] || echo 'package[]='
  while read -r line; do say 'package[]' "$line"; done <"$work/plan"
  leaks "$work" | while read -r line; do say 'leak[]' "$line"; done
  say sum "$(plan_sum "$work")"
  case $manager in
  apt)
    say download "$(apt_ --print-uris -qq -o Debug::NoLocking=true upgrade 2>/dev/null | awk '/^.(http|ftp|cdrom|mirror|tor|s3|file|copy)/ { bytes += $3 } END { printf "%d", bytes }')"
    t apt-mark showhold | while read -r name; do say 'held[]' "$name"; done
    ;;
  dnf) say download "$(awk '/^Total (download )?size:/ { n = $(NF - 1); u = $NF; printf "%d", n * (u ~ /G/ ? 1073741824 : u ~ /M/ ? 1048576 : u ~ /k/ ? 1024 : 1) }' "$work/simulated")" ;;
  esac
  restarts
else
  say failed "$(grep -E '^(E:|Error|error)' "$work/simulated" | head -n 1)"
fi
awk '$2 == "/boot"' /proc/mounts | grep -q . && say boot_free_mb "$(free_mb /boot)"
case $manager in apt) say cache_free_mb "$(free_mb /var/cache/apt)" ;; dnf) say cache_free_mb "$(free_mb /var/cache)" ;; esac
end 'patch-plan v1'
