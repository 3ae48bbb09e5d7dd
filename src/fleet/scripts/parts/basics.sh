LC_ALL=C TZ=UTC
export LC_ALL TZ
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin:/snap/bin
umask 022
nl='
'

have() { command -v "$1" >/dev/null 2>&1; }

# One line, printable, at most 500 characters; nothing at all for an empty value.
say() {
  [ -n "$2" ] || return 0
  printf '%s=' "$1"
  printf '%.500s' "$2" | tr '\000-\037\177' ' '
  echo
}
end() {
  say end "$1"
  exit 0
}

# Runs a program for at most so many seconds: within 15 12.
limit=
if have timeout; then
  if timeout -k 1 5 true 2>/dev/null; then limit="kill"; elif timeout 5 true 2>/dev/null; then limit="plain"; elif timeout -t 5 true 2>/dev/null; then limit="old"; fi
fi
within() {
  seconds=$1
  shift
  case $limit in
  kill) timeout -k 1 "$seconds" "$@" ;;
  plain) timeout "$seconds" "$@" ;;
  old) timeout -t "$seconds" "$@" ;;
  *) "$@" ;;
  esac 2>/dev/null </dev/null
}
t() { within 5 "$@"; }

systemd=
if [ -d /run/systemd/system ] && have systemctl; then systemd=yes; fi

# The processes called so (15 characters of their name), whose command line does not match $2.
running() {
  for file in /proc/[0-9]*/comm; do
    { read -r name <"$file"; } 2>/dev/null || continue
    [ "$name" = "$1" ] || continue
    pid=${file#/proc/}
    pid=${pid%/comm}
    case "$(tr '\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" in
    "" | *${2:-/nothing/}*) ;;
    *) printf '%s (pid %s)\n' "$1" "$pid" ;;
    esac
  done
}
