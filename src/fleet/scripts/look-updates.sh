# holdfast:look-updates v1
# root
#
# Reads again, each by itself, whether what a hold stopped is still stopped, and whether something new updates this host.
# Changes nothing.
#
# Arguments: hold, units (with blanks between), sources (none = all)
# Output: lease=yes|no|ended; until=, owner=, run=  as the host has them; sources[]=…  on this host
#         held[]=…  drift[]=item: why   running[]=program (pid n)
#
# part:basics
# part:holding
# part:sources

main() {
  store_of "$1" || exit 2
  hold=$1 units=$2
  shift 2
  sources="$*"
  [ -n "$sources" ] || sources=$all_sources
  if [ -r "$store/lease" ]; then
    say lease yes
    grep -E '^(until|owner|run)=' "$store/lease"
  elif [ -e "$base/ended/$hold" ]; then
    say lease ended
  else
    say lease no
  fi
  say_sources
  look
  end 'look-updates v1'
}

main "$@"
