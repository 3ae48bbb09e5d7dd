import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdinOf } from '../../src/fleet/ssh/stdin.ts';

/** Why no Debian root directory can be made here; `undefined` when it can. */
export const noRoot: string | undefined = whyNot();
if (noRoot) console.warn(`skipped: ${noRoot}`);

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root: nobody else may chroot';
  if (!existsSync('/lib/systemd/system/apt-daily.timer')) return 'no Debian with systemd under us: its apt timers are what is paused';
  if (!existsSync('/usr/bin/busybox') && !existsSync('/bin/busybox')) return 'no busybox here';
  return undefined;
}

/**
 * A real Debian root: this machine's own tools, units, apt and cron settings, copied. Scripts run in it by chroot, as root, with
 * the real systemctl for all that is files (mask, unmask, disable); what only a running systemd knows (active or not) is
 * kept by a few lines in front of it. /proc is a folder of plain files: nothing of the machine is shared.
 */
export interface DebianRoot {
  /** Runs a script as the SSH room sends it, in this shell, and gives its stdout. */
  run(script: string, args: readonly string[], shell?: string[]): string;
  sh(line: string): string;
  /** A file as it is in there: bytes, mode, owner and time, or what it links to; `undefined` = none. */
  state(path: string): string | undefined;
  write(path: string, text: string, has?: { mode?: number; uid?: number; gid?: number; mtime?: number }): void;
  remove(path: string): void;
  activate(...units: string[]): void;
  isActive(unit: string): boolean;
  close(): void;
}

export function debianRoot(options: { systemd?: boolean } = {}): DebianRoot {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-root-'));
  // Programs are shared by hard links: tests replace files there, and never write into one.
  const made = spawnSync('sh', [
    '-c',
    'cd "$1" && cp -al usr "$2/" && for each in *; do [ "$each" = usr ] || cp -a "$each" "$2/"; done && chmod 755 "$2"',
    'sh',
    template(),
    dir,
  ]);
  if (made.status !== 0) throw new Error(`no root could be made: ${made.stderr}`);
  const inside = (words: string[], input: string | Buffer) =>
    spawnSync('chroot', [dir, ...words], { input, encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' } });
  const sh = (line: string): string => {
    const { stdout, stderr, status } = inside(['sh', '-s'], line);
    if (status !== 0) throw new Error(`${line}\nended with ${status}: ${stderr}`);
    return stdout;
  };
  if (options.systemd === false) sh('rm -f /usr/bin/systemctl');
  else
    sh(
      `mkdir -p /run/systemd/system /run/active && mv /usr/bin/systemctl /usr/bin/systemctl.real && cat >/usr/bin/systemctl <<'END'\n${SYSTEMCTL}END\nchmod 755 /usr/bin/systemctl`,
    );
  return {
    sh,
    write(path, text, has = {}) {
      const owner = `${has.uid ?? 0}:${has.gid ?? 0}`;
      const line = `mkdir -p "\${1%/*}" && cat >"$1" && chown "$2" "$1" && chmod "$3" "$1" && { [ -z "$4" ] || touch -d "@$4" "$1"; }`;
      const { status, stderr } = inside(['sh', '-c', line, 'sh', path, owner, (has.mode ?? 0o644).toString(8), String(has.mtime ?? '')], text);
      if (status !== 0) throw new Error(`${path} could not be written: ${stderr}`);
    },
    run(script, args, shell = ['sh']) {
      const { stdout, stderr, status } = inside([...shell, '-s'], stdinOf({ script, args }));
      if (status !== 0 || stderr !== '') throw new Error(`${script} ended with ${status}: ${stderr}\n${stdout}`);
      return stdout;
    },
    state(path) {
      const out = sh(
        `if [ -e '${path}' ] || [ -L '${path}' ]; then stat -c '%F %a %u %g %y %N' '${path}'; if [ -f '${path}' ]; then sha256sum <'${path}'; fi; fi`,
      );
      return out === '' ? undefined : out;
    },
    remove: (path) => void sh(`rm -f '${path}'`),
    activate: (...units) => void sh(units.map((unit) => `printf active >/run/active/${unit}`).join('\n')),
    isActive: (unit) => sh(`cat /run/active/${unit} 2>/dev/null || true`) === 'active',
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

let first: string | undefined;

/** Made once for the tests of a file. */
function template(): string {
  if (first) return first;
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-root-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const made = spawnSync('sh', ['-s', dir], { input: MAKE, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`no root could be made: ${made.stderr}`);
  first = dir;
  return dir;
}

/** The tools of this machine with what they load, its units, apt and cron: some 40 MB. */
const MAKE = `
set -e
root=$1
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/tmp" "$root/root" "$root/var/lib" "$root/var/spool/cron/crontabs" "$root/run" "$root/dev"
for dir in bin sbin lib; do ln -s "usr/$dir" "$root/$dir"; done
if [ -d /lib64 ]; then mkdir -p "$root/usr/lib64" && ln -s usr/lib64 "$root/lib64"; fi
tools='sh dash bash busybox cat cp mv rm mkdir rmdir ls stat touch chmod chown ln readlink sha256sum cut tr head tail sort uname id sync
  timeout sleep date env mktemp true false printf tee wc expr find xargs which flock awk mawk sed grep systemctl apt-config dpkg setpriv hostname getconf df'
for tool in $tools; do
  path=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v "$tool") || continue
  case $path in /*) ;; *) path=/usr/bin/$tool ;; esac
  [ -e "$path" ] || continue
  real=$(readlink -f "$path")
  cp -L "$path" "$root/usr/bin/$tool"
  ldd "$real" 2>/dev/null | grep -oE '/[^ ]+' || true
done | sort -u >"$root/libs"
while read -r lib; do
  case $lib in /lib64/*) to=$root$lib ;; /usr/*) to=$root$lib ;; *) to=$root/usr$lib ;; esac
  mkdir -p "\${to%/*}"
  cp -L "$lib" "$to"
done <"$root/libs"
mkdir -p "$root/etc" "$root/usr/lib/systemd/system" "$root/usr/lib/apt"
cp -a /etc/passwd /etc/group /etc/nsswitch.conf /etc/apt /etc/cron.d /etc/cron.daily /etc/os-release "$root/etc/" 2>/dev/null || true
mkdir -p "$root/etc/systemd" && cp -a /etc/systemd/system "$root/etc/systemd/"
cp -a /usr/lib/systemd/system/apt-daily*.* /usr/lib/systemd/system/multi-user.target "$root/usr/lib/systemd/system/"
for unit in packagekit packagekit-offline-update; do
  printf '[Unit]\nDescription=%s\n[Service]\nExecStart=/bin/true\n' "$unit" >"$root/usr/lib/systemd/system/$unit.service"
done
cp -a /usr/lib/apt/apt.systemd.daily "$root/usr/lib/apt/"
mkdir -p "$root/usr/share" && cp -a /usr/share/dpkg "$root/usr/share/"
mkdir -p "$root/var/lib/dpkg" && : >"$root/var/lib/dpkg/status" && mkdir -p "$root/var/lib/systemd/timers" "$root/var/cache/apt" "$root/var/lib/apt"
mkdir -p "$root/proc/sys/kernel/random" "$root/proc/self"
echo '5000.00 5000.00' >"$root/proc/uptime"
cat /proc/sys/kernel/random/uuid >"$root/proc/sys/kernel/random/boot_id"
mknod -m 666 "$root/dev/null" c 1 3
chmod 755 "$root"
`;

/** As systemd 252 does: masking what is active leaves it failed, and what is masked does not start. */
const SYSTEMCTL = `#!/bin/sh
verb=$1
shift
real='/usr/bin/systemctl.real --root=/'
set_state() { if [ "$2" = inactive ]; then rm -f "/run/active/$1"; else printf %s "$2" >"/run/active/$1"; fi; }
masked() { [ "$(readlink "/etc/systemd/system/$1")" = /dev/null ]; }
case $verb in
show)
  names=''
  while [ $# -gt 0 ]; do
    case $1 in -p) names="$names $2" && shift ;; *) units="$units $1" ;; esac
    shift
  done
  for unit in $units; do
    load=not-found
    for place in /etc/systemd/system /lib/systemd/system; do [ ! -e "$place/$unit" ] || load=loaded; done
    ! masked "$unit" || load=masked
    file=
    [ "$load" = not-found ] || file=$($real is-enabled "$unit" 2>/dev/null)
    active=inactive
    [ ! -e "/run/active/$unit" ] || active=$(cat "/run/active/$unit")
    [ -z "$first" ] || echo
    first=no
    for name in $names; do
      case $name in Id) echo "Id=$unit" ;; LoadState) echo "LoadState=$load" ;; UnitFileState) echo "UnitFileState=$file" ;; ActiveState) echo "ActiveState=$active" ;; esac
    done
  done ;;
stop) for unit; do set_state "$unit" inactive; done ;;
start) for unit; do ! masked "$unit" || exit 1; set_state "$unit" active; done ;;
mask) for unit; do [ ! -e "/run/active/$unit" ] || set_state "$unit" failed; done; exec $real mask "$@" ;;
disable)
  if [ "$1" = --now ]; then shift; for unit; do set_state "$unit" inactive; done; fi
  exec $real disable "$@" ;;
reset-failed) for unit; do [ "$(cat "/run/active/$unit" 2>/dev/null)" != failed ] || set_state "$unit" inactive; done ;;
daemon-reload) ;;
*) exec $real "$verb" "$@" ;;
esac
`;
