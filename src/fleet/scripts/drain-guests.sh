# holdfast:drain-guests v1
# root
# hook
#
# Moves the guests of a hypervisor away before it is rebooted, and back after: by the cluster's own manager on Proxmox VE, by
# live migration with libvirt. A hook: see docs/operations.md.
#
#   begin|look|undo <host> <intent> [to=URI] [self=URI]
#     to     libvirt: where the guests go, `qemu+ssh://kvm02/system`
#     self   libvirt: what the other side calls this host; qemu+ssh://<its full name>/system if unsaid
#
# Output: state=done|busy|failed, detail=…, end=drain-guests v1. Called again with the same words it goes on, never twice.

# part:basics

verb=$1 host=$2 intent=$3 to='' self=''
shift 3
for word in "$@"; do
  case $word in
  to=*) to=${word#to=} ;;
  self=*) self=${word#self=} ;;
  esac
done
: "${self:=qemu+ssh://$(hostname -f 2>/dev/null || uname -n)/system}"
# Not in /run: it has to be known after the boot what was here.
store=/var/lib/holdfast/drained
log=$store/log

finish() {
  say state "$1"
  say detail "$2"
  end 'drain-guests v1'
}

plural() { [ "$1" = 1 ] && echo "$1 guest" || echo "$1 guests"; }
count() { grep -c . || true; }

# The one that moves guests lives on when this session ends; its pid is the lock.
mover_runs() { [ -r "$store/pid" ] && read -r pid <"$store/pid" && [ -d "/proc/$pid" ] && grep -qF "$intent" "/proc/$pid/cmdline" 2>/dev/null; }

# mover COMMANDS: one guest after the other, each by its name in $1; what fails is in the log. Comes back when it is at work or
# has failed to begin: until then its command line is that of the process it came from, or empty, and it would be taken for
# ended. It says so by letting go of the pipe it was given.
mover() {
  # shellcheck disable=SC2016
  set -- sh -c 'echo "$$" >"$4" && exec >&2 || exit 1
      '"$1" "holdfast $intent" "$store/guests" "$to" "$self" "$store/pid"
  have setsid && set -- setsid "$@"
  : "$( (trap '' HUP && exec "$@") </dev/null 2>"$log" &)"
}

proxmox() {
  running=$(t qm list | awk '$3 == "running"' | count)
  case $verb in
  begin) said=$(ha-manager crm-command node-maintenance enable "$host" 2>&1) || finish failed "ha-manager: $said" ;;
  undo)
    said=$(ha-manager crm-command node-maintenance disable "$host" 2>&1) || finish failed "ha-manager: $said"
    finish 'done'
    ;;
  esac
  [ "$running" -gt 0 ] || finish 'done'
  finish busy "$(plural "$running") still here"
}

libvirt() {
  mkdir -p "$store" || finish failed "$store cannot be made"
  case $verb in
  undo) take_back ;;
  begin)
    if [ ! -e "$store/guests" ]; then
      case $to in ?*://?*) ;; *) finish failed 'its parameter to= names no libvirt to move the guests to' ;; esac
      here >"$store/guests.new" || finish failed 'virsh does not list the guests'
      mv "$store/guests.new" "$store/guests"
    fi
    # shellcheck disable=SC2016
    mover_runs || mover 'while IFS= read -r guest; do
        virsh domstate "$guest" 2>/dev/null | grep -q running || continue
        virsh migrate --live --persistent --undefinesource "$guest" "$2" </dev/null || echo "failed $guest"
      done <"$1"'
    ;;
  esac
  # Asked first: one that ends in between has moved what is listed after it.
  moving=
  mover_runs && moving=yes
  left=$(here) || finish failed 'virsh does not list the guests'
  if [ -z "$left" ]; then finish 'done'; fi
  left=$(plural "$(printf '%s\n' "$left" | count)")
  [ -z "$moving" ] || finish busy "$left still here"
  finish failed "$left could not be moved: $(tail -n 3 "$log" 2>/dev/null | tr '\n' ' ')"
}

take_back() {
  [ -e "$store/guests" ] || finish 'done'
  if ! mover_runs; then
    sort "$store/guests" >"$store/sorted"
    missing=$(here | sort >"$store/now" && comm -13 "$store/now" "$store/sorted")
    if [ -z "$missing" ]; then
      rm -rf "$store"
      finish 'done'
    fi
    [ ! -e "$store/tried-$intent" ] || finish failed "$(printf '%s' "$missing" | tr '\n' ' ')did not come back: $(tail -n 3 "$log" 2>/dev/null | tr '\n' ' ')"
    : >"$store/tried-$intent"
    # shellcheck disable=SC2016
    mover 'while IFS= read -r guest; do
        virsh domstate "$guest" 2>/dev/null | grep -q running && continue
        virsh -c "$2" migrate --live --persistent --undefinesource "$guest" "$3" </dev/null || echo "failed $guest"
      done <"$1"'
  fi
  finish busy 'its guests are being moved back'
}

here() { out=$(within 10 virsh list --name) && printf '%s\n' "$out" | sed '/^$/d'; }

case $intent in '' | .* | *[!A-Za-z0-9._-]*) finish failed 'the intent is no name' ;; esac
case $verb in begin | look | undo) ;; *) finish failed 'it is none of begin, look, undo' ;; esac
if have ha-manager && have qm; then proxmox; fi
if have virsh; then libvirt; fi
finish failed 'there is neither virsh nor the manager of Proxmox VE here'
