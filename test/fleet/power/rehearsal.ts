import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noSshd, type Sshd, startSshd } from '../ssh/sshd.ts';
import { type Bmc, noBmc, startBmc } from './bmc.ts';

const IN_ITS_OWN = ['-m', '-p', '-f', '--kill-child=KILL', '--mount-proc'];

/** Why no machine can be rehearsed here; nothing where it can. */
export const noRehearsal =
  noBmc ||
  (noSshd ? String(noSshd) : '') ||
  (spawnSync('unshare', [...IN_ITS_OWN, 'true']).status === 0 ? '' : 'unshare is not permitted here (needs root and namespaces)');

export interface Machine {
  sshd: Sshd;
  bmc: Bmc;
  /** The boot id it has now, or had last. */
  bootId(): string;
  /** How often it has booted. */
  boots(): number;
  /** The kernel panics: nothing answers, the power stays on. */
  panic(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A machine with power, as far as anybody outside can tell: a BMC whose chassis script boots a real sshd with a boot id and an
 * uptime of its own. Mounts and processes live in namespaces of their own and end with it; nothing is written to /proc/sys.
 */
export async function startMachine(): Promise<Machine> {
  const sshd = await startSshd();
  await sshd.down();
  const at = (name: string): string => join(sshd.dir, name);
  writeFileSync(at('chassis.sh'), CHASSIS.replaceAll('DIR', sshd.dir).replaceAll('UNSHARE', ['unshare', ...IN_ITS_OWN].join(' ')), { mode: 0o755 });
  const chassis = (...words: string[]) => spawnSync(at('chassis.sh'), ['0x20', ...words], { encoding: 'utf8' }).stdout;
  chassis('set', 'power', '1');
  const bmc = await startBmc({ chassis: at('chassis.sh') });
  return {
    sshd,
    bmc,
    bootId: () => readFileSync(at('boot_id'), 'utf8').trim(),
    boots: () => Number(readFileSync(at('boots'), 'utf8')),
    async panic() {
      bmc.consoleSays('[ 812.4] Kernel panic - not syncing: Fatal exception in interrupt\r\n');
      chassis('halt');
    },
    async stop() {
      await bmc.stop();
      chassis('halt');
      await sshd.stop();
    },
  };
}

// Waits for the port: whoever is told that it is on may find it answering.
const CHASSIS = `#!/bin/sh
cd DIR || exit 1
shift
halt() { [ -s pid ] && kill -9 "$(cat pid)" 2>/dev/null; rm -f pid; }
boot() {
  echo $(($(cat boots 2>/dev/null || echo 0) + 1)) >boots
  cat /proc/sys/kernel/random/uuid >boot_id
  echo '2.00 2.00' >uptime
  setsid UNSHARE sh -c 'mount --bind DIR/boot_id /proc/sys/kernel/random/boot_id && mount --bind DIR/uptime /proc/uptime && exec /usr/sbin/sshd -D -e -f DIR/config' \\
    </dev/null >>sshd.log 2>&1 &
  echo $! >pid
}
case "$1 $2" in
  'get power') echo "power:$(cat power 2>/dev/null || echo 0)" ;;
  'set power')
    echo "$*" >>switched
    old=$(cat power 2>/dev/null)
    echo "$3" >power
    if [ "$3" = 0 ]; then halt; elif [ "$old" != 1 ]; then boot; fi
    ;;
  'halt ') halt ;;
esac
`;

export const switchesOf = (machine: Machine): string[] => {
  const file = join(machine.sshd.dir, 'switched');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
};
