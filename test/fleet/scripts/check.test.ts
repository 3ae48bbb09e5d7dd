import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../src/fleet/facts/parse.ts';
import { checkArgs, type Probe, readCheckArgs } from '../../../src/fleet/scripts/check-args.ts';
import { checkContract } from '../../../src/fleet/scripts/contract.ts';
import { readScript } from '../../../src/fleet/scripts/read.ts';
import { stdinOf } from '../../../src/fleet/ssh/stdin.ts';
import { noSshd, startSshd } from '../ssh/sshd.ts';

/** Runs it as the transports do: on stdin of `sh -s`. */
function run(shell: string[], args: string[] = []): string {
  const [program = 'sh', ...words] = shell;
  const { stdout, status } = spawnSync(program, [...words, '-s'], { input: stdinOf({ script: 'check', args }), encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout;
}

const present = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const root = process.getuid?.() === 0;

const SHELLS: { name: string; command: string[]; without?: string }[] = [
  { name: 'sh', command: ['sh'] },
  { name: 'dash', command: ['dash'], ...(!present('dash') && { without: 'no dash here' }) },
  { name: 'bash', command: ['bash'], ...(!present('bash') && { without: 'no bash here' }) },
  { name: 'busybox sh', command: ['busybox', 'sh'], ...(!present('busybox') && { without: 'no busybox here' }) },
  {
    name: 'an unprivileged login',
    command: ['runuser', '-u', 'nobody', '--', 'sh'],
    ...(!(root && present('runuser')) && { without: 'not root, so nobody else to be' }),
  },
];

describe.each(SHELLS)('the check of this very machine, by $name', ({ command, without }) => {
  test.skipIf(without)(`keeps its contract${without ? ` (${without})` : ''}`, () => {
    expect(checkContract(run(command))).toEqual([]);
  });

  test.skipIf(without)('tells the true kernel, boot id and name', () => {
    const { facts, whole } = parseFacts(run(command));
    expect(whole).toBe(true);
    expect(facts).toMatchObject({
      boot_id: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
      hostname: hostname(),
    });
    expect(facts.uptime).toBeGreaterThan(0);
    expect(Math.abs(Date.parse(String(facts.host_time)) - Date.now())).toBeLessThan(5_000);
  });
});

describe.skipIf(noSshd)('over a real sshd', () => {
  test('the answer is the same contract, and the session ends by itself', async () => {
    const sshd = await startSshd();
    const options = ['-F', 'none', '-i', sshd.identity, '-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', 'BatchMode=yes', '-p', String(sshd.port)];
    const child = spawn('ssh', [...options, `${sshd.user}@${sshd.address}`, 'sh -s'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stdin.end(stdinOf({ script: 'check', args: checkArgs([{ name: 'itself', port: sshd.port }]) }));
    const code = await new Promise((resolve) => child.once('close', resolve));
    await sshd.stop();
    expect(code).toBe(0);
    expect(checkContract(stdout)).toEqual([]);
    expect(parseFacts(stdout).facts.probes).toMatchObject([{ name: 'itself', ok: true }]);
  });
});

describe('what the check costs and leaves behind', () => {
  test('it takes well under a second of the host’s processor', () => {
    const { facts } = parseFacts(run(['sh']));
    expect(facts.check_cpu_ms).toBeLessThan(700);
  });

  test('two checks in a row see the same hashes: nothing that counts is in them', () => {
    const hashes = (): unknown[] => {
      const { facts } = parseFacts(run(['sh']));
      return [facts.routes_hash, facts.mounts_hash, facts.machine_id];
    };
    expect(hashes()).toEqual(hashes());
  });

  test('its first line names it, as every transport and the sandbox expect', () => {
    expect(readScript('check')).toMatchObject({ name: 'check', version: 1 });
  });

  test.skipIf(!present('shellcheck'))(`shellcheck has nothing to say${present('shellcheck') ? '' : ' (no shellcheck here)'}`, () => {
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: readScript('check').text, encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});

describe('the probes of a site', () => {
  test('their words come back as they went, whatever is in them', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme' });
    const probe = fc.oneof(
      fc.record({ name, port: fc.integer({ min: 1, max: 65_535 }) }),
      fc.record({ name, http: fc.webUrl() }),
      fc.record({ name, http: fc.webUrl(), status: fc.integer({ min: 100, max: 599 }), contains: name }),
      fc.record({ name, command: fc.array(fc.string(), { minLength: 1, maxLength: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(probe), (probes) => {
        expect(readCheckArgs(checkArgs(probes))).toEqual(probes);
      }),
    );
    expect(readCheckArgs(['port', 'x'])).toBeUndefined();
    expect(readCheckArgs(['command', 'x', '3', 'a'])).toBeUndefined();
  });

  test('a port, a page and a command each answer by name', async () => {
    const { createServer } = await import('node:net');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const port = (server.address() as { port: number }).port;
    const probes: Probe[] = [
      { name: 'listens', port },
      { port: 1 },
      { name: 'fine', command: ['true'] },
      { name: 'says why', command: ['sh', '-c', 'echo not today; exit 3'] },
      { name: 'no such page', http: 'http://127.0.0.1:1/' },
      { name: 'not there', command: ['/no/such/program'] },
    ];
    const stdout = run(['sh'], checkArgs(probes));
    server.close();
    expect(checkContract(stdout)).toEqual([]);
    expect(parseFacts(stdout).facts.probes).toMatchObject([
      { name: 'listens', ok: true },
      { name: 'port 1', ok: false, detail: 'nothing listens on 1' },
      { name: 'fine', ok: true },
      { name: 'says why', ok: false, detail: 'exit code 3: not today' },
      { name: 'no such page', ok: false },
      { name: 'not there', ok: false },
    ]);
  });

  test('words that a shell would act on are words: nothing is run but the command itself', () => {
    const mark = `/tmp/holdfast-check-test-${process.pid}`;
    const evil = [`$(touch ${mark})`, `\`touch ${mark}\``, `'; touch ${mark}; '`, `" | touch ${mark}`, '*', 'a\nb=c\nend=check v1', '–dash', '\\'];
    const stdout = run(
      ['sh'],
      checkArgs([...evil.map((name): Probe => ({ name, port: 1 })), { name: 'argv', command: ['printf', '%s|', ...evil.slice(0, 4)] }]),
    );
    expect(existsSync(mark)).toBe(false);
    expect(checkContract(stdout)).toEqual([]);
    expect((parseFacts(stdout).facts.probes as { name: string }[]).map(({ name }) => name)).toEqual([...evil.map((name) => name.split('\n')[0]), 'argv']);
  });
});
