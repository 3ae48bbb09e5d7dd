import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noSshd, type Sshd, startSshd } from '../ssh/sshd.ts';

const IN_ITS_OWN = ['-m', '-p', '-f', '--kill-child=KILL', '--mount-proc'];

/** Why no machine can be rebooted here; nothing where it can. */
export const noMachine =
  noSshd ?? (spawnSync('unshare', [...IN_ITS_OWN, 'true']).status === 0 ? undefined : 'unshare is not permitted here (needs root and namespaces)');

export interface Machine {
  sshd: Sshd;
  /** Boot ids it has had, the present one last. */
  boots(): string[];
  /** What `shutdown` was called with. */
  shutdowns(): string[];
  /** Behaves so at the next reboot: goes down and stays away, does not go down at all, comes back with another host key. */
  will(what: 'not return' | 'not go down' | 'change its key'): void;
  stop(): Promise<void>;
}

/**
 * A machine that reboots when its `shutdown -r +1` is due: a real sshd in namespaces of its own, with a /run and a boot id of
 * its own, all of it killed and started anew by a supervisor. A minute is `minute` wall milliseconds; it is away for as long
 * again. Nothing is written to /proc/sys, and no real shutdown is ever called.
 */
export async function startRebootable({ minute = 1_000 } = {}): Promise<Machine> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-machine-'));
  const at = (name: string): string => join(dir, name);
  mkdirSync(at('bin'));
  const sshd = await startSshd({
    config: [`SetEnv HOME=${dir} PATH=${dir}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, 'PermitRootLogin yes'],
  });
  await sshd.down();
  const fill = (text: string): string =>
    text
      .replaceAll('DIR', dir)
      .replaceAll('CONFIG', join(sshd.dir, 'config'))
      .replaceAll('MINUTE', String(minute / 1000))
      .replaceAll('UNSHARE', ['unshare', ...IN_ITS_OWN].join(' '));
  for (const [name, body] of Object.entries({ 'bin/shutdown': SHUTDOWN, 'bin/systemctl': SYSTEMCTL, supervisor: SUPERVISOR, init: INIT }))
    writeFileSync(at(name), `#!/bin/sh\n${fill(body)}`, { mode: 0o755 });
  const supervisor = spawn(at('supervisor'), [], { stdio: 'ignore', detached: true });
  await answers(at('up'));
  return {
    sshd,
    boots: () => readFileSync(at('boots'), 'utf8').trim().split('\n'),
    shutdowns: () => (existsSync(at('shutdowns')) ? readFileSync(at('shutdowns'), 'utf8').trim().split('\n') : []),
    will: (what) => {
      writeFileSync(at(what.replaceAll(' ', '-')), '');
    },
    async stop() {
      const gone = new Promise((resolve) => supervisor.once('exit', resolve));
      process.kill(-(supervisor.pid as number), 'SIGKILL');
      await gone;
      await sshd.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answers(file: string): Promise<void> {
  for (let looked = 0; !existsSync(file); looked++) {
    if (looked > 500) throw new Error('the machine does not boot');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends with the process group; what unshare began ends with it by --kill-child. */
const SUPERVISOR = `
while :; do
  cat /proc/sys/kernel/random/uuid >DIR/boot_id
  cat DIR/boot_id >>DIR/boots
  UNSHARE DIR/init
  rm -f DIR/up
  [ ! -e DIR/not-return ] || exec sleep 3600
  [ ! -e DIR/change-its-key ] || ssh-keygen -q -t ed25519 -N '' -f "$(sed -n 's/^HostKey //p' CONFIG)" <<END
y
END
  sleep MINUTE
done
`;

/** Process 1: when it ends, the kernel ends all that was started in there. */
const INIT = `
mount --bind DIR/boot_id /proc/sys/kernel/random/boot_id
mount -t tmpfs run /run
mkdir -p /run/sshd /run/systemd/system /run/systemd/shutdown
trap 'exit 0' USR1
/usr/sbin/sshd -D -e -f CONFIG </dev/null >DIR/sshd.log 2>&1 &
until grep -q 'Server listening' DIR/sshd.log; do sleep 0.05; done
echo up >DIR/up
wait
`;

const SHUTDOWN = `
echo "$*" >>DIR/shutdowns
scheduled=/run/systemd/shutdown/scheduled
if [ "$1" = -c ]; then rm -f "$scheduled"; exit 0; fi
printf 'USEC=%s000000\\nWARN_WALL=1\\nMODE=reboot\\nWALL_MESSAGE=%s\\n' "$(($(date +%s) + 60))" "$3" >"$scheduled"
[ ! -e DIR/not-go-down ] || exit 0
setsid sh -c "sleep MINUTE; [ -e $scheduled ] && kill -USR1 1" </dev/null >/dev/null 2>&1 &
`;

const SYSTEMCTL = `
case "$*" in
  *list-jobs*) ;;
  *is-system-running*) echo running ;;
  *show*) printf 'SystemState=running\\nNFailedUnits=0\\nNJobs=0\\n' ;;
esac
`;
