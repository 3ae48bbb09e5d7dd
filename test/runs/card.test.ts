import { describe, expect, test } from 'vitest';
import { renderText } from '../../src/chat/text.ts';
import { compareWithBaseline } from '../../src/rollout/compare.ts';
import { bar } from '../../src/runs/bar.ts';
import { runCard } from '../../src/runs/card.ts';
import type { ShownRun } from '../../src/runs/load.ts';
import { kvm, MINUTE, NOW, onPhone, plannedHosts, shown, shownHost, someRun, told } from './some-run.ts';

const begun = { state: 'running' as const, begun_at: new Date(NOW - 10 * MINUTE), approvals: { 0: { by: 'ada', at: NOW - 11 * MINUTE } } };
const text = (view: ShownRun, more = {}): string => renderText(runCard(view, told(more)));
const planned = (size: number): ShownRun => shown(someRun(size), { plan: { ...someRun(size).plan, hosts: plannedHosts(size) } });

describe('a plan that waits', () => {
  test('says what, in which order, how much can go wrong, how long, who may say yes and until when', () => {
    const card = text(planned(12));
    expect(card.split('\n')[0]).toBe('! R1 waits for approval: reboot @kvm, 12 hosts, at most 2 at once');
    for (const says of [
      'wave 1: kvm01, then watched for 2 min',
      'at most 2 more hosts can be affected if it is wrong',
      'predicted 38 min, 70 min at p95 (11 runs of this class; evacuation included; floor 15 min)',
      'a second person is needed: disrupts production',
      'may approve: ada, pepe',
      'unanswered it expires at 13:55 UTC',
      'asked by you',
    ])
      expect(card).toContain(says);
  });

  test('offers to say yes, to break the glass and to cancel, as lines that can be typed', () => {
    expect(runCard(planned(12), told()).actions?.map(({ command }) => command)).toEqual(['approve R1', 'approve R1 break glass because …', 'stop R1']);
  });

  test('that needs nobody’s yes offers none, and says when it begins', () => {
    const run = someRun(12, { due: new Date(NOW + 90 * MINUTE) });
    run.plan.rings[0] = { ...run.plan.rings[0], approval: [] } as never;
    const card = runCard(shown(run, { plan: { ...run.plan, hosts: plannedHosts(12) } }), told());
    expect(card.title).toContain('begins 14:30 UTC');
    expect(card.actions?.map(({ command }) => command)).toEqual(['stop R1']);
  });

  test('that is only looked at has no buttons and says that nothing was begun', () => {
    const run = { ...someRun(), id: 'plan' };
    const card = runCard(shown(run, { plan: { ...run.plan, hosts: plannedHosts(12) } }), told());
    expect(card.title).toMatch(/^Only a plan, nothing was begun: reboot @kvm, 12 hosts/);
    expect(card.actions).toBeUndefined();
  });
});

describe('a run that goes on', () => {
  const slow = shownHost('kvm06', { waiting_for: '@kvm to be drained (11 guests still here)', started: new Date(NOW - 20 * MINUTE) });
  const view = shown(someRun(12, { ...begun, wave: 3, waiting: { for: 'soak', because: 'wave 2 is watched', until: NOW + 2 * MINUTE } }), {
    counts: { ok: 4, failed: 1 },
    open: [shownHost('kvm05'), slow],
    exceptions: [shownHost('kvm04', { state: 'ended', outcome: 'failed', detail: 'back, but 2 mounts are missing' })],
    next: ['kvm07', 'kvm08'],
  });

  test('says how far it is without any colour, what is not well before what is in flight, and what is next until when', () => {
    const lines = text(view).split('\n');
    expect(lines[0]).toBe('! R1 reboot @kvm: 5 of 12 done, 2 in flight, about 22 min left');
    expect(lines.slice(1, 5)).toEqual([
      '████✗▶▶░░░░░ 5 of 12 (1 failed, 4 ok)',
      'failed kvm04: back, but 2 mounts are missing, holds its slots',
      'in flight kvm06, 20 min: waits for @kvm to be drained (11 guests still here); 3.3 × what was said (6 min)',
      'in flight kvm05, 3 min: is waited for',
    ]);
    expect(lines[5]).toBe('next kvm[07-08]: wave 2 is watched, until 13:02 UTC');
    expect(lines[6]).toMatch(/^ends about 13:22 UTC \(said 38 min/);
  });

  test('counts all that are in flight, also where they are more than it can name', () => {
    const open = Array.from({ length: 60 }, (_, n) => shownHost(`sim${String(n).padStart(4, '0')}`));
    const lines = text(shown(someRun(5000, begun), { counts: { ok: 300 }, open, inFlight: 4700 })).split('\n');
    expect(lines[0]).toContain('300 of 5000 done, 4700 in flight');
    expect(lines.find((line) => line.endsWith('and 4640 more'))).toBe('in flight sim[0004-0059] and 4640 more');
  });

  test('of which a ring waits for a yes offers it', () => {
    const run = someRun(12, { ...begun, approvals: {}, wave: 2, waiting: { for: 'approval', because: 'ring prod waits for approval' } });
    const card = runCard(shown(run, { counts: { ok: 3 } }), told());
    expect(card.title).toContain('waits for approval');
    expect(card.actions?.map(({ command }) => command)).toEqual(['approve R1', 'approve R1 break glass because …', 'stop R1']);
    expect(card.body?.join('\n')).toContain('may approve: ada, pepe');
  });
});

describe('a run that halted', () => {
  const powerOf = (host: string) => [
    { label: 'Console', command: `power console ${host}` },
    { label: 'Cycle', command: `power cycle ${host}` },
  ];
  const lost = shownHost('kvm05', { state: 'ended', outcome: 'lost', detail: 'did not come back within 20 min' });
  const halted = {
    ...begun,
    state: 'halted' as const,
    incident: 'INC-1',
    halted: { reason: 'lost' as const, by: 'holdfast', because: 'kvm05 is lost', at: NOW },
  };
  const view = shown(someRun(12, halted), { counts: { ok: 4, lost: 1 }, exceptions: [lost], open: [lost, shownHost('kvm06')] });

  test('says so in its title, who and why, that the lost one keeps its slots, and what is in flight', () => {
    const card = text(view);
    expect(card.split('\n')[0]).toBe('✗ R1 halted: kvm05 is lost (5 of 12 done, 1 in flight)');
    for (const says of ['halted by holdfast at 13:00 UTC', 'lost kvm05: did not come back within 20 min, holds its slots', 'in flight kvm06', 'INC-1'])
      expect(card).toContain(says);
  });

  test('offers the ways out that are safe, power for the lost one and a person’s word for its slots among them', () => {
    expect(runCard(view, told({ undoable: true, powerOf })).actions?.map(({ command }) => command)).toEqual([
      'go R1',
      'go R1 retry',
      'power console kvm05',
      'power cycle kvm05',
      'release slot kvm05 because …',
      'undo R1',
      'take R1',
    ]);
  });

  test('with a host half drained offers to finish it, to move back, and to leave it', () => {
    const held = shownHost('kvm05', { state: 'ended', outcome: 'held', detail: 'half made ready: stopped by ada' });
    const card = runCard(shown(someRun(12, halted), { counts: { held: 1 }, exceptions: [held], open: [held] }), told());
    expect(card.actions?.map(({ command }) => command)).toEqual(['go R1', 'go R1 on kvm05', 'undo R1 on kvm05', 'release slot kvm05 because …', 'take R1']);
  });

  test('where those that failed share something says it, and offers the rule', () => {
    const outcomes = {
      rows: [{ attribute: 'xen', says: 'xen 4.2: 9/10 lost, xen 4.11: 0/6, nitro: 0/4', parts: 0.8 }],
      exclude: 'exclude @all where xen < 4.6 from job reboot because 9 of 10 with xen 4.2 were lost in R1',
    };
    for (const state of ['halted', 'done'] as const) {
      const card = runCard({ ...view, outcomes, run: { ...view.run, state } }, told());
      expect(card.body).toContain('xen 4.2: 9/10 lost, xen 4.11: 0/6, nitro: 0/4');
      expect(card.actions).toContainEqual({ label: 'Exclude these', command: outcomes.exclude });
    }
  });

  test('whose job can put nothing back does not offer to', () => {
    expect(runCard(view, told()).actions?.map(({ command }) => command)).not.toContain('undo R1');
  });
});

describe('a run that is over', () => {
  const done = (differences: string[][] = []): ShownRun =>
    shown(someRun(12, { ...begun, state: 'done', begun_at: new Date(NOW), ended: new Date(NOW + 41 * MINUTE) }), {
      counts: { ok: 12 },
      done: Array.from({ length: 12 }, (_, n) => ({
        host: kvm(n + 1),
        outcome: 'ok' as const,
        started: new Date(NOW + Math.floor(n / 2) * 5 * MINUTE),
        finished: null,
        ended: new Date(NOW + (Math.floor(n / 2) + 1) * 5 * MINUTE),
        boot_before: `a${n}`,
        boot_after: `b${n}`,
        differences: differences[n] ?? [],
      })),
    });

  test('says it in one line, each figure counted from the rows', () => {
    expect(text(done()).split('\n')[0]).toBe('✓ R1 done: 12/12, never more than 2, every boot id changed, 0 new failed units, 41 min (said 38)');
  });

  test('counts units that failed as the comparison said them', () => {
    const differ = compareWithBaseline({ failed_units: [] }, { failed_units: ['nginx.service', 'cron.service'] }).map(({ what }) => what);
    expect(text(done([differ])).split('\n')[0]).toContain('2 new failed units');
  });

  test('does not say that every boot id changed when one did not', () => {
    const view = done();
    Object.assign(view.done?.[3] as object, { boot_after: 'a3' });
    expect(text(view)).toContain('11 of 12 boot ids changed');
  });

  test('or was called off says by whom', () => {
    const view = shown(someRun(12, { ...begun, state: 'cancelled', ended: new Date(NOW) }), {
      last: { type: 'cancelled', by: 'ada', at: new Date(NOW), data: {} },
    });
    expect(text(view).split('\n')[0]).toBe('R1 cancelled by ada: 0 of 12 done');
  });
});

describe('on a phone, with 5,000 hosts', () => {
  const many = Array.from({ length: 60 }, (_, n) =>
    shownHost(kvm(n + 1), {
      state: 'ended',
      outcome: n % 2 ? 'failed' : 'held',
      detail: `back, but nft rules differ and ${n} mounts are missing on a host with quite a lot to say`,
    }),
  );
  const going = Array.from({ length: 60 }, (_, n) => shownHost(kvm(n + 100)));
  const worst = {
    counts: { ok: 2000, failed: 1100, held: 100 },
    exceptions: many,
    open: [...going, ...many],
    next: Array.from({ length: 60 }, (_, n) => kvm(n * 3)),
  };
  const long = 'x'.repeat(300);
  const halted = { reason: 'failed' as const, by: 'holdfast', because: long, at: NOW };
  test.each([
    ['planned', planned(5000)],
    ['running', shown(someRun(5000, { ...begun, because: long }), worst)],
    ['halted', shown(someRun(5000, { ...begun, state: 'halted', halted, because: long }), worst)],
    ['done', shown(someRun(5000, { ...begun, state: 'done', ended: new Date(NOW) }), { ...worst, done: [] })],
  ])('a %s run fits a screen and a bit, and its title a line', (_, view) => {
    const run = { ...view.run, plan: { ...view.run.plan, expression: `@prod where ${long}` } };
    const card = runCard({ ...view, run }, told({ undoable: true }));
    expect(card.title.length).toBeLessThanOrEqual(100);
    expect(card.title).toContain('R1');
    expect(onPhone(card).length).toBeLessThanOrEqual(38);
  });
});

describe('the bar', () => {
  const of = (size: number, well: number, ill: number, going: number): string => bar({ size }, { well, ill, going }).split(' ')[0] as string;

  test('is full only when everything is done', () => {
    expect(of(5000, 4999, 0, 0)).not.toBe('█'.repeat(20));
    expect(of(5000, 5000, 0, 0)).toBe('█'.repeat(20));
  });

  test('shows one that is not well among 5,000', () => {
    expect(of(5000, 4990, 1, 1)).toMatch(/^█+✗▶░*$/);
  });

  test('is as long as there are hosts, up to twenty', () => {
    for (const size of [1, 2, 7, 20, 21, 300]) {
      for (let well = 0; well <= size; well++) expect(of(size, well, 0, Math.min(2, size - well))).toHaveLength(Math.min(size, 20));
    }
  });
});
