# --- who updates this host by itself ---------------------------------------------------------------------------------
#
# `wanted` prints what has to be held for the sources asked, by what is on the host now:
#   unit NAME       stopped and masked          boot NAME · init NAME   not started at boot
#   move PATH       taken out of the way        lines PATH              its lines that update made comments
#   conf:KEY=V PATH that setting                make PATH               a file of ours
#   snap · livepatch · shutdown                 quiet NAME              no such process runs

updating_units='apt-daily.timer apt-daily-upgrade.timer
dnf-automatic.timer dnf-automatic-install.timer dnf-automatic-download.timer dnf-automatic-notifyonly.timer dnf5-automatic.timer yum-cron.service
packagekit.service packagekit-offline-update.service
kcare.service
transactional-update.timer rebootmgr.service zincati.service'

all_sources='apt dnf packagekit snap kernelcare livepatch ksplice image agents cron reboot'

# Named units of the configuration, with blanks between.
wanted() {
  # shellcheck disable=SC2086
  [ -n "$here" ] || look_up_units $updating_units $units
  for source in $sources; do
    case $source in
    apt) want_apt ;;
    dnf) want_dnf ;;
    packagekit)
      want_units packagekit.service packagekit-offline-update.service
      [ ! -L /system-update ] || echo 'move /system-update'
      ;;
    snap) [ -z "$systemd" ] || ! have snap || echo snap ;;
    kernelcare) want_kernelcare ;;
    livepatch) ! have canonical-livepatch || echo livepatch ;;
    ksplice) want_ksplice ;;
    image) want_units transactional-update.timer rebootmgr.service zincati.service ;;
    agents)
      # shellcheck disable=SC2086
      want_units $units
      # shellcheck disable=SC2086
      want_init $units
      want_cron 'puppet agent|chef-client|salt-call|ansible-pull'
      ;;
    cron) want_cron "$updates_by_cron" ;;
    reboot) want_reboot ;;
    esac
  done | awk 'NF && !seen[$0]++'
}

updates_by_cron='kcarectl|unattended-upgrade|cron-apt|apticron|uptrack-upgrade|ansible-pull|yum-cron|dnf-automatic|puppet agent|chef-client|salt-call|(apt|apt-get|aptitude|dnf|yum|zypper|apk|pacman) .*(up(grade|date)|dist-upgrade|full-upgrade|-S[a-z]*u)'

want_units() {
  for unit; do
    ! unit_is_here "$unit" || printf 'unit %s\n' "$unit"
  done
}
want_init() {
  [ -z "$systemd" ] || return 0
  for unit; do
    case $unit in
    *.service)
      [ ! -x "/etc/init.d/${unit%.service}" ] || printf 'init %s\n' "${unit%.service}"
      ;;
    esac
  done
}

want_apt() {
  want_units apt-daily.timer apt-daily-upgrade.timer
  [ ! -d /etc/apt/apt.conf.d ] || echo 'make /etc/apt/apt.conf.d/zz-holdfast-hold'
  want_cron 'unattended-upgrade|cron-apt|apticron|(apt|apt-get|aptitude) .*(upgrade|dist-upgrade|full-upgrade|update)'
  if [ -d /etc/apt ]; then printf 'quiet %s\n' apt.systemd.dai unattended-upgr; fi
}

want_dnf() {
  want_units dnf-automatic.timer dnf-automatic-install.timer dnf-automatic-download.timer dnf-automatic-notifyonly.timer dnf5-automatic.timer yum-cron.service
  want_init yum-cron.service
  want_cron 'yum-cron|dnf-automatic|(dnf|yum) .*(upgrade|update)'
  if have dnf-automatic; then echo 'quiet dnf-automatic'; fi
}

want_kernelcare() {
  if ! have kcarectl && [ ! -e /etc/sysconfig/kcare/kcare.conf ] && ! grep -qs '^[^#]*kcarectl' /etc/crontab /etc/cron.d/*; then return; fi
  want_cron kcarectl
  [ ! -d /etc/sysconfig/kcare ] || echo 'conf:AUTO_UPDATE=False /etc/sysconfig/kcare/kcare.conf'
  if unit_is_here kcare.service && unit_now kcare.service && [ "$filestate" != generated ]; then
    echo 'boot kcare.service'
  elif [ -x /etc/init.d/kcare ]; then
    echo 'init kcare'
  fi
  echo 'quiet kcarectl'
}

want_ksplice() {
  [ -e /etc/uptrack/uptrack.conf ] || return
  echo 'conf:autoinstall=no /etc/uptrack/uptrack.conf'
  echo 'make /etc/uptrack/disable'
  want_cron uptrack-upgrade
}

# Also what somebody scheduled by hand; only a reboot of a run of ours is not called off by this.
want_reboot() {
  [ ! -d /etc/apt/apt.conf.d ] || echo 'make /etc/apt/apt.conf.d/zz-holdfast-hold-reboot'
  [ -e /run/systemd/shutdown/scheduled ] || return
  case $(scheduled WALL_MESSAGE) in 'run R'*) ;; *) echo shutdown ;; esac
}

# Entries of cron that match: a file of nothing else is moved, lines of a shared one become comments.
want_cron() {
  for file in /etc/cron.d/* /etc/crontab /etc/anacrontab /var/spool/cron/crontabs/* /var/spool/cron/* /etc/crontabs/*; do
    if ! [ -f "$file" ] || ! [ -r "$file" ]; then continue; fi
    # Names cron itself does not read; editors and packages leave them.
    case $file in /etc/cron.d/*.* | *~) continue ;; esac
    found=$(awk -v wanted="$1" '
      /^[ \t]*(#|$)/ || /^[ \t]*[A-Za-z_][A-Za-z_0-9]*[ \t]*=/ { next }
      $0 ~ wanted { ours++; next }
      { others++ }
      END { print (ours ? (others ? "lines" : "move") : "") }' "$file")
    case $file:$found in
    *:) ;;
    /etc/cron.d/*) printf '%s %s\n' "$found" "$file" ;;
    *) printf 'lines %s\n' "$file" ;;
    esac
  done
  for file in /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* /etc/periodic/*/*; do
    # apt-compat ends at once where systemd runs, and obeys apt's own settings where not.
    if ! [ -f "$file" ] || ! [ -x "$file" ] || [ "${file##*/}" = apt-compat ]; then continue; fi
    ! grep -qE "^[^#]*($1)" "$file" 2>/dev/null || printf 'move %s\n' "$file"
  done
}

# --- whether it is held now: prints why not --------------------------------------------------------------------------

not_held() {
  case $1 in
  'unit '*)
    unit_now "${1#* }" || { echo 'systemd does not answer' && return; }
    case $active in active | activating | reloading) echo "$active" && return ;; esac
    case $load:$link in
    masked:* | not-found:*) ;;
    # A file or link of the admin's own stands where the mask would.
    *:file | *:/?*) case $filestate in enabled* | linked*) echo 'is enabled' ;; esac ;;
    *) echo 'is not masked' ;;
    esac
    ;;
  'boot '*)
    unit_now "${1#* }"
    [ -z "$(links_of "${1#* }")" ] || echo 'starts at boot'
    ;;
  'init '*)
    [ -z "$(init_links_of "${1#* }")" ] || echo 'starts at boot'
    [ "${1#* }" = kcare ] || ! within 10 service "${1#* }" status >/dev/null || echo runs
    ;;
  'move '*) ! there "${1#* }" || echo 'is there again' ;;
  'lines '*)
    # A file that still has such lines is wanted again, under the patterns of its source.
    case $nl$now_wanted$nl in *"$nl$1$nl"*) echo 'has lines that update' ;; esac
    ;;
  'conf:'*)
    setting=${1%% *}
    setting=${setting#conf:}
    [ "$(setting_of "${setting%%=*}" "${1#* }")" = "$(printf '%s' "${setting#*=}" | tr '[:upper:]' '[:lower:]')" ] || echo "${setting%%=*} is $(setting_of "${setting%%=*}" "${1#* }")"
    ;;
  'make '*)
    [ -f "${1#* }" ] || { echo 'is gone' && return; }
    [ "$(cat "${1#* }")" = "$(ours "${1#* }")" ] || echo 'is changed'
    ;;
  snap)
    value=$(t snap get system refresh.hold)
    case $value in forever | 20[2-9]*) ;; *) echo 'refreshes are not held' ;; esac
    ;;
  livepatch) [ "$(livepatch_interval)" = 0 ] || echo 'checks for patches' ;;
  shutdown)
    case $(scheduled WALL_MESSAGE) in 'run R'*) ;; *) [ ! -e /run/systemd/shutdown/scheduled ] || echo 'a reboot is scheduled' ;; esac
    ;;
  esac
}

# The value a file of settings has for a name, in small letters; `unset` without one.
setting_of() {
  value=$(sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$2" 2>/dev/null | tail -n 1 | tr '[:upper:]' '[:lower:]' | tr -d "\"' \t\r")
  echo "${value:-unset}"
}

# What a file of ours says.
ours() {
  case $1 in
  *-reboot)
    echo '// Holdfast: held, see /var/lib/holdfast/held'
    echo 'Unattended-Upgrade::Automatic-Reboot "false";'
    ;;
  */apt.conf.d/*)
    echo '// Holdfast: held, see /var/lib/holdfast/held'
    echo 'APT::Periodic::Enable "0";'
    echo 'Unattended-Upgrade::Automatic-Reboot "false";'
    ;;
  *) echo 'held by Holdfast' ;;
  esac
}

# What of the record is still to be held, in the words of `wanted`.
recorded() {
  [ ! -r "$store/record" ] || awk '
    $1 == "path" { how = $2; sub(/^path [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, ""); print how " " $0; next }
    $1 ~ /^(unit|boot|init)$/ { print $1 " " $2; next }
    $1 ~ /^(snap|livepatch|shutdown)$/ { print $1 }' "$store/record"
}

# Says of every item whether it is held; what runs is said apart.
look() {
  while read -r item; do
    [ -n "$item" ] || continue
    case $item in
    'quiet '*)
      out=$(running "${item#quiet }" shutdown)
      say 'running[]' "${out%%"$nl"*}"
      ;;
    *)
      why=$(not_held "$item")
      if [ -z "$why" ]; then say 'held[]' "$item"; else say 'drift[]' "$item: ${why%%"$nl"*}"; fi
      ;;
    esac
  done <<END
$(printf '%s\n%s\n' "$(recorded)" "$now_wanted" | awk 'NF && !seen[$0]++')
END
}

# The sources that are on this host, whether held or not, each asked by itself. Sets found, the items wanted by source in
# listed, and now_wanted without the sources.
say_sources() {
  asked=$sources
  found='' listed=''
  for one in $asked; do
    sources=$one
    items=$(wanted)
    if printf '%s\n' "$items" | grep -q '^[^q]' || grep -qsx "$one" "$store/sources"; then
      say 'sources[]' "$one"
      found="$found $one"
    fi
    [ -z "$items" ] || listed=$listed$(printf '%s\n' "$items" | sed "s/^/$one /")$nl
  done
  sources=$asked
  now_wanted=$(printf '%s' "$listed" | cut -d' ' -f2- | awk 'NF && !seen[$0]++')
}
