# holdfast:pause-updates v1
# root
#
# Stops what updates this host by itself, and writes down before what there was, so that resume-updates.sh can put it back byte
# for byte. May be sent again: what is recorded is recorded once, what came back is taken away again. Reads itself what it
# wrote nothing of: look-updates.sh does, apart.
#
# Arguments: intent, hold, until (ISO), owner, run, reason, units (with blanks between), sources (none = all)
# Output: fence=new|again|ended  (ended: this hold was ended here before; nothing is done)
#         sources[]=…  those that are on this host; record[]=…  (holding.sh has its form); failed[]=…; note[]=…
#
# part:basics
# part:holding
# part:sources

keep_lease() {
  printf 'until=%s\nowner=%s\nrun=%s\nintent=%s\nbecause=%s\n' "$1" "$2" "$3" "$4" "$(printf '%s' "$5" | tr '\000-\037\177' ' ')" >"$store/lease.new"
  mv -f "$store/lease.new" "$store/lease"
}

# Which source each item is for, by the name it has in records.
keep_items() {
  while read -r source item; do
    case $item in '' | 'quiet '*) continue ;; esac
    key_of "$item"
    printf '%s %s\n' "$source" "$key"
  done <<END | sort -u - "$(touch "$store/items" && echo "$store/items")" >"$store/items.new"
$listed
END
  mv -f "$store/items.new" "$store/items"
}

# What an earlier hold took out of sight is ours as well, where it is of a source asked; an entry of cron is also cron's.
share_taken() {
  for listing in "$base"/held/*/items; do
    if [ "$listing" = "$store/items" ] || ! [ -r "$listing" ]; then continue; fi
    while read -r source key; do
      case " $sources " in
      *" $source "*) ;;
      *' cron '*) case $key in 'path /etc/cron'* | 'path /var/spool/cron'*) ;; *) continue ;; esac ;;
      *) continue ;;
      esac
      printf '%s %s\n' "$source" "$key" >>"$store/items"
      if has_key "$store/record" || has_key "$store/record" share || ! held_elsewhere; then continue; fi
      note_down share "$holder" "$key"
    done <"$listing"
  done
}

hold_item() {
  what=${1#* }
  case $1 in
  'unit '*)
    case $(grep -F "unit $what " "$store/record" | awk '{ print $6 }') in
    '' | - | /dev/null)
      # Masked while active it would fail, and masked twice is one link.
      within 12 systemctl stop "$what"
      t systemctl mask "$what" >/dev/null
      ;;
    # A file or link of the admin's own stands where the mask would.
    *) within 12 systemctl disable --now "$what" ;;
    esac
    ;;
  'boot '*) t systemctl disable "$what" ;;
  'init '*)
    [ "$what" = kcare ] || within 12 service "$what" stop >/dev/null
    init_links_of "$what" | while read -r path; do rm -f "$path"; done
    ;;
  'move '*)
    keep_aside "$what"
    rm -f "$what"
    ;;
  'lines '*)
    keep_aside "$what"
    awk -v wanted="$patterns" '/^[ \t]*#/ || $0 !~ wanted { print; next } { print "#holdfast: " $0 }' "$what" | rewrite "$what"
    ;;
  'conf:'*)
    setting=${1%% *}
    setting=${setting#conf:}
    keep_aside "$what"
    awk -v name="${setting%%=*}" -v line="$setting" '
      $0 ~ "^[ \t]*" name "[ \t]*=" { if (!done) print line; done = 1; next }
      { print }
      END { if (!done) print line }' "$what" 2>/dev/null | rewrite "$what"
    ;;
  'make '*)
    keep_aside "$what"
    ours "$what" | rewrite "$what"
    ;;
  snap)
    # Before 2.58 a hold has an end, 60 days at most.
    within 12 snap refresh --hold=forever >/dev/null || within 12 snap set system refresh.hold="$(date -u -d '+59 days' +%Y-%m-%dT%H:%M:%SZ)"
    ;;
  livepatch) within 12 canonical-livepatch config check-interval=0 >/dev/null ;;
  shutdown)
    t shutdown -c >/dev/null
    say 'note[]' "a $(grep '^shutdown ' "$store/record" | awk '{ print $3 }') that was scheduled is called off"
    ;;
  esac
}

# The patterns of cron entries that the sources asked mean.
patterns_of() {
  patterns=
  for one in $sources; do
    case $one in
    apt) add='unattended-upgrade|cron-apt|apticron|(apt|apt-get|aptitude) .*(upgrade|dist-upgrade|full-upgrade|update)' ;;
    dnf) add='yum-cron|dnf-automatic|(dnf|yum) .*(upgrade|update)' ;;
    kernelcare) add=kcarectl ;;
    ksplice) add=uptrack-upgrade ;;
    agents) add='puppet agent|chef-client|salt-call|ansible-pull' ;;
    cron) add=$updates_by_cron ;;
    *) continue ;;
    esac
    patterns="${patterns:+$patterns|}$add"
  done
}

main() {
  intent=$1 hold=$2
  store_of "$hold" || exit 2
  if [ -e "$base/ended/$hold" ]; then
    say fence ended
    end 'pause-updates v1'
  fi
  until=$3 owner=$4 run=$5 because=$6 units=$7
  shift 7
  sources="$*"
  [ -n "$sources" ] || sources=$all_sources
  lock || exit 75
  fence=new
  [ ! -e "$store/lease" ] || fence="again"
  say_sources
  if [ -z "$found" ]; then
    say fence "$fence"
    end 'pause-updates v1'
  fi
  # Readable, so that an unprivileged check sees who holds what; the copies are root's alone.
  mkdir -p "$store" && chmod 0755 "$base" "$base/held" "$store"
  keep_lease "$until" "$owner" "$run" "$intent" "$because"
  # shellcheck disable=SC2086
  printf '%s\n' $found >"$store/sources"
  keep_items
  patterns_of
  todo=$(printf '%s\n%s\n' "$(recorded)" "$now_wanted" | awk 'NF && !seen[$0]++')
  while read -r item; do
    [ -n "$item" ] || continue
    record_item "$item" || say 'failed[]' "$item: could not be recorded, so it is left alone"
  done <<END
$todo
END
  share_taken
  for copy in "$store"/files/*; do if there "$copy"; then flush "$copy"; fi; done
  flush "$store/record" "$store"
  say fence "$fence"
  sed 's/^/record[]=/' "$store/record" 2>/dev/null
  now_wanted=$todo
  while read -r item; do
    key_of "$item"
    case $item in '' | 'quiet '*) continue ;; esac
    if ! has_key "$store/record" && ! has_key "$store/record" share; then continue; fi
    [ -z "$(not_held "$item")" ] || hold_item "$item"
  done <<END
$todo
END
  flush "$store"
  end 'pause-updates v1'
}

main "$@"
