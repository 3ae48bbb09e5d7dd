import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdinOf } from '../../src/fleet/ssh/stdin.ts';

/** Why no root directory of a Debian can be laid over this one; `undefined` when it can. */
export const noRoot: string | undefined = whyNot();
if (noRoot) console.warn(`skipped: ${noRoot}`);

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root: a host of its own (overlay and chroot) cannot be made';
  if (!existsSync('/lib/systemd/system/apt-daily.timer')) return 'no Debian with systemd under us: its apt timers are what is paused';
  const tried = spawnSync('unshare', [
    '-m',
    'sh',
    '-c',
    'd=$(mktemp -d) && mount -t tmpfs t "$d" && mkdir "$d/u" "$d/w" "$d/r" && mount -t overlay o -o "lowerdir=/,upperdir=$d/u,workdir=$d/w" "$d/r"',
  ]);
  return tried.status === 0 ? undefined : 'no overlay mounts here (unshare -m)';
}

/**
 * A real Debian root: this machine's own, with a layer over it that is thrown away. Scripts run in it by chroot, as root, with
 * its real systemctl for all that is files (mask, unmask, disable); what only a running systemd knows (active or not) is
 * kept by a few lines in front of it.
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
  for (const each of ['upper', 'work', 'root', 'run']) mkdirSync(join(dir, each));
  // The layers are mounted anew by each call, in a namespace of its own: nothing is left mounted.
  const inside = (shell: string[], input: string | Buffer): { stdout: string; status: number | null; stderr: string } =>
    spawnSync(
      'unshare',
      [
        '-m',
        'sh',
        '-c',
        `cd ${dir} && mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root && mount --bind run root/run && mount --rbind /proc root/proc && mount --rbind /dev root/dev && exec chroot root "$@"`,
        'sh',
        ...shell,
      ],
      { input, encoding: 'utf8' },
    );
  const sh = (line: string): string => {
    const { stdout, stderr, status } = inside(['sh', '-s'], line);
    if (status !== 0) throw new Error(`${line}\nended with ${status}: ${stderr}`);
    return stdout;
  };
  // Through the mount: a layer written from outside while none is mounted would have holes where files were removed.
  const write: DebianRoot['write'] = (path, text, has = {}) => {
    const { status, stderr } = inside(
      [
        'sh',
        '-c',
        `mkdir -p "\${1%/*}" && cat >"$1" && chown "$2" "$1" && chmod "$3" "$1" && { [ -z "$4" ] || touch -d "@$4" "$1"; }`,
        'sh',
        path,
        `${has.uid ?? 0}:${has.gid ?? 0}`,
        (has.mode ?? 0o644).toString(8),
        String(has.mtime ?? ''),
      ],
      text,
    );
    if (status !== 0) throw new Error(`${path} could not be written: ${stderr}`);
  };
  if (options.systemd === false) {
    sh('rm -f /usr/bin/systemctl /bin/systemctl');
  } else {
    mkdirSync(join(dir, 'run/systemd/system'), { recursive: true });
    mkdirSync(join(dir, 'run/active'), { recursive: true });
    sh('mv /usr/bin/systemctl /usr/bin/systemctl.real');
    write('/usr/bin/systemctl', SYSTEMCTL, { mode: 0o755 });
  }
  return {
    sh,
    write,
    run(script, args, shell = ['sh']) {
      const { stdout, stderr, status } = inside([...shell, '-s'], stdinOf({ script, args }));
      if (status !== 0 || stderr !== '') throw new Error(`${script} ended with ${status}: ${stderr}\n${stdout}`);
      return stdout;
    },
    state(path) {
      const out = sh(
        `if [ -e '${path}' ] || [ -L '${path}' ]; then stat -c '%F %a %u %g %y %N' '${path}'; [ -f '${path}' ] && sha256sum <'${path}' || true; fi`,
      );
      return out === '' ? undefined : out;
    },
    remove: (path) => void sh(`rm -f '${path}'`),
    activate: (...units) => {
      for (const unit of units) writeFileSync(join(dir, 'run/active', unit), 'active');
    },
    isActive: (unit) => existsSync(join(dir, 'run/active', unit)) && readFileSync(join(dir, 'run/active', unit), 'utf8') === 'active',
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

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

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
