# holdfast:patch-back v1
# root
#
# Whether packages can be put back to recorded versions. Changes nothing; patch.sh in the mode `back` does it.
#
# Arguments: name=version, one each
# Output: manager=…; lock=…; half[]=…   as patch-plan.sh says them
#         there[]=name=version   can still be had from where the host gets its packages
#         gone[]=name=version    cannot
#         failed=…               those that are there cannot be put back together, and why
#
# part:basics
# part:packages

say manager "$manager"
are_patterns "$@" || end 'patch-back v1'
say lock "$(lock_holder)"
half_configured | while read -r name; do say 'half[]' "$name"; done
work=$(mktemp -d) || end 'patch-back v1'
trap 'rm -rf "$work"' EXIT
: >"$work/there"
can_be_had() {
  case $manager in
  apt) t apt-cache show "$1" | grep -q '^Package:' ;;
  dnf)
    name=${1%%=*}
    [ -n "$(within 20 dnf -q repoquery "${name%.*}-${1#*=}.${name##*.}")" ]
    ;;
  *) false ;;
  esac
}
for word; do
  if can_be_had "$word"; then
    printf '%s\n' "$word" >>"$work/there"
    say 'there[]' "$word"
  else
    say 'gone[]' "$word"
  fi
done
if [ -s "$work/there" ] && [ "$manager" = apt ]; then
  keep_off "$work" yes
  # shellcheck disable=SC2046
  apt_ -s -o Debug::NoLocking=true --allow-downgrades install $(cat "$work/there") >"$work/simulated" 2>&1 ||
    say failed "$(grep -E '^E:' "$work/simulated" | head -n 1)"
  # Nothing is taken away for the sake of going back.
  say failed "$(awk '$1 == "Remv" { printf "%s%s", (n++ ? ", " : "it would take away "), $2 }' "$work/simulated")"
fi
end 'patch-back v1'
