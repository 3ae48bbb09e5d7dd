import { describe, expect, test } from 'vitest';
import { type CheckView, checkJson, renderCheck } from '../../src/fleet/check-card.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { judgeReach } from '../../src/fleet/hazards/judge.ts';
import type { Finding, Host, HostState, Reach } from '../../src/fleet/host.ts';
import type { HostResult } from '../../src/jobs.ts';

const numbers = (first: number, last: number): string[] => Array.from({ length: last - first + 1 }, (_, i) => String(first + i).padStart(2, '0'));
const host = (name: string): Host => ({
  name,
  address: name,
  port: 22,
  groups: [],
  site: name.startsWith('mel') ? 'mel' : 'bne',
  redundancy: [],
  vars: {},
  ssh: { jump: [], identityFiles: [], knownHosts: [], transport: 'ssh2' },
});
const fleetOf = (names: readonly string[]): Fleet => ({ hosts: new Map(names.map((name) => [name, host(name)])), groups: new Map() });
const ok = (name: string, findings: Finding[] = []): HostResult => ({ host: name, outcome: 'ok', reach: 'ok', findings, ms: 120 });
const lost = (name: string, reach: Reach, detail: string, words: string[] = []): HostResult => ({
  host: name,
  outcome: 'lost',
  reach,
  detail,
  findings: judgeReach(reach, detail, words),
  ms: 5000,
});
const view = (asked: string[], results: HostResult[], more: Partial<CheckView> = {}): CheckView => ({
  expression: '@all',
  asked,
  results,
  fleet: fleetOf(asked),
  now: Date.parse('2018-06-18T10:10:00Z'),
  done: true,
  elapsed: 1500,
  ...more,
});

const web = numbers(1, 6).map((n) => `web${n}`);

describe('a check in one message', () => {
  test('all well is one line, and nothing is attached', () => {
    expect(
      renderCheck(
        view(
          web,
          web.map((name) => ok(name)),
        ),
      ),
    ).toEqual({ title: 'web[01-06] ok', tone: 'good' });
  });

  test('three of a hundred dead: counts, sites and last answers first, then each with how and its last words', () => {
    const asked = [...numbers(1, 60).map((n) => `bnecompute${n}`), ...numbers(1, 40).map((n) => `melcompute${n}`)];
    const dead = new Map<string, HostResult>([
      ['bnecompute03', lost('bnecompute03', 'unroutable', 'no answer within 5 s', ['Kernel panic - not syncing: Fatal exception'])],
      ['bnecompute09', lost('bnecompute09', 'unroutable', 'no answer within 5 s')],
      ['melcompute01', lost('melcompute01', 'half-dead', 'no banner within 5 s')],
    ]);
    const state = (name: string, at: string): [string, HostState] => [
      name,
      { host: name, reach: 'ok', askedAt: 0, answeredAt: Date.parse(at), facts: {}, findings: [] },
    ];
    const known = new Map([
      state('bnecompute03', '2018-06-18T10:02:00Z'),
      state('bnecompute09', '2018-06-18T10:01:00Z'),
      state('melcompute01', '2018-06-18T10:02:30Z'),
    ]);
    const card = renderCheck(
      view(
        asked,
        asked.map((name) => dead.get(name) ?? ok(name)),
        { known },
      ),
    );
    expect(card.title).toBe('3 of 100 down, 2 sites (bne 2, mel 1), last answers 2018-06-18 10:01 to 2018-06-18 10:02 UTC');
    expect(card.tone).toBe('bad');
    expect(card.body).toEqual([
      'bnecompute03 unroutable: no answer within 5 s · last words: Kernel panic - not syncing: Fatal exception, last answer 2018-06-18 10:02 UTC',
      'bnecompute09 unroutable: no answer within 5 s, last answer 2018-06-18 10:01 UTC',
      'melcompute01 half-dead: no banner within 5 s, last answer 2018-06-18 10:02 UTC',
      'bnecompute[01-02,04-08,10-60],melcompute[02-40] ok',
    ]);
    expect(card.attachment?.text.split('\n')).toHaveLength(102);
  });

  test('findings by severity, equal ones folded; notes do not make a host ill', () => {
    const failed: Finding = { hazard: 'failed-units', severity: 'warning', text: 'failed: nginx.service' };
    const full: Finding = { hazard: 'disk-full', severity: 'critical', text: '/ is 97 % full, 812 MB free' };
    const note: Finding = { hazard: 'needs-root', severity: 'info', text: '8 facts need root; here is the sudoers line: npx holdfast sudoers' };
    const card = renderCheck(
      view(web, [ok('web01', [failed]), ok('web02', [failed, full]), ok('web03', [note]), ok('web04', [note]), ok('web05'), ok('web06')]),
    );
    expect(card.title).toBe('2 of 6 with findings (1 critical, 2 warning)');
    expect(card.body).toEqual([
      'web02 critical: / is 97 % full, 812 MB free',
      'web[01-02] warning: failed: nginx.service',
      `web[03-04] info: ${note.text}`,
      'web[03-06] ok',
    ]);
    expect(
      renderCheck(
        view(
          web,
          web.map((name) => ok(name, [note])),
        ),
      ),
    ).toMatchObject({ title: 'web[01-06] ok', tone: 'good' });
  });

  test('while hosts are still asked it says how many, and which not yet', () => {
    const card = renderCheck(
      view(
        web,
        web.slice(0, 4).map((name) => ok(name)),
        { done: false },
      ),
    );
    expect(card).toMatchObject({ title: '4 of 6 answered, 2 not yet: web[05-06]', tone: 'quiet' });
    expect(card.attachment).toBeUndefined();
    expect(renderCheck(view(web, [lost('web01', 'refused', 'connection refused')], { done: false })).title).toBe('1 of 6 down, 1 site (bne 1); 5 not yet');
  });

  test('a host whose check broke is neither down nor ok', () => {
    const broken: HostResult = {
      ...ok('web01'),
      outcome: 'failed',
      detail: 'exit code 127',
      findings: [{ hazard: 'check-failed', severity: 'warning', text: 'exit code 127' }],
    };
    const card = renderCheck(view(web, [broken, ...web.slice(1).map((name) => ok(name))]));
    expect(card.title).toBe('1 of 6 answered wrongly');
    expect(card.body).toEqual(['web01 warning: exit code 127', 'web[02-06] ok']);
  });

  test('one host is called by its name', () => {
    expect(renderCheck(view(['web01'], [lost('web01', 'refused', 'connection refused')]))).toMatchObject({
      title: 'web01 down',
      body: ['web01 refused: connection refused'],
    });
    expect(renderCheck(view(['web01'], [ok('web01', [{ hazard: 'x', severity: 'warning', text: 'y' }])])).title).toBe('web01 with findings (1 warning)');
  });

  test('a site that refuses as one is one line, though each host names its own address', () => {
    const card = renderCheck(
      view(
        web,
        web.map((name, i) => lost(name, 'refused', `10.0.0.${i} port 22 refused the connection`)),
      ),
    );
    expect(card.body).toEqual(['web[01-06] refused, as web01: 10.0.0.0 port 22 refused the connection']);
  });

  test('a cohort near the same count names the one that gets there first', () => {
    const near = (due: string): Finding => ({ hazard: 'uptime-208', severity: 'warning', text: `left ${due}`, due });
    const card = renderCheck(
      view(web, [ok('web01', [near('2018-06-22T00:00:00.000Z')]), ok('web02', [near('2018-06-20T14:03:00.000Z')]), ...web.slice(2).map((name) => ok(name))]),
    );
    expect(card.body).toContain('next: web02 at 2018-06-20 14:03 UTC (uptime-208)');
  });

  test('5,000 hosts of which each is ill in its own way stay readable, and the rest is attached', () => {
    const asked = Array.from({ length: 5_000 }, (_, i) => `h${i}-${i % 7}x${i * 31}`);
    const results = asked.map((name, i) =>
      i % 3 === 0
        ? lost(name, 'unroutable', `detail ${i}`)
        : ok(name, i % 3 === 1 ? [{ hazard: `hazard-${i % 90}`, severity: 'warning', text: `text ${i}` }] : []),
    );
    const began = performance.now();
    const card = renderCheck(view(asked, results));
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(card.body?.length).toBeLessThan(30);
    expect(card.body?.join('\n').length).toBeLessThan(12_000);
    expect(card.body).toContainEqual(expect.stringMatching(/^… and \d+ more, in the attachment$/));
    expect(card.attachment?.text.split('\n')).toHaveLength(5_002);
  });
});

describe('a check as JSON', () => {
  test('has each host once, in the order asked, with facts and findings', () => {
    const results = [{ ...ok('web02'), facts: { kernel: '6.1', boot_id: 'b' } }, lost('web01', 'auth', 'no key was accepted')];
    expect(checkJson(view(web, results))).toEqual({
      hosts: [
        { host: 'web01', reach: 'auth', detail: 'no key was accepted', facts: {}, findings: judgeReach('auth', 'no key was accepted') },
        { host: 'web02', reach: 'ok', facts: { kernel: '6.1', boot_id: 'b' }, findings: [] },
      ],
    });
  });

  test('one machine under two names is a finding of both', () => {
    const results = ['web01', 'web02'].map((name) => ({ ...ok(name), facts: { machine_id: 'm', boot_id: 'b' } }));
    expect(checkJson(view(web, results)).hosts.map(({ findings }) => findings.map(({ hazard }) => hazard))).toEqual([['machine-shared'], ['machine-shared']]);
  });
});

test('a check of every host says, too, because of what a page may reach nobody', () => {
  const people = ['bus factor 1: only ada can be reached for web'];
  const card = renderCheck(
    view(
      web,
      web.map((name) => ok(name)),
      { people },
    ),
  );
  expect(card).toMatchObject({ title: 'web[01-06] ok; bus factor 1: only ada can be reached for web', tone: 'attention' });
  expect(card.body).toContain(people[0]);
  expect(checkJson(view(web, [], { people }))).toMatchObject({ people });
  expect(checkJson(view(web, []))).not.toHaveProperty('people');
});
