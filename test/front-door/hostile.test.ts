import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectControl, typeLine } from '../../src/control/client.ts';
import { noSshd, type Sshd, startSshd } from '../fleet/ssh/sshd.ts';
import { dataDirectory, finished, holdfast, listening, type Program } from './holdfast.ts';

/**
 * Lines as an enemy, a phone or a cat on the keyboard types them, against a real shell behind a real sshd. Whatever is
 * executed leaves a file in `marks`.
 */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

const { dataDir: dir, remove } = dataDirectory();
leftovers.push(remove);
const marks = join(dir, 'marks');
const data = join(dir, 'data');
const config = join(dir, 'holdfast.yaml');
const env = { HOLDFAST_DATA: data };
const mark = (name: string): string => `touch ${marks}/${name}`;

const PAYLOADS = [
  `$(${mark('dollar')})`,
  `\`${mark('backtick')}\``,
  `; ${mark('semicolon')}`,
  `| ${mark('pipe')}`,
  `&& ${mark('and')}`,
  `'; ${mark('quote')}; '`,
  `"; ${mark('double')}; "`,
  `’; ${mark('curly')}; ‘`,
  `“$(${mark('smart')})”`,
  `\${IFS}$(${mark('ifs')})`,
  `x\n${mark('newline')}\n`,
  `-oProxyCommand=${mark('option')}`,
  `--because=$(${mark('flag')})`,
  `@everyone $(${mark('everyone')})`,
  `\u0000${mark('nul')}`,
  `\u001b]0;$(${mark('escape')})\u0007`,
  `— ; ${mark('dash')}`,
  `'); drop table inbox; -- ${mark('sql')}`,
];
const PLACES = ['check', 'check r01', 'check r01,', 'check @all where kernel =', 'show', 'show r01', 'help', '', 'stop because', 'nosuch'];

/** Nothing but text: no control characters that would reach a terminal, no inside of ours. */
function harmless(text: string): void {
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  expect(text).not.toMatch(/\n {4}at |Something of ours|TypeError|syntax error/);
}

describe.skipIf(noSshd)(`hostile lines to a real host${noSshd ? ` (skipped: ${noSshd})` : ''}`, { timeout: 90_000 }, () => {
  let sshd: Sshd;
  let program: Program;
  const type = async (text: string): Promise<{ outcome: string | undefined; said: string }> => {
    const shown: string[] = [];
    const outcome = await typeLine({ dataDir: data, text, login: 'root', zone: 'UTC', print: (said) => shown.push(said), warn: (said) => shown.push(said) });
    return { outcome, said: shown.join('\n') };
  };

  beforeAll(async () => {
    sshd = await startSshd();
    leftovers.push(() => sshd.stop());
    mkdirSync(marks);
    const probes = PAYLOADS.filter((text) => !/[\u0000-\u001f]/.test(text)).map((text) => ({ command: ['echo', text], name: text.slice(0, 40) }));
    const host = { address: sshd.address, port: sshd.port, user: sshd.user };
    writeFileSync(
      config,
      JSON.stringify({
        data,
        hosts: { r01: host, r02: host },
        groups: { probed: { hosts: 'r02', probes } },
        ssh: { identity_files: sshd.identity, known_hosts: sshd.knownHosts, agent: 'none' },
      }),
      { mode: 0o600 },
    );
    program = holdfast(['start', '--config', config], { stdin: 'ignore', env });
    leftovers.push(() => program.child.kill('SIGKILL'));
    await listening(data, program);
  }, 60_000);

  test('the host is there, and runs what reaches its shell unquoted', async () => {
    const bare = ['-F', 'none', '-i', sshd.identity, '-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-p', String(sshd.port), `${sshd.user}@${sshd.address}`];
    execFileSync('ssh', [...bare, `echo ${PAYLOADS[0]}`], { stdio: 'ignore' });
    expect(readdirSync(marks)).toEqual(['dollar']);
    rmSync(join(marks, 'dollar'));
    expect(await type('check r01')).toMatchObject({ outcome: expect.stringMatching(/ok|findings/), said: expect.stringContaining('r01') });
    expect(readdirSync(marks)).toEqual([]);
  });

  test.each(PLACES)('in every argument of "%s" they are understood or refused, never executed', async (place) => {
    for (const payload of PAYLOADS) {
      const { outcome, said } = await type(`${place} ${payload}`);
      expect([payload, outcome]).toEqual([payload, expect.stringMatching(/^(ok|findings|refused)$/)]);
      expect(said).not.toBe('');
      harmless(said);
    }
    harmless((await type('status')).said);
    harmless((await type('show audit')).said);
    await type('go');
    expect(readdirSync(marks)).toEqual([]);
  });

  test('probes of the configuration reach the shell of the host as words', async () => {
    const { said } = await type('check r02 --json');
    const { hosts } = JSON.parse(said) as { hosts: { reach: string; facts: { probes: { ok: boolean }[] } }[] };
    expect(hosts[0]?.reach).toBe('ok');
    expect(hosts[0]?.facts.probes.length).toBeGreaterThan(10);
    expect(hosts[0]?.facts.probes.every(({ ok }) => ok)).toBe(true);
    expect(readdirSync(marks)).toEqual([]);
  });

  test.each([
    ['an iPhone: check “r01”', 0],
    ['an iPhone: Show defaults —json', 0],
    ['a non-breaking space: show\u00a0r01', 0],
    ['back-ticks around all of it: `show r01`', 0],
    [`too long: check ${'r01,'.repeat(2500)}r01`, 1],
    ['everyone: check @everyone', 1],
    ['right to left: check \u202er01', 1],
    ['an escape: check \u001b[31mr01', 1],
  ])('exec says by its exit code whether it was understood: %s', async (named, code) => {
    const ended = await finished(['exec', '--config', config, named.slice(named.indexOf(': ') + 2)], { env });
    expect([ended.code, ended.stderr]).toEqual([code, '']);
    harmless(ended.stdout);
    expect(ended.stdout.length).toBeLessThan(30_000);
  });

  test('garbage on the control socket closes that connection and nothing else', async () => {
    for (const garbage of [
      '\u0000\u0001\n',
      '{"op":"line"}\n',
      'null\n',
      '[]\n',
      `${JSON.stringify({ op: 'line', id: 7, text: {}, login: [], zone: 1 })}\n`,
      '{"op":"constructor"}\n',
    ]) {
      const socket = await connectControl(data);
      expect(socket).toBeDefined();
      socket?.on('error', () => {}).end(garbage);
      await new Promise((resolve) => socket?.resume().once('close', resolve));
    }
    expect((await type('show r01')).outcome).toBe('ok');
  });

  test('after all of it the same process still serves, and ends in order', async () => {
    expect(program.child.exitCode).toBeNull();
    expect(program.stderr()).not.toMatch(/ {4}at |"level":50/);
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
    expect(readdirSync(marks)).toEqual([]);
  });
});

describe('hostile input piped into the sandbox', { timeout: 60_000 }, () => {
  test('bytes that are no text, endless lines and very many lines: each is answered, the good ones too', async () => {
    const { dataDir, remove: away } = dataDirectory();
    leftovers.push(away);
    const program = holdfast(['start'], { env: { HOLDFAST_DATA: dataDir } });
    leftovers.push(() => program.child.kill('SIGKILL'));
    const input = program.child.stdin as NodeJS.WritableStream;
    input.write(Buffer.from([0x2f, 0x6f, 0x70, 0x73, 0x20, 0xff, 0xfe, 0xc3, 0x28, 0x0a]));
    input.write(Buffer.from('/ops check web\u0000[01]\n'));
    input.write('/ops sandbox web01 kernel=$(reboot)\n');
    input.write('/ops sandbox web01 \u001b[2Jdead\n');
    input.write(`/ops check ${'x'.repeat(10_000)}\n`);
    input.write(`/ops ${'check '.repeat(200_000)}\n`);
    for (let n = 0; n < 200; n++) input.write(`/ops chekc ${n}\n# nothing\n\n`);
    input.write('@everyone /ops check web02\n@__proto__ /ops check web02\n@constructor /ops status\n');
    input.end('/ops check host web02');
    const { code } = await program.ended;
    const text = program.stdout();
    harmless(text);
    expect(code).toBe(1);
    expect(program.stderr()).not.toMatch(/ {4}at |"level":50/);
    expect(text.match(/chekc/g)?.length).toBeGreaterThanOrEqual(200);
    expect(text.match(/at most 4000 are read/g)).toHaveLength(2);
    expect(text).toContain('Nobody here is called everyone');
    expect(text).toContain('Nobody here is called constructor');
    expect(text.trimEnd().endsWith('✓ web02 ok')).toBe(true);
    expect(text.length).toBeLessThan(200_000);
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
  });
});
