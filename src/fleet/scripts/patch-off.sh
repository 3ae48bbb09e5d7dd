# holdfast:patch-off v1
# root
#
# Calls off an upgrade that waits for the lock of packages. One that has begun goes on: breaking it off would leave packages half-way.
#
# Arguments: intent
# Output: off=done      it had not begun and will not
#             absent    nothing of this intent was here; it will not begin either
#             late      it has begun, or is over
#
# part:basics

intent=$1
case $intent in '' | .* | *[!A-Za-z0-9._-]*) say off absent && end 'patch-off v1' ;; esac
base=/var/lib/holdfast/patch
state=$base/$intent
# shellcheck disable=SC2174
mkdir -p -m 0700 "$base" 2>/dev/null
if mkdir -m 0700 "$state" 2>/dev/null; then
  # Whoever comes with this intent later finds it taken.
  : >"$state/called-off"
  mkdir "$state/go" 2>/dev/null
  say off absent
elif mkdir "$state/go" 2>/dev/null; then
  : >"$state/called-off"
  say off 'done'
elif [ -e "$state/called-off" ]; then
  say off 'done'
else
  say off late
fi
end 'patch-off v1'
