# holdfast:certs-do v1
# root
#
# Begins one step of a rotation, once for one intent, and leaves it to itself: it goes on when the connection breaks.
# certs-look.sh says how far it is. Nothing here can write a certificate authority: kubeadm is only ever asked for leaves by
# their names, and what a command of yours does beyond its leaf is found by the keys afterwards.
#
# Arguments: intent of what was kept, name of the step, kind, then words
#   kubeadm NAME …       renews these leaves of a control plane
#   certbot NAME …       renews these lineages
#   script NAME TEXT     a script of the configuration
#   nginx                its configuration tested, then reloaded
#   haproxy              likewise
#   unit NAME            reloaded, or restarted where it cannot be
#   static-pod NAME S    its manifest taken away for S seconds (the kubelet looks every 20), and put back
# Output: fence=taken|already   already: this step was begun here before
#         how=systemd|setsid|background
#         failed=…
#
# part:basics
# part:kept

failed() {
  say failed "$1"
  end 'certs-do v1'
}

store_of "$1" || failed 'the intent is no name'
intent=$1 step=$2 kind=$3
shift 3
case $step in '' | .* | *[!A-Za-z0-9._-]*) failed 'the step is no name' ;; esac
if [ "$kind" != script ]; then
  for word; do case $word in *"$nl"*) failed 'a word has a line end in it' ;; esac done
fi
case $kind in
kubeadm)
  for name; do
    case $name in
    apiserver | apiserver-kubelet-client | apiserver-etcd-client | front-proxy-client | etcd-server | etcd-peer | etcd-healthcheck-client) ;;
    admin.conf | super-admin.conf | controller-manager.conf | scheduler.conf) ;;
    *) failed "$name is no leaf that kubeadm renews" ;;
    esac
  done
  ;;
certbot | unit | static-pod)
  for word; do case $word in '' | -* | *[!A-Za-z0-9@._:-]*) failed "$word is no name" ;; esac done
  ;;
script | nginx | haproxy) ;;
*) failed "$kind is no kind of step" ;;
esac
# Nothing is renewed that was not kept.
[ -e "$store/files" ] || failed 'nothing was kept for this intent'

state=$store/do/$step
mkdir -p "$store/do"
if ! mkdir -m 0700 "$state" 2>/dev/null; then
  if [ -d "$state" ]; then say fence already; else say failed "$state cannot be made"; fi
  end 'certs-do v1'
fi
say fence taken
printf '%s\n' "$kind" >"$state/kind"
: >"$state/words"
if [ "$kind" = script ]; then
  printf '%s\n' "$1" >"$state/words"
  printf '%s\n' "$2" >"$state/script"
else
  for word; do printf '%s\n' "$word" >>"$state/words"; done
fi
date +%s >"$state/begun"

# Read by the shell that follows, which this script does not live to see.
cat >"$state/run.sh" <<'RUN'
# part:basics
RUN
cat >>"$state/run.sh" <<'RUN'
state=$1
cd "$state" || exit 1
echo "$$" >pid
kind=$(cat kind)
set --
while IFS= read -r word; do set -- "$@" "$word"; done <words

# A renewal that hangs is ended after a quarter of an hour; what it did is judged all the same.
at_most() {
  case $limit in
  kill) timeout -k 10 900 "$@" ;;
  plain) timeout 900 "$@" ;;
  old) timeout -t 900 "$@" ;;
  *) "$@" ;;
  esac
}
units() { [ -n "$systemd" ] && t systemctl is-active "$1" >/dev/null; }
put_pod_back() { if [ -e "$state/pod.yaml" ]; then mv -f "$state/pod.yaml" "/etc/kubernetes/manifests/$1.yaml"; fi; }

do_it() {
  case $kind in
  kubeadm)
    # Until 1.19 it stood under alpha.
    verb=certs
    t kubeadm certs --help >/dev/null || verb='alpha certs'
    # shellcheck disable=SC2086
    for name; do at_most kubeadm $verb renew "$name" || return; done
    ;;
  certbot) for name; do at_most certbot renew --cert-name "$name" --force-renewal --non-interactive --no-random-sleep-on-renew || return; done ;;
  script) at_most sh "$state/script" ;;
  nginx)
    at_most nginx -t || return
    if units nginx.service; then at_most systemctl reload nginx.service; else at_most nginx -s reload; fi
    ;;
  haproxy)
    at_most haproxy -c -f /etc/haproxy/haproxy.cfg || return
    if units haproxy.service; then at_most systemctl reload haproxy.service; else at_most service haproxy reload; fi
    ;;
  unit)
    if [ -n "$systemd" ]; then
      at_most systemctl reload-or-restart "$1"
    else
      at_most service "${1%.service}" reload || at_most service "${1%.service}" restart
    fi
    ;;
  static-pod)
    manifest=/etc/kubernetes/manifests/$1.yaml
    [ -f "$manifest" ] || { echo "there is no $manifest" && return 1; }
    # shellcheck disable=SC2064
    trap "put_pod_back '$1'" EXIT
    cp -a "$manifest" "$state/pod.kept" && mv -f "$manifest" "$state/pod.yaml" || return
    sleep "$2"
    put_pod_back "$1"
    ;;
  esac
}
do_it "$@" >log 2>&1 </dev/null
echo "$?" >rc.new && mv -f rc.new rc
RUN
flush "$state"

if [ -n "$systemd" ] && have systemd-run; then
  # Of its own unit: the end of this login does not reach it.
  if systemd-run --quiet --collect --unit="holdfast-certs-$intent-$step" sh "$state/run.sh" "$state" >/dev/null 2>"$state/said" </dev/null; then
    say how systemd
    end 'certs-do v1'
  fi
fi
set -- sh "$state/run.sh" "$state"
how=background
if have setsid; then
  set -- setsid "$@"
  how=setsid
fi
(trap '' HUP && cd / && exec "$@") </dev/null >/dev/null 2>&1 3>&- &
say how "$how"
end 'certs-do v1'
