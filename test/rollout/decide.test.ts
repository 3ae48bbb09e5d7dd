import { describe, expect, test } from 'vitest';
import { apply, end, go } from '../../src/rollout/apply.ts';
import { decide } from '../../src/rollout/decide.ts';
import type { Next, PlannedRing, RunView, World } from '../../src/rollout/shapes.ts';
import { ended, host, NOON, run, world } from './a-run.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The first of a run's rings, and whatever it differs in. */
const ring = (more: Partial<PlannedRing> = {}): PlannedRing => ({
  name: '',
  firstWave: 0,
  lastWave: 0,
  approval: [],
  soakBefore: 0,
  workingMorning: false,
  ...more,
});
const asking = (more: Parameters<typeof run>[0] = {}): RunView => run({ ...more, plan: { rings: [ring({ approval: ['5 hosts in prod'] })], ...more.plan } });
const why = (view: RunView, about: Partial<World> = {}): string | undefined => decide(view, world(about)).waiting?.because;

describe('a run that goes well', () => {
  test('goes host by host, wave by wave, and says why it waits', () => {
    const hosts = [host('kvm01', 0), host('kvm02', 1), host('kvm03', 1)];
    let view = run({ hosts: hosts.slice(0, 1), size: 3, waves: 2 });
    const inWave = (wave: number) => hosts.filter((one) => one.wave === wave);

    let next = decide(view, world());
    expect(next).toMatchObject({ state: 'running', start: ['kvm01'], because: 'kvm01 begins (wave 1 of 2)', begunAt: NOON });
    view = apply(view, next, NOON, inWave);

    next = decide(view, world({ now: NOON + MINUTE }));
    expect(next).toMatchObject({ start: [], waiting: { for: 'hosts', because: 'kvm01 in flight' } });

    view = end(view, 'kvm01', 'ok', NOON + 2 * MINUTE);
    next = decide(view, world({ now: NOON + 2 * MINUTE }));
    expect(next).toMatchObject({ wave: 1, waveEnded: NOON + 2 * MINUTE, because: 'wave 1 of 2 has ended' });
    view = apply(view, next, NOON + 2 * MINUTE, inWave);

    next = decide(view, world({ now: NOON + 2 * MINUTE }));
    expect(next).toMatchObject({ start: [], waiting: { for: 'soak', because: 'the canary is watched for 10 min, until 12:12' }, lookAt: NOON + 12 * MINUTE });

    next = decide(view, world({ now: NOON + 12 * MINUTE }));
    expect(next.start).toEqual(['kvm02', 'kvm03']);
    view = apply(view, next, NOON + 12 * MINUTE, inWave);
    view = end(end(view, 'kvm02', 'ok', NOON + 13 * MINUTE), 'kvm03', 'ok', NOON + 13 * MINUTE);
    expect(decide(view, world({ now: NOON + 13 * MINUTE })).state).toBe('done');
  });

  test('that is over stays as it is', () => {
    for (const state of ['done', 'cancelled', 'expired'] as const) expect(decide(run({ state }), world())).toMatchObject({ state, start: [] });
  });
});

describe('approval', () => {
  test('is waited for with its reason, and begins the run', () => {
    expect(decide(asking(), world())).toMatchObject({
      state: 'planned',
      start: [],
      waiting: { for: 'approval', because: 'R1 waits for approval: 5 hosts in prod' },
      lookAt: NOON + 59 * MINUTE,
    });
    expect(decide(asking({ approvals: { 0: { by: 'kim', at: NOON } } }), world()).start).toEqual(['kvm01']);
  });

  test('that nobody gave within the hour ends the request', () => {
    expect(decide(asking(), world({ now: NOON + HOUR }))).toMatchObject({ state: 'expired', because: 'nobody approved R1 within 1 h' });
  });

  test('of another plan is none', () => {
    const view = asking({ hash: 'new', approvals: { 0: { by: 'kim', at: NOON, hash: 'old' } } });
    expect(why(view)).toBe('R1 was approved in another wording: approve R1 as it is now');
    expect(decide({ ...view, approvals: { 0: { by: 'kim', at: NOON, hash: 'new' } } }, world()).start).toEqual(['kvm01']);
  });

  test('by somebody who is alone waits a minute', () => {
    const view = asking({ approvals: { 0: { by: 'ada', at: NOON, notBefore: NOON + MINUTE } } });
    expect(why(view)).toBe('ada approved R1 alone: it begins at 12:01; stop R1 calls it off');
    expect(decide(view, world({ now: NOON + MINUTE })).start).toEqual(['kvm01']);
  });

  test('is asked for ring by ring, and the later ones do not expire', () => {
    const rings = [ring({ name: 'lab' }), ring({ name: 'prod', firstWave: 1, lastWave: 1, approval: ['production'] })];
    const view = run({ state: 'running', wave: 1, waves: 2, begunAt: NOON, hosts: [host('kvm02', 1)], plan: { rings } });
    expect(decide(view, world({ now: NOON + 24 * HOUR }))).toMatchObject({
      state: 'running',
      waiting: { for: 'approval', because: 'ring prod of R1 waits for approval: production' },
    });
  });

  test('broken by glass goes one by one', () => {
    const view = run({ state: 'running', atOnce: 1, hosts: [host('kvm01', 0, { state: 'going', started: NOON }), host('kvm02')] });
    expect(why(view)).toBe('R1 broke the glass: 1 at once');
  });
});

describe('its hour', () => {
  const view = run({ plan: { startAt: NOON + HOUR } });

  test('is waited for', () => {
    expect(decide(view, world())).toMatchObject({
      state: 'planned',
      waiting: { for: 'time', because: 'R1 begins at 13:00' },
      due: NOON + HOUR,
      lookAt: NOON + HOUR,
    });
  });

  test('missed by half an hour asks again, whoever had said yes, and lapses when nobody answers', () => {
    const approved = { ...view, approvals: { 0: { by: 'kim', at: NOON } } };
    const now = NOON + 95 * MINUTE;
    const next = decide(approved, world({ now }));
    expect(next).toMatchObject({
      state: 'planned',
      askAgain: true,
      because: 'R1 was due at 13:00 and has not begun by 13:35: its approval no longer counts, approve R1 again or stop R1',
    });
    expect(next.say).toHaveLength(1);
    const again = apply(approved, next, now);
    expect(why(again, { now })).toBe('R1 waits for approval: it missed its hour');
    expect(decide(again, world({ now: now + HOUR })).state).toBe('expired');
    expect(decide({ ...again, approvals: { 0: { by: 'kim', at: now + MINUTE } } }, world({ now: now + 2 * MINUTE })).start).toEqual(['kvm01']);
  });

  test('counts from the opening of the window that people were told', () => {
    const hours = { open: false, opens: NOON + 14 * HOUR, closes: NOON + 16 * HOUR, says: 'daily 02:00–04:00 UTC' };
    const next = decide(run(), world({ windows: { kvm01: hours } }));
    expect(next).toMatchObject({
      due: hours.opens,
      lookAt: hours.opens,
      waiting: { for: 'window', because: 'its window (daily 02:00–04:00 UTC) opens at Sat 21 Nov 02:00' },
    });
    const told = apply(run(), next, NOON);
    const inside = { kvm01: { ...hours, open: true } };
    expect(decide(told, world({ now: hours.opens + MINUTE, windows: inside })).start).toEqual(['kvm01']);
    expect(decide(told, world({ now: hours.opens + 31 * MINUTE, windows: inside })).askAgain).toBe(true);
  });

  test('inside a window lasts as long as the host fits there, not until the next opening', () => {
    const hours = { open: true, opens: NOON - HOUR, closes: NOON + 2 * HOUR, says: 'daily 11:00–14:00 UTC' };
    const held = [{ budget: 'site:bne', run: 'R7', host: 'kvm01' }];
    const next = decide(run(), world({ windows: { kvm01: hours }, held }));
    const waiting = apply(run(), next, NOON);
    expect(decide(waiting, world({ now: NOON + HOUR, windows: { kvm01: hours } })).start).toEqual(['kvm01']);
    const tomorrow = { ...hours, open: false, opens: NOON + 23 * HOUR, closes: NOON + 26 * HOUR };
    expect(decide(waiting, world({ now: NOON + 119 * MINUTE, windows: { kvm01: tomorrow } })).askAgain).toBe(true);
  });
});

describe('stop', () => {
  const stopped = { stopped: { by: 'ada', because: 'smoke' } };

  test('cancels what has not begun', () => {
    expect(decide(asking(), world(stopped))).toMatchObject({ state: 'cancelled', because: 'R1 had not begun: everything is stopped by ada (smoke)' });
  });

  test('halts what has, and names what is in flight', () => {
    const view = run({ state: 'running', hosts: [host('kvm01', 0, { state: 'going', started: NOON }), host('kvm02')] });
    expect(decide(view, world(stopped))).toMatchObject({
      state: 'halted',
      start: [],
      halt: { reason: 'stop', because: 'everything is stopped by ada (smoke); kvm01 in flight', hosts: ['kvm01'] },
    });
  });

  test('lets steps in the safe direction go on', () => {
    expect(decide(run({ plan: { safe: true } }), world(stopped)).start).toEqual(['kvm01']);
  });
});

describe('a run halts', () => {
  const later = (more: Partial<RunView>, plan: Partial<RunView['plan']> = {}): Next =>
    decide(run({ state: 'running', wave: 1, waves: 3, size: 12, begunAt: NOON, ...more, plan }), world());

  test('when its canary is not well, also where one would be borne later', () => {
    const next = decide(run({ state: 'running', counts: { failed: 1 }, hosts: [ended('kvm01', 'failed')], waves: 2 }), world());
    expect(next).toMatchObject({ state: 'halted', halt: { reason: 'canary', because: 'the canary kvm01 failed', hosts: ['kvm01'] } });
  });

  test('on the first lost host', () => {
    const next = later({ counts: { ok: 3, lost: 1 }, hosts: [ended('kvm03', 'lost', 1), host('kvm04', 1)] });
    expect(next).toMatchObject({ state: 'halted', halt: { reason: 'lost', because: '1 lost (kvm03): 1 halts a run; 4 of 12 were touched', hosts: ['kvm03'] } });
  });

  test('on the second that failed, over the whole run', () => {
    expect(later({ counts: { ok: 2, failed: 1 }, hosts: [host('kvm04', 1)] }).state).toBe('running');
    const next = later({ counts: { ok: 2, failed: 2 }, hosts: [ended('kvm04', 'failed', 1)] });
    expect(next.halt).toMatchObject({ reason: 'failed', because: '2 failed (kvm04, 1 in earlier waves): 2 halt a run; 4 of 12 were touched' });
  });

  test('on the third nobody knows of', () => {
    expect(later({ counts: { unverified: 2 }, hosts: [host('kvm04', 1)] }).state).toBe('running');
    expect(later({ counts: { unverified: 3 }, hosts: [host('kvm04', 1)] }).halt?.reason).toBe('unverified');
  });

  test('for one that is half-prepared', () => {
    expect(later({ counts: { held: 1 }, hosts: [ended('kvm04', 'held', 1)] }).halt).toMatchObject({
      reason: 'held',
      because: 'kvm04 is half-prepared and held: finish, move back or leave',
    });
  });

  test('until a person says go, and then on the next', () => {
    const halted = run({ state: 'halted', wave: 1, waves: 3, counts: { lost: 1 }, hosts: [ended('kvm03', 'lost', 1), host('kvm04', 1)] });
    expect(decide(halted, world())).toMatchObject({ state: 'halted', start: [], waiting: { for: 'person' } });
    const gone = go(halted);
    expect(decide(gone, world()).start).toEqual(['kvm04']);
    expect(decide({ ...gone, counts: { lost: 2 } }, world()).halt?.reason).toBe('lost');
  });

  test('and says it once when one that was in flight is lost as well', () => {
    const halted = run({
      state: 'halted',
      halted: { reason: 'lost', by: 'holdfast', because: '1 lost', at: NOON },
      hosts: [{ ...ended('kvm04', 'lost'), finished: NOON + MINUTE }],
    });
    const [said] = decide(halted, world()).say;
    expect(said).toMatchObject({ text: 'kvm04 was in flight when R1 halted, and is lost too', page: true });
    expect(decide({ ...halted, said: [said?.key as string] }, world()).say).toEqual([]);
  });

  test('not for what a containment run expects; it asks with numbers', () => {
    const plan = { containment: true };
    expect(later({ counts: { ok: 1, failed: 3, unverified: 4 }, hosts: [host('kvm04', 1)] }, plan).state).toBe('running');
    const view = run({ state: 'running', wave: 1, waves: 3, counts: { ok: 5, lost: 1 }, hosts: [ended('kvm03', 'lost', 1)], plan });
    expect(decide(view, world({ untouched: { hosts: 25, died: 4 } })).halt?.ask).toBe('1 of 6 touched died, 4 of 25 untouched died; continue?');
  });

  test('at the loss of its canary in a containment run, too', () => {
    const view = run({ state: 'running', counts: { lost: 1 }, hosts: [ended('kvm01', 'lost')], waves: 2, plan: { containment: true } });
    expect(decide(view, world()).halt).toEqual({ reason: 'canary', because: 'the canary kvm01 is lost', hosts: ['kvm01'] });
  });

  test('never while updates are paused everywhere because hosts die', () => {
    const plan = { containment: true, safe: true, risk: 'change' as const, pace: { first: [], soakCanary: 0, soakWave: 0 } };
    expect(later({ counts: { lost: 3, unverified: 9 }, hosts: [host('kvm04', 1)] }, plan).start).toEqual(['kvm04']);
  });
});

describe('between rings', () => {
  const rings = [ring({ name: 'nonprod' }), ring({ name: 'prod', firstWave: 1, lastWave: 1, soakBefore: 72 * HOUR, workingMorning: true })];
  const at = (ringEnded: number): RunView =>
    run({ state: 'running', wave: 1, waves: 2, begunAt: NOON, ringEnded, waveEnded: ringEnded, hosts: [host('kvm02', 1)], plan: { rings } });

  test('days pass, with a working morning in them', () => {
    expect(decide(at(NOON), world())).toMatchObject({
      lookAt: NOON + 72 * HOUR,
      waiting: { for: 'ring soak', because: 'ring prod of R1 begins at Mon 23 Nov 12:00: 3 d after the ring before it, with a working morning in it' },
    });
    expect(decide(at(NOON), world({ now: NOON + 72 * HOUR })).start).toEqual(['kvm02']);
  });

  test('more days where no morning was in them', () => {
    const short = at(NOON);
    short.plan.rings = [rings[0] as PlannedRing, { ...(rings[1] as PlannedRing), soakBefore: 24 * HOUR }];
    expect(why(short, { now: NOON + 30 * HOUR })).toContain('ring prod of R1 begins at Mon 23 Nov 12:00');
  });
});

describe('nothing more starts', () => {
  test('while an incident is open on its hosts; what contains it goes on', () => {
    const incidents: World['incidents'] = [{ id: 'INC-2', severity: 'major', title: 'shop is down' }];
    expect(why(run(), { incidents })).toBe('INC-2 (major: shop is down) is open on hosts of R1');
    expect(decide(run({ plan: { containment: true } }), world({ incidents })).start).toEqual(['kvm01']);
  });

  test('behind a host that takes three times as long as its like, and a person is asked', () => {
    const view = run({ state: 'running', counts: { ok: 1 }, hosts: [host('kvm01', 0, { state: 'going', started: NOON - 3 * MINUTE }), host('kvm02')] });
    const slow = decide(view, world());
    expect(slow).toMatchObject({ start: ['kvm02'], say: [{ text: 'kvm01 takes 3 min; 19 of 20 like it were done in 2 min' }], lookAt: NOON + 3 * MINUTE });
    const overdue = decide({ ...view, said: slow.say.map(({ key }) => key) }, world({ now: NOON + 3 * MINUTE }));
    expect(overdue).toMatchObject({ start: [], waiting: { for: 'overdue' }, say: [{ page: true }] });
    expect(overdue.waiting?.because).toBe('nothing more starts: kvm01 takes 6 min; 19 of 20 like it were done in 2 min');
  });

  test('where a window closes too early for it', () => {
    const windows = { kvm01: { open: true, opens: NOON - HOUR, closes: NOON + MINUTE, says: 'daily 11:00–12:01 UTC' } };
    expect(why(run(), { windows })).toBe('its window (daily 11:00–12:01 UTC) closes at 12:01, too early for 2 min');
  });

  test('on a host another run holds', () => {
    expect(why(run(), { held: [{ budget: 'site:bne', run: 'R7', host: 'kvm01' }] })).toBe('R7 holds kvm01');
  });
});

describe('of a wave starts what fits', () => {
  const wave = ['kvm01', 'kvm02', 'kvm03'].map((name) => host(name, 0, { claims: ['run:R1', 'site:bne'], needsMb: 10_240 }));
  const view = run({ hosts: wave, size: 3, counts: { ok: 1 }, plan: { limits: { 'run:R1': 2, 'site:bne': 3 } } });
  const poolOf = { kvm01: 'bne', kvm02: 'bne', kvm03: 'bne' };

  test('into its budgets, and who holds them is named', () => {
    const next = decide(view, world({ poolOf, freeMb: { bne: 99_999 } }));
    expect(next).toMatchObject({ start: ['kvm01', 'kvm02'], because: 'kvm01 and kvm02 begin (wave 1 of 1); kvm03 waits: run:R1 has 2 of 2 (kvm01, kvm02)' });
  });

  test('beside what other runs and lost hosts hold', () => {
    const held = ['R2 web01', 'R3 web02', 'R3 web03'].map((one) => ({ budget: 'site:bne', run: one.slice(0, 2), host: one.slice(3) }));
    expect(why(view, { poolOf, freeMb: { bne: 99_999 }, held })).toBe('site:bne has 3 of 3 (R2 web01, R3 web02, R3 web03)');
    const lost = run({
      state: 'running',
      forgiven: { lost: 1 },
      counts: { lost: 1 },
      hosts: [ended('kvm01', 'lost'), host('kvm02')],
      plan: { limits: { 'run:R1': 1 } },
    });
    expect(why(lost, { held: [{ budget: 'run:R1', run: 'R1', host: 'kvm01' }] })).toBe('run:R1 has 1 of 1 (kvm01: lost)');
  });

  test('as long as the others have room for its guests, one drain taken off for the next', () => {
    const next = decide(view, world({ poolOf, freeMb: { bne: 30_000 }, ownFreeMb: { kvm01: 5_000, kvm02: 5_000, kvm03: 5_000 } }));
    expect(next.start).toEqual(['kvm01']);
    expect(next.waiting?.because).toBe('its guests need 10 GB, and the others of bne have 9.5 GB free that no drain has claimed');
  });

  test('and not at all where nobody knows what is free', () => {
    expect(why(view, { poolOf })).toBe('nobody knows how much memory is free for its guests in bne: check @bne');
  });

  test('but for those a rule leaves out since', () => {
    const next = decide(view, world({ poolOf, freeMb: { bne: 99_999 }, excluded: { kvm01: { rule: 'E1', because: 'does not boot' } } }));
    expect(next).toMatchObject({ skip: [{ host: 'kvm01', rule: 'E1', because: 'does not boot' }], start: ['kvm02', 'kvm03'] });
  });

  test('and a wave that is left out whole is over', () => {
    const next = decide(run({ waves: 2 }), world({ excluded: { kvm01: { rule: 'E1', because: 'does not boot' } } }));
    expect(next).toMatchObject({ wave: 1, skip: [{ host: 'kvm01' }], begunAt: NOON });
    expect(next.waveEnded).toBeUndefined();
  });

  test('one by one until a host did well, where the canary had nothing to do', () => {
    const next = decide(run({ state: 'running', wave: 1, waves: 3, counts: { already: 1 }, hosts: [host('kvm02', 1), host('kvm03', 1)] }), world());
    expect(next).toMatchObject({ start: ['kvm02'], waiting: { because: 'no host of R1 has done well yet: 1 at once until one has' } });
  });

  test('though the next wave is in sight', () => {
    const next = decide(run({ state: 'running', waves: 2, hosts: [host('kvm01', 0, { state: 'going', started: NOON }), host('kvm02', 1)] }), world());
    expect(next).toMatchObject({ start: [], waiting: { because: 'wave 1 of 2 has not ended' } });
  });
});
