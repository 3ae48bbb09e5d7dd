# holdfast:certs-look v1
# root
#
# How far a step of a rotation is. Changes nothing, but for one thing: the manifest of a static pod that a step took away and
# died over is put back where it was.
#
# Arguments: intent of what was kept, name of the step
# Output: state=absent    nothing of this step was begun here
#               running
#               done      rc=… as it ended
#               died      it was begun and nobody is at it any more
#         seconds=…       since it began
#         mended=PATH     what it had left away
#         log[]=…         its last lines; private keys are left out
#
# part:basics
# part:kept

store_of "$1" || { say state absent && end 'certs-look v1'; }
state=$store/do/$2
case $2 in '' | .* | *[!A-Za-z0-9._-]*) state= ;; esac
if [ -z "$state" ] || [ ! -d "$state" ]; then
  say state absent
  end 'certs-look v1'
fi
contents() { { read -r line <"$1"; } 2>/dev/null && printf '%s' "$line"; }

alive() {
  pid=$(contents "$state/pid")
  if [ -z "$pid" ]; then
    # Begun a moment ago: systemd or the shell has not come to it yet.
    [ -z "$(find "$state" -prune -mmin +1 2>/dev/null)" ]
    return
  fi
  tr '\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$state/run.sh"
}

# A step that died between two readings of this script had ended.
if [ ! -e "$state/rc" ] && alive; then
  say state running
else
  rc=$(contents "$state/rc")
  if [ -n "$rc" ]; then
    say state "done"
    say rc "$rc"
  else
    say state died
    if [ -e "$state/pod.yaml" ]; then
      manifest=/etc/kubernetes/manifests/$(contents "$state/words").yaml
      mv -f "$state/pod.yaml" "$manifest" && say mended "$manifest"
    fi
  fi
fi
begun=$(contents "$state/begun")
[ -z "$begun" ] || say seconds $(($(date +%s) - begun))
awk '/-----BEGIN [A-Z ]*PRIVATE KEY/ { hidden = 1; print "(a private key, left out)" } !hidden { print } /-----END [A-Z ]*PRIVATE KEY/ { hidden = 0 }' "$state/log" 2>/dev/null |
  grep -v '^[[:space:]]*$' | tail -n 5 | while IFS= read -r line; do say 'log[]' "$line"; done
end 'certs-look v1'
