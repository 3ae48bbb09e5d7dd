import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { check } from '../../jobs/check.ts';
import { jobs } from '../../jobs/index.ts';
import { checkParams } from '../../src/fleet/check-params.ts';
import type { Facts, Host, HostState } from '../../src/fleet/host.ts';
import type { ExecResult } from '../../src/fleet/ssh/transport.ts';
import type { HostResult } from '../../src/jobs.ts';
import type { Clock } from '../../src/lib/clocks.ts';

const web01: Host = {
  name: 'web01',
  address: '::1',
  port: 22,
  groups: ['web', 'prod'],
  redundancy: [],
  vars: { role: 'web' },
  ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
};
const NOON = Date.parse('2018-06-18T12:00:00Z');

/** Asks web01, which says `answer`; tells what it was asked. */
async function ask(answer: ExecResult, params: unknown = {}, known?: HostState): Promise<HostResult & { asked: unknown[] }> {
  let now = NOON;
  const clock: Clock = { now: () => now, wallUntil: () => 0, speed: 1, onJump: () => () => undefined };
  let asked: unknown[] = [];
  const result = await check.act(web01, {
    params,
    clock,
    ...(known && { known }),
    async script(...call) {
      asked = call;
      now += 400;
      return answer;
    },
  });
  return { ...result, asked };
}

const said = (stdout: string, more: Partial<Extract<ExecResult, { reach: 'ok' }>> = {}): ExecResult => ({
  reach: 'ok',
  code: 0,
  stdout,
  stderr: '',
  cut: false,
  ms: 400,
  ...more,
});
const answer = (...lines: string[]): string => `${lines.join('\n')}\nend=check v1\n`;
const state = (facts: Facts): HostState => ({ host: 'web01', reach: 'ok', askedAt: 0, answeredAt: 0, facts, findings: [] });

describe('check, asked of one host', () => {
  test('is one exec of the script with the probes of the host’s groups', async () => {
    const params = checkParams({ groups: { web: { probes: [{ port: 443 }] }, db: { probes: [{ port: 5432 }] }, prod: {} }, hazards: [] });
    const { asked } = await ask(said(answer('kernel=6.1')), params);
    expect(asked.slice(0, 2)).toEqual(['check', ['port', 'port 443', '443']]);
  });

  test('brings facts and findings; the host’s own clock becomes an offset', async () => {
    const result = await ask(said(answer('kernel=2.6.32-31-server', `uptime=${211 * 86_400}`, `host_time=${NOON / 1000 + 60}`, 'firewall_hash?=root')));
    expect(result).toMatchObject({
      outcome: 'ok',
      reach: 'ok',
      facts: { clock_offset_ms: 59_600, booted: '2017-11-19T12:01:00.000Z', unseen: ['firewall_hash: root'] },
      findings: [
        { hazard: 'uptime-208', severity: 'critical' },
        { hazard: 'clock-off', severity: 'warning' },
        { hazard: 'needs-root', severity: 'info' },
      ],
    });
    expect(result.facts).not.toHaveProperty('host_time');
  });

  test('a host that does not answer is lost, with where it stopped', async () => {
    expect(await ask({ reach: 'half-dead', detail: 'no banner within 5 s', ms: 5000 })).toMatchObject({
      outcome: 'lost',
      reach: 'half-dead',
      findings: [{ hazard: 'half-dead', severity: 'critical' }],
    });
  });

  test('and its last words come from the log server, which gets the name as one word', async () => {
    const script = join(mkdtempSync(join(tmpdir(), 'holdfast-log-')), 'words');
    writeFileSync(script, '#!/bin/sh\necho "asked about $1"\necho "Kernel panic - not syncing: Fatal exception"\necho "Rebooting in 10 seconds.."\n', {
      mode: 0o755,
    });
    const { findings } = await ask(
      { reach: 'unroutable', detail: 'no answer', ms: 5000 },
      checkParams({ groups: {}, hazards: [], log_server: { command: [script, '{host}'] } }),
    );
    expect(findings).toContainEqual({ hazard: 'last-words', severity: 'critical', text: 'Kernel panic - not syncing: Fatal exception' });
  });

  test('a log server that fails delays nothing and is no finding', async () => {
    const { findings } = await ask({ reach: 'refused', detail: 'refused', ms: 1 }, { logServer: ['/no/such/program', '{host}'] });
    expect(findings).toHaveLength(1);
  });

  test('an answer that is not whole failed, and what was known before is not forgotten', async () => {
    expect(await ask(said('kernel=6.1\n', { code: 127, stderr: 'sh: not found\n' }), {}, state({ os: 'debian', kernel: '5.10' }))).toMatchObject({
      outcome: 'failed',
      reach: 'ok',
      detail: 'logged in, and the check did not come to its end (exit code 127: sh: not found)',
      facts: { os: 'debian', kernel: '6.1' },
    });
    expect(await ask(said('x'.repeat(1000), { cut: true }))).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('cut') });
  });

  test('hazards of the site hold too', async () => {
    const hazards = [{ name: 'old-xen', severity: 'critical' as const, text: 'MSI-X bug: do not boot a new kernel', when: 'xen < 4.6 and role = web' }];
    const params = checkParams({ groups: {}, hazards });
    expect((await ask(said(answer('xen=4.2.amazon')), params)).findings).toMatchObject([{ hazard: 'old-xen' }]);
    expect((await ask(said(answer('xen=4.11.amazon')), params)).findings).toEqual([]);
  });

  test('another machine under the name is told', async () => {
    const { findings } = await ask(said(answer('machine_id=bbbb')), {}, state({ machine_id: 'aaaa' }));
    expect(findings).toMatchObject([{ hazard: 'machine-changed' }]);
  });
});

test('every job is in the index, once', async () => {
  const { readdirSync } = await import('node:fs');
  const files = readdirSync(new URL('../../jobs', import.meta.url)).filter((name) => name !== 'index.ts');
  expect(jobs.map(({ name }) => `${name.replaceAll(' ', '-')}.ts`).sort()).toEqual(files.sort());
});
