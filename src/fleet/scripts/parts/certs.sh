# Where certificates stand by custom. The distribution's own authorities are no business of ours.
customary() {
  seek /etc/kubernetes/pki /etc/nginx /etc/haproxy /etc/apache2 /etc/httpd /etc/ssl /etc/pki /etc/postgresql /etc/mysql /etc/dovecot /etc/postfix
  # Where an authority of one's own is put for the system to trust it.
  seek /usr/local/share/ca-certificates
  linked /etc/letsencrypt/live
  for conf in /etc/kubernetes/*.conf /var/lib/kubelet/pki/*.crt /var/lib/kubelet/pki/*-current.pem /var/lib/postgresql/*/*/server.crt; do
    [ ! -f "$conf" ] || printf '%s\n' "$conf"
  done
}

# Regular files below folders; a folder that is closed to us is named with a slash behind it.
seek() {
  for dir; do
    [ -d "$dir" ] || continue
    open_folder "$dir" || continue
    t find "$dir" -xdev -type f \( -name '*.crt' -o -name '*.pem' -o -name '*.cer' -o -name '*.cert' -o -name '*.der' \)
    [ "$uid" = 0 ] || t find "$dir" -xdev -type d ! -path '*/private' -print | while IFS= read -r below; do
      case $below in "$dir" | */private) ;; *) open_folder "$below" || : ;; esac
    done
  done
}
linked() {
  [ -d "$1" ] || return 0
  open_folder "$1" || return 0
  t find "$1" -xdev \( -type f -o -type l \) \( -name '*.crt' -o -name '*.pem' -o -name '*.cer' -o -name '*.cert' -o -name '*.der' \)
}
open_folder() {
  { [ -r "$1" ] && [ -x "$1" ]; } || {
    printf '%s/\n' "$1"
    return 1
  }
}

theirs() {
  case $1 in
  /etc/pki/ca-trust/source/anchors/*) return 1 ;;
  /etc/ssl/certs/ca-certificates.crt | /etc/pki/ca-trust/* | /etc/pki/java/* | /etc/pki/tls/cert.pem | /etc/pki/tls/certs/ca-bundle*) return 0 ;;
  esac
  return 1
}

# One line, printable, whole: paths and blocks are longer than what `say` keeps.
put() {
  line=$1=$(printf '%s' "$2" | tr '\000-\037\177' ' ')
  left=$((left - ${#line} - 1))
  printf '%s\n' "$line"
}

about() {
  put file "$1"
  if [ -L "$1" ]; then put link "$(readlink -f "$1" 2>/dev/null)"; fi
  # shellcheck disable=SC2046
  set -- $(stat -L -c '%U:%G %a %Y' "$1" 2>/dev/null)
  [ $# != 3 ] || { put owner "$1" && put mode "$2" && put mtime "$3"; }
}

blocks() {
  printf '%s\n' "$text" | awk '
    /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/ { if (on) print "broken=no end"; on = 1; block = ""; next }
    /-----END (TRUSTED |X509 )?CERTIFICATE-----/ { if (on) print "pem=" block; on = 0; next }
    on && /-----/ { print "broken=no end"; on = 0; next }
    on && length(block) > 16000 { print "broken=longer than any certificate"; on = 0; next }
    on { gsub(/[ \t\r]/, ""); gsub(/[^A-Za-z0-9+\/=]/, "?"); block = block $0 }
    END { if (on) print "broken=no end" }'
}

# Bytes of a certificate in DER, by its first bytes; nothing for what is none. It is a SEQUENCE that begins with a SEQUENCE that
# begins with a version or a serial number. Keys and PKCS#12 begin with a number, encrypted keys with the name of a cipher: they stay here.
der_length() {
  # shellcheck disable=SC2046
  set -- $(head -c 12 "$1" | od -An -v -tx1 2>/dev/null)
  [ $# -ge 9 ] && [ "$1" = 30 ] || return 0
  case $2 in
  82) long=$((0x$3$4 + 4)) && shift 4 ;;
  81) long=$((0x$3 + 3)) && shift 3 ;;
  *) return 0 ;;
  esac
  [ "$1" = 30 ] || return 0
  case $2 in 82) shift 4 ;; 81) shift 3 ;; [0-7]?) shift 2 ;; *) return 0 ;; esac
  case $1 in a0 | 02) echo "$long" ;; esac
}

field() { printf '%s\n' "$text" | sed -n "s/^[ -]*$1: *//p" | head -n 1 | tr -d "\"' \r"; }
decoded() { if have base64; then base64 -d; else openssl base64 -d -A; fi 2>/dev/null; }

# The hash of the public half of a private key on stdin.
keypin() {
  if ! have openssl; then
    put keywhy openssl
    return
  fi
  # A key behind a pass phrase asks for it: it gets none, and no terminal to ask on.
  public=$(openssl pkey -passin pass: -pubout -outform PEM 2>/dev/null)
  case $public in
  *'BEGIN PUBLIC KEY'*) ;;
  *)
    put keywhy unreadable
    return
    ;;
  esac
  hash=$(printf '%s\n' "$public" | openssl pkey -pubin -outform DER 2>/dev/null | openssl dgst -sha256 2>/dev/null)
  put keypin "${hash##*[ =]}"
}

key_of() {
  base=${1%.*}
  dir=${1%/*}
  name=${base##*/}
  case $text in *'PRIVATE KEY-----'*)
    put key "$1"
    printf '%s\n' "$text" | keypin
    return
    ;;
  esac
  case $name in cert | fullchain) beside=$dir/privkey.pem ;; *) beside=$base.key ;; esac
  for key in "$beside" "$base-key.pem" "$dir/private/$name.key" "/etc/ssl/private/$name.key" "/etc/pki/tls/private/$name.key"; do
    [ -f "$key" ] || continue
    put key "$key"
    if [ -r "$key" ]; then head -c 65536 "$key" | keypin; else put keywhy root; fi
    return
  done
}

one_file() {
  case $1 in */)
    put file "${1%/}"
    put unread root
    return
    ;;
  esac
  theirs "$1" && return
  [ -f "$1" ] || return 0
  if [ ! -r "$1" ]; then
    about "$1"
    put unread root
    return
  fi
  # NUL would end what a shell can hold.
  text=$(head -c "$most" "$1" 2>/dev/null | tr -d '\000')
  case $1 in *.conf)
    case $text in *client-certificate-data:* | *certificate-authority-data:*) ;; *) return 0 ;; esac
    about "$1"
    for name in client-certificate-data certificate-authority-data; do
      value=$(field "$name")
      [ -n "$value" ] || continue
      put at "$name"
      # A key that somebody put behind its certificate stays here.
      case $(printf '%s' "$value" | decoded | tr -d '\000') in
      *'PRIVATE KEY'*) put broken 'more behind it' ;;
      *) put b64 "$value" ;;
      esac
    done
    value=$(field client-key-data)
    if [ -n "$value" ]; then
      put key "$1"
      printf '%s' "$value" | decoded | keypin
    fi
    return
    ;;
  esac
  case $text in
  *-----BEGIN*CERTIFICATE-----*)
    about "$1"
    found=$(blocks | head -n 600)
    left=$((left - ${#found}))
    printf '%s\n' "$found"
    [ "$(head -c $((most + 1)) "$1" | wc -c)" -le "$most" ] || put cut yes
    key_of "$1"
    ;;
  *-----BEGIN*) ;;
  *)
    # A .pem without a block is somebody's notes; the others are certificates by their name.
    case $1 in *.pem) return 0 ;; esac
    { have base64 && have od; } || return 0
    about "$1"
    long=$(der_length "$1")
    if [ -z "$long" ]; then
      put broken 'no certificate'
    elif [ "$long" -gt 16384 ]; then
      put broken 'longer than any certificate'
    else
      case $(($(head -c $((long + 1)) "$1" | wc -c) - long)) in
      0) put der "$(head -c "$long" "$1" | base64 | tr -d '\n')" && key_of "$1" ;;
      1) put broken 'more behind it' ;;
      *) put broken 'no end' ;;
      esac
    fi
    ;;
  esac
}

look() {
  script=$1
  shift
  uid=$(id -u)
  most=98304
  left=786432
  IFS=' ' read -r began _ </proc/uptime
  files=$({ customary; for path; do if [ -d "$path" ]; then linked "$path"; else printf '%s\n' "$path"; fi; done; } | sort -u)
  count=0
  IFS=$nl
  set -f
  for path in $files; do
    count=$((count + 1))
    IFS=' ' read -r now _ </proc/uptime
    if [ "$count" -gt 400 ] || [ "$left" -lt 131072 ] || [ $((${now%.*} - ${began%.*})) -gt 10 ]; then
      put more yes
      break
    fi
    unset IFS
    one_file "$path"
    IFS=$nl
  done
  unset IFS
  end "$script v1"
}
