import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { openSsh } from '../src/fleet/ssh/open.ts';
import type { ExecResult } from '../src/fleet/ssh/transport.ts';
import { hostOn } from '../test/fleet/ssh/hosts.ts';
import { noSshd, type Sshd, startSshd } from '../test/fleet/ssh/sshd.ts';
import { built } from './copy.ts';
import { print, table, time } from './table.ts';

const HOSTS = 300;
const ROUNDS = 3;

interface Cost {
  cpu: number;
  wall: number;
}

/**
 * 300 names for one real OpenSSH on loopback: Holdfast's SSH room (compiled, in this process) beside `clush -f64`, both with
 * the script `reach`. CPU is that of the client's side, children included; the server's, the same for both, is not
 * counted but shares the processors, so the walls say more about the server than about either client. Best of the rounds.
 */
export async function run(): Promise<void> {
  if (noSshd) return print(`not run: ${noSshd}`);
  if (spawnSync('clush', ['--version']).error) return print('not run: there is no clush (apt install clustershell) to compare with');
  const sshd = await startSshd({ config: ['LogLevel INFO'] });
  const { openSsh: open } = await built<{ openSsh: typeof openSsh }>('src/fleet/ssh/open');
  const clush = (extra = ''): Promise<Cost> => clushOnce(sshd, extra);
  const best: Record<string, Cost> = {};
  let round = 0;
  const keep = (name: string, cost: Cost): void => {
    const before = best[name];
    print(`round ${round + 1}: ${name} CPU ${time(cost.cpu)}, wall ${time(cost.wall)}`);
    best[name] = { cpu: Math.min(before?.cpu ?? Infinity, cost.cpu), wall: Math.min(before?.wall ?? Infinity, cost.wall) };
  };
  for (; round < ROUNDS; round++) {
    keep('clush', await clush());
    keep('same', await clush('-o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-gcm@openssh.com'));
    const ssh = open({ user: sshd.user, globalKnownHosts: [] });
    const hosts = Array.from({ length: HOSTS }, (_, n) => hostOn(sshd, { name: `h${n + 1}` }));
    const ask = (script: string, args: string[] = []): Promise<Cost> =>
      counted(async () => {
        const answers = await Promise.all(hosts.map((host) => ssh.exec(host, { script, args, timeout: 20_000 })));
        const bad = answers.filter((answer) => answer.reach !== 'ok' || answer.code !== 0);
        if (bad.length > 0) throw new Error(`${bad.length} of ${HOSTS} did not answer: ${JSON.stringify(bad[0] satisfies ExecResult | undefined)}`);
      });
    keep('cold', await ask('reach'));
    keep('warm', await ask('reach'));
    if (round === 0) keep('check', await ask('check'));
    await ssh.close();
  }
  await sshd.stop();
  const [base, same] = [best.clush as Cost, best.same as Cost];
  const row = (name: string, key: string): string[] => {
    const { cpu, wall } = best[key] as Cost;
    return [
      name,
      time(cpu),
      time(wall),
      (cpu / base.cpu).toFixed(2),
      (wall / base.wall).toFixed(2),
      (cpu / same.cpu).toFixed(2),
      (wall / same.wall).toFixed(2),
    ];
  };
  table(
    ['300 hosts', 'CPU', 'wall', 'CPU by clush', 'wall by clush', 'CPU by clush, same kex', 'wall by clush, same kex'],
    [
      row('clush -f64', 'clush'),
      row('clush -f64, curve25519 and aes128-gcm', 'same'),
      row('holdfast, cold', 'cold'),
      row('holdfast, second time', 'warm'),
      row('holdfast, the whole check, warm', 'check'),
    ],
  );
}

/** CPU of this process, threads included: nothing else runs in it meanwhile. */
async function counted(work: () => Promise<void>): Promise<Cost> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1000, wall: performance.now() - wall };
}

/** What the script `reach` does, as a person would type it. */
const COMMAND = `printf 'hostname=%s\\n' "$(uname -n)"; printf 'end=reach v1\\n'`;

async function clushOnce(sshd: Sshd, extra: string): Promise<Cost> {
  const config = join(sshd.dir, 'clush_config');
  writeFileSync(
    config,
    `Host h*\n HostName ${sshd.address}\n Port ${sshd.port}\n User ${sshd.user}\n IdentityFile ${sshd.identity}\n IdentitiesOnly yes\n UserKnownHostsFile ${sshd.knownHosts}\n GlobalKnownHostsFile /dev/null\n`,
  );
  const args = ['-f64', '-w', `h[1-${HOSTS}]`, '-o', `-F ${config} ${extra}`, COMMAND];
  // bash counts what its children used, and theirs; node cannot.
  // Not spawnSync: sshd would stand still while nobody reads its log.
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time clush "$@" 2>&1', 'bash', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const answers = stdout.match(/^h\d+: end=reach v1$/gm)?.length ?? 0;
  if (answers !== HOSTS) throw new Error(`clush had ${answers} answers of ${HOSTS}: ${stdout.slice(0, 400)}`);
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  return { cpu: (user + system) * 1000, wall: wall * 1000 };
}
