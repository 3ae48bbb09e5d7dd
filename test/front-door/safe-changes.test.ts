import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { HOSTS } from '../../src/sandbox/roster.ts';
import { dataDirectory, piped } from './holdfast.ts';

/** The acceptance of safe changes as a stranger would try it: lines piped into the program, nothing else. Time runs fast. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

function place(): { HOLDFAST_DATA: string } {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return { HOLDFAST_DATA: dataDir };
}

const FAST = ['--speed', '600'];
const documents = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

interface RunDocument {
  id: string;
  state: string;
  incident: string | null;
  limits: Record<string, number>;
  hosts: {
    host: string;
    outcome: string | null;
    wave: number | null;
    started: string | null;
    ended: string | null;
    boot_before: string | null;
    boot_after: string | null;
  }[];
}
const run = (text: string, id: string): RunDocument => documents(text).find((document) => document['id'] === id) as unknown as RunDocument;

/** Most that were in flight at one instant, of any of these hosts. A place that was never given back counts for ever. */
function mostAtOnce(hosts: RunDocument['hosts']): number {
  const spans = hosts
    .filter(({ started }) => started)
    .map(({ started, ended }) => [Date.parse(started as string), ended ? Date.parse(ended) : Infinity] as const);
  return Math.max(0, ...spans.map(([at]) => spans.filter(([from, to]) => from <= at && at < to).length));
}

describe('reboot @kvm batch 2', () => {
  test('is planned, refused to whoever asked, carried out for ada: never more than two, never two of a group, each boot id changed once', {
    timeout: 90_000,
  }, async () => {
    const env = place();
    const { code, stdout } = await piped(['/ops reboot @kvm batch 2', '/ops approve R1', '@ada /ops approve R1', '/ops show R1 --json'], { env, args: FAST });
    expect(stdout).toContain('at most 2 more hosts can be affected if it is wrong');
    expect(stdout).toContain('you asked for R1, so somebody else approves it');
    expect(stdout).toMatch(/R1 done: 12\/12, never more than 2, every boot id changed, 0 new failed units/);
    // One line was refused.
    expect(code).toBe(1);
    const { state, hosts } = run(stdout, 'R1');
    expect(state).toBe('done');
    expect(hosts.map(({ host }) => host).sort()).toEqual(HOSTS.filter(({ kind }) => kind === 'kvm').map(({ name }) => name));
    expect(hosts.every(({ outcome, ended }) => outcome === 'ok' && ended !== null)).toBe(true);
    expect(mostAtOnce(hosts)).toBeLessThanOrEqual(2);
    for (const group of new Set(HOSTS.flatMap(({ redundancy }) => redundancy ?? []))) {
      const members = new Set(HOSTS.filter(({ redundancy }) => redundancy === group).map(({ name }) => name));
      expect(mostAtOnce(hosts.filter(({ host }) => members.has(host))), group).toBeLessThanOrEqual(1);
    }
    for (const { host, boot_before, boot_after } of hosts) {
      expect(boot_before, host).toMatch(/^[0-9a-f-]{36}$/);
      expect(boot_after, host).not.toBe(boot_before);
    }
    // The hosts' own word on it.
    const fleet = JSON.parse(readFileSync(join(env.HOLDFAST_DATA, 'sandbox', 'fleet.json'), 'utf8')) as {
      hosts: Record<string, { boots: number; bootId: string }>;
    };
    for (const { host, boot_after } of hosts) expect(fleet.hosts[host]).toMatchObject({ boots: 2, bootId: boot_after });
  });

  test('halts by itself when kvm05 does not come back: nothing new begins, an incident and a page stand, the line says halted', {
    timeout: 90_000,
  }, async () => {
    const { code, stdout } = await piped(
      [
        '/ops sandbox kvm05 no-return',
        '/ops reboot @kvm batch 2',
        '@ada /ops approve R1',
        '/ops show R1 --json',
        '/ops show INC-1 --json',
        '/ops show PG1 --json',
        'wait 6h',
        '/ops show R1 --json',
        '/ops status',
      ],
      { env: place(), args: FAST },
    );
    expect(code).toBe(1);
    expect(stdout).toContain('R1 halted');
    const [first, incident, page, later] = documents(stdout) as unknown as [
      RunDocument,
      { events: { type: string; data: { severity: string; hosts: string[] } }[] },
      { state: string; text: string; about: string; attempts: { person: string; sent: string | null }[] },
      RunDocument,
    ];
    expect(first.state).toBe('halted');
    expect(first.incident).toBe('INC-1');
    expect(first.hosts.find(({ host }) => host === 'kvm05')).toMatchObject({ outcome: 'lost', ended: null });
    expect(first.hosts.filter(({ started, ended }) => started && !ended).map(({ host }) => host)).toEqual(['kvm05']);
    expect(incident.events[0]).toMatchObject({ type: 'opened', data: { severity: 'major', hosts: ['kvm05'] } });
    expect(page).toMatchObject({ id: 'PG1', state: 'open', about: 'INC-1' });
    expect(page.text).toContain('kvm05');
    expect(page.attempts[0]).toMatchObject({ person: 'ada' });
    expect(stdout).toMatch(/^to ada by sms \(id m\d+\): PG1: R1 halted: .*kvm05/m);
    // Six hours, and nobody has answered: everyone who may act is asked.
    for (const person of ['ada', 'pepe', 'kim', 'you']) expect(stdout).toMatch(new RegExp(`^to ${person} by voice \\(id m\\d+\\): PG1:`, 'm'));
    expect(later.hosts).toEqual(first.hosts);
  });
});

test('pause updates @all source kernelcare for 7d needs nobody’s approval, works while everything is stopped, and resumes as it was', {
  timeout: 90_000,
}, async () => {
  const { code, stdout } = await piped(
    [
      '/ops stop because of panics',
      '/ops sandbox kvm03 dead',
      '/ops pause updates @all source kernelcare for 7d',
      '/ops show H1',
      '/ops sandbox kvm03 ok',
      '/ops check kvm03',
      'wait 16m',
      '/ops show @H1:held --json',
      '/ops go',
    ],
    { env: place(), args: FAST },
  );
  expect(stdout).not.toContain('waits for approval');
  expect(stdout).toMatch(/H1.*kernelcare/);
  expect(stdout).toMatch(/unverified kvm03/);
  const [held] = documents(stdout) as unknown as [{ hosts: { host: string }[] }];
  expect(held.hosts.map(({ host }) => host)).toEqual(HOSTS.filter(({ kind }) => kind === 'kvm').map(({ name }) => name));
  expect(code).toBe(0);
});

test('stop in the middle: what was made ready is held with its ways out, nothing more begins, and the run goes on by its own word', {
  timeout: 90_000,
}, async () => {
  const { stdout } = await piped(
    [
      '/ops reboot kvm01,kvm07 batch 2',
      '@ada /ops approve R1 &',
      'wait 1m',
      '/ops stop because the switch flaps',
      'wait 30m',
      '/ops show R1',
      '/ops show R1 --json',
      '/ops go',
      '/ops go R1 retry',
      '/ops show R1 --json',
    ],
    { env: place(), args: ['--speed', '60'] },
  );
  const [halted, done] = documents(stdout).filter((document) => document['id'] === 'R1') as unknown as [RunDocument, RunDocument];
  expect(halted.state).toBe('halted');
  expect(halted.hosts.filter(({ boot_after }) => boot_after !== null)).toEqual([]);
  expect(stdout).toContain('go R1 retry');
  expect(done.state).toBe('done');
  expect(done.hosts.every(({ outcome }) => outcome === 'ok')).toBe(true);
});
