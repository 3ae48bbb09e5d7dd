# holdfast:policy-updates v1
# root
#
# Says how and when this host updates itself: how old a KernelCare patch must be, whether it is rolled out gradually, and in
# which hours updates run. What was there is recorded as for a hold, and resume-updates.sh with the run's id puts it back.
#
# Arguments: intent, run, delay in hours ('' = leave), gradual yes|no ('' = leave), window HH:MM HH:MM ('' '' = leave)
# Output: fence=new|again|ended|held HOLD   (held: updates are paused here, nothing is done)
#         set[]=what  record[]=…  failed[]=…  note[]=what this host has no setting for
#
# part:basics
# part:holding

# Puts name=value into a file of settings: in place of the one that is there, else at its end.
set_in() {
  awk -v name="$2" -v line="$2=$3" '
    $0 ~ "^[ \t]*" name "[ \t]*=" { if (!done) print line; done = 1; next }
    { print }
    END { if (!done) print line }' "$1" | rewrite "$1"
}
setting() { sed -n "s/^[[:space:]]*$2[[:space:]]*=[[:space:]]*//p" "$1" 2>/dev/null | tail -n 1; }

changed() {
  if [ "$2" = 0 ]; then say 'set[]' "$1"; else say 'failed[]' "$1"; fi
}

set_delay() {
  conf=/etc/sysconfig/kcare/kcare.conf
  if [ ! -e "$conf" ]; then
    say 'note[]' 'a delay of the feed is KernelCare'\''s, which is not here'
    return
  fi
  version=$(within 8 kcarectl --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
  record_item "conf:UPDATE_DELAY=$1 $conf" || { changed "$conf could not be recorded" 1 && return; }
  # UPDATE_DELAY came with 2.82; before there are three feeds with names.
  if [ "$(printf '%s\n2.82\n' "${version:-0}" | sort -V 2>/dev/null | head -n 1)" = 2.82 ]; then
    set_in "$conf" UPDATE_DELAY "$1h"
    [ "$(setting "$conf" UPDATE_DELAY)" = "$1h" ]
    changed "KernelCare takes patches $1 h after they came out" $?
  else
    case $1 in
    12 | 24 | 48)
      set_in "$conf" PREFIX "$1h"
      [ "$(setting "$conf" PREFIX)" = "$1h" ]
      changed "KernelCare takes the feed $1h" $?
      ;;
    *) say 'failed[]' "KernelCare ${version:-of an unknown version} has feeds of 12, 24 and 48 h only" ;;
    esac
  fi
}

set_gradual() {
  found=
  for cron in /etc/cron.d/*; do
    case ${cron##*/} in *.*) continue ;; esac
    grep -qs '^[^#]*kcarectl' "$cron" || continue
    found=yes
    record_item "lines $cron" || { changed "$cron could not be recorded" 1 && continue; }
    sed -e '/^[^#]*kcarectl/s/ --gradual-rollout=[a-z]*//g' "$cron" |
      if [ "$1" = yes ]; then sed -e '/^[^#]*kcarectl/s/--auto-update/--auto-update --gradual-rollout=auto/'; else cat; fi | rewrite "$cron"
    if [ "$1" = yes ]; then grep -q 'gradual-rollout=auto' "$cron"; else ! grep -q 'gradual-rollout' "$cron"; fi
    changed "$cron: gradual $1" $?
  done
  [ -n "$found" ] || say 'note[]' 'a gradual roll-out is of KernelCare'\''s cron entry, which is not here'
}

# 08:30 as a number of minutes; a shell takes 08 for a broken octal number.
minute() {
  hour=${1%:*} minute=${1#*:}
  echo $((${hour#0} * 60 + ${minute#0}))
}

# from to: a timer starts at the first minute and at latest half an hour before the last.
set_window() {
  from=$(minute "$1") to=$(minute "$2")
  minutes=$(((to - from + 1440) % 1440))
  spread=$((minutes > 60 ? minutes - 30 : minutes / 2))
  found=
  [ -n "$systemd" ] && for unit in apt-daily-upgrade.timer dnf-automatic.timer dnf-automatic-install.timer dnf5-automatic.timer transactional-update.timer; do
    if ! unit_now "$unit" || [ "$load" != loaded ]; then continue; fi
    found=yes
    file=/etc/systemd/system/$unit.d/50-holdfast-window.conf
    record_item "make $file" || { changed "$file could not be recorded" 1 && continue; }
    mkdir -p "${file%/*}"
    # Hours of the host's own zone; not persistent, so that a host that was off does not catch up at noon.
    printf '# Holdfast: updates between %s and %s\n[Timer]\nOnCalendar=\nOnCalendar=*-*-* %s:00\nRandomizedDelaySec=%dm\nPersistent=false\n' "$1" "$2" "$1" "$spread" | rewrite "$file"
    t systemctl daemon-reload
    [ -s "$file" ]
    changed "$unit between $1 and $2" $?
  done
  if have snap && [ -n "$systemd" ]; then
    say 'note[]' 'snap keeps its own hours: snap set system refresh.timer'
  fi
  [ -n "$found" ] || say 'note[]' 'no timer that updates is here'
}

main() {
  intent=$1 run=$2
  store_of "$run" || exit 2
  if [ -e "$base/ended/$run" ]; then
    say fence ended
    end 'policy-updates v1'
  fi
  lock || exit 75
  for other in "$base"/held/*/lease; do
    if [ -e "$other" ]; then
      other=${other%/lease}
      say fence "held ${other##*/}"
      end 'policy-updates v1'
    fi
  done
  fence=new
  [ ! -e "$store/lease" ] || fence="again"
  say fence "$fence"
  mkdir -p "$store" && chmod 0755 "$base" "$base/policy" "$store"
  printf 'run=%s\nintent=%s\n' "$run" "$intent" >"$store/lease"
  [ -z "$3" ] || set_delay "$3"
  [ -z "$4" ] || set_gradual "$4"
  [ -z "$5" ] || set_window "$5" "$6"
  sed 's/^/record[]=/' "$store/record" 2>/dev/null
  flush "$store"
  end 'policy-updates v1'
}

main "$@"
