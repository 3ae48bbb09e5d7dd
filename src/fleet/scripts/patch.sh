# holdfast:patch v1
# root
#
# Begins an upgrade of exactly what was looked at before, once for one intent, and leaves it to itself: it goes on when the
# connection breaks. patch-look.sh says how far it is. Waits for whoever holds the lock of packages, and ends nobody.
#
# Arguments: intent, mode (upgrade|back), sum (of patch-plan.sh; back: anything), kernel (yes|no), minutes to wait for the lock,
#            then patterns that stay off; back: packages as name=version
# Output: fence=taken|already   already: this intent was begun here before
#         how=systemd|setsid|background
#         failed=…
#
# part:basics
# part:packages

intent=$1 mode=$2 sum=$3 kernel=$4 minutes=$5
shift 5
case $intent in '' | .* | *[!A-Za-z0-9._-]*) say failed 'the intent is no name' && end 'patch v1' ;; esac
case $minutes in '' | *[!0-9]*) say failed 'the minutes are no number' && end 'patch v1' ;; esac
[ -n "$manager" ] || { say failed 'there is neither apt nor dnf here' && end 'patch v1'; }
are_patterns "$@" || end 'patch v1'

# It stands over a reboot: an upgrade that a power cut broke off is not begun again by whoever comes late.
base=/var/lib/holdfast/patch
state=$base/$intent
# shellcheck disable=SC2174
mkdir -p -m 0700 "$base" 2>/dev/null
find "$base" -mindepth 1 -maxdepth 1 -type d -mtime +90 -exec rm -rf {} + 2>/dev/null
if ! mkdir -m 0700 "$state" 2>/dev/null; then
  if [ -d "$state" ]; then say fence already; else say failed "$state cannot be made"; fi
  end 'patch v1'
fi
say fence taken

printf '%s\n' "$mode" >"$state/mode"
printf '%s\n' "$sum" >"$state/sum"
printf '%s\n' "$minutes" >"$state/minutes"
{ cat /proc/sys/kernel/random/boot_id; } >"$state/boot" 2>/dev/null
: >"$state/back"
if [ "$mode" = back ]; then
  for word; do printf '%s\n' "$word" >>"$state/back"; done
  keep_off "$state" yes
else
  keep_off "$state" "$kernel" "$@"
fi
echo waiting >"$state/state"

# Every file below is read by the one that follows, which this script does not live to see.
cat >"$state/run.sh" <<'RUN'
# part:basics
# part:packages
RUN
cat >>"$state/run.sh" <<'RUN'
state=$1
cd "$state" || exit 1
become() { echo "$1" >state.new && mv -f state.new state; }
echo "$$" >pid
until=$(($(date +%s) + 60 * $(cat minutes)))
while holder=$(lock_holder) && [ -n "$holder" ]; do
  echo "$holder" >holder
  [ ! -e called-off ] || exit 0
  if [ "$(date +%s)" -ge "$until" ]; then
    become locked
    exit 0
  fi
  sleep 3
done
# Whoever makes it decides: this upgrade begins, or it was called off.
mkdir go 2>/dev/null || exit 0
date +%s >begun
if [ "$(cat mode)" = upgrade ]; then
  if ! simulate "$state" || [ "$(plan_sum "$state")" != "$(cat sum)" ]; then
    become changed
    exit 0
  fi
  if [ -n "$(leaks "$state")" ]; then
    become leaks
    exit 0
  fi
fi
installed >before
become installing
case $manager:$(cat mode) in
apt:upgrade) apt_ upgrade ;;
apt:back)
  # shellcheck disable=SC2046
  apt_ --allow-downgrades install $(cat back)
  ;;
dnf:upgrade) dnf_ -y upgrade ;;
# bash.x86_64=5.1-2 is bash-5.1-2.x86_64 to it.
dnf:back) awk -F= '{ arch = name = $1; sub(/.*\./, "", arch); sub(/\.[^.]*$/, "", name); print name "-" $2 "." arch }' back | xargs -r dnf -y --color=never downgrade ;;
esac >log 2>&1 </dev/null
echo "$?" >rc
installed >after
become done
RUN

if [ -n "$systemd" ] && have systemd-run; then
  # Of its own unit: the end of this login, or of sshd being upgraded, does not reach it.
  if systemd-run --quiet --collect --unit="holdfast-patch-$intent" --property=KillMode=process --property=SendSIGKILL=no sh "$state/run.sh" "$state" >/dev/null 2>"$state/said" </dev/null; then
    say how systemd
    end 'patch v1'
  fi
fi
set -- sh "$state/run.sh" "$state"
how=background
if have setsid; then
  set -- setsid "$@"
  how=setsid
fi
(trap '' HUP && cd / && exec "$@") </dev/null >/dev/null 2>&1 &
say how "$how"
end 'patch v1'
