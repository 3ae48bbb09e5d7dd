import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHoldAnswer } from '../../src/holds/answer.ts';
import { judgeLook } from '../../src/holds/judge-look.ts';
import { holdNext } from '../../src/holds/life.ts';
import { stateAfterPause } from '../../src/holds/run-ends.ts';
import { lacksAll } from '../../src/holds/sources.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;
const DEFAULTS = { 'hold.ask_before': 2 * HOUR, 'hold.ask_again': DAY, 'hold.drift': 15 * MIN };
const WEEK = { id: 'H1', begun: 0, until: 7 * DAY };

describe('the life of a hold', () => {
  test('hosts are looked at every quarter of an hour, and nobody is asked before the end is near', () => {
    expect(holdNext(WEEK, HOUR, DEFAULTS)).toEqual({ at: HOUR + 15 * MIN });
    // The question is not late because a look was due a little after it.
    expect(holdNext(WEEK, 7 * DAY - 2 * HOUR - 5 * MIN, DEFAULTS)).toEqual({ at: 7 * DAY - 2 * HOUR });
  });

  test('two hours before its end the owner is asked, with the words that end it', () => {
    expect(holdNext(WEEK, 7 * DAY - 2 * HOUR, DEFAULTS)).toEqual({
      ask: 'H1 ends in 2 h and does not by itself: "resume updates H1" gives the hosts their updates back, a few at a time',
      at: 7 * DAY - 2 * HOUR + 15 * MIN,
    });
  });

  test('a day later again, though its end is past: it is still held', () => {
    const asked = 7 * DAY - 2 * HOUR;
    expect(holdNext({ ...WEEK, asked }, asked + DAY - MIN, DEFAULTS)).toEqual({ at: asked + DAY });
    expect(holdNext({ ...WEEK, asked }, asked + DAY, DEFAULTS).ask).toContain('H1 was to end 22 h ago and does not by itself');
  });

  test('one that is shorter than the notice is asked about half way, not at once', () => {
    const short = { id: 'H1', begun: 0, until: HOUR };
    expect(holdNext(short, 15 * MIN, DEFAULTS).ask).toBeUndefined();
    expect(holdNext(short, 30 * MIN, DEFAULTS).ask).toBeDefined();
  });

  test('over any month, the owner of any hold is asked once a day and never twice within one, and no look is further away than it may be', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN, max: 20 * DAY }), fc.array(fc.integer({ min: 0, max: 3 * HOUR }), { maxLength: 40 }), (length, late) => {
        let hold: Parameters<typeof holdNext>[0] = { id: 'H1', begun: 0, until: length };
        const asks: number[] = [];
        let now = 15 * MIN;
        for (let n = 0; now < 30 * DAY; n++) {
          const next = holdNext(hold, now, DEFAULTS);
          if (next.ask !== undefined) {
            asks.push(now);
            hold = { ...hold, asked: now };
          }
          expect(next.at).toBeGreaterThan(now);
          expect(next.at - now).toBeLessThanOrEqual(15 * MIN);
          now = next.at + (late[n % Math.max(1, late.length)] ?? 0);
        }
        for (const [n, at] of asks.entries()) if (n > 0) expect(at - (asks[n - 1] as number)).toBeGreaterThanOrEqual(DAY);
        expect(asks.length).toBeGreaterThan(0);
        expect(asks[0]).toBeLessThanOrEqual(length + 3 * HOUR + 15 * MIN);
      }),
      { numRuns: 40 },
    );
  });
});

const answered = (text: string) => ({ state: 'answered' as const, answer: readHoldAnswer(`${text}\nend=look-updates v1\n`, 'look-updates v1') });
const SOURCES = ['kernelcare'];
const HELD = answered('sources[]=kernelcare\nheld[]=move /etc/cron.d/kcare-cron');
const DRIFT = answered('sources[]=kernelcare\ndrift[]=move /etc/cron.d/kcare-cron: is there again');

describe('what a look at a host of a hold means', () => {
  test('what is held stays held, quietly', () => {
    expect(judgeLook({ state: 'held', detail: '3 verified' }, HELD, { sources: SOURCES })).toEqual({ state: 'held', detail: '3 verified' });
  });

  test('what came back is drift, said once, in words without our own', () => {
    expect(judgeLook({ state: 'held', detail: null }, DRIFT, { sources: SOURCES })).toEqual({
      state: 'drifted',
      detail: '/etc/cron.d/kcare-cron: is there again',
      news: 'drifted',
    });
    expect(judgeLook({ state: 'drifted', detail: 'x' }, DRIFT, { sources: SOURCES }).news).toBeUndefined();
    expect(judgeLook({ state: 'drifted', detail: 'x' }, HELD, { sources: SOURCES })).toEqual({ state: 'held', detail: null, news: 'held again' });
  });

  test('an updater that runs in spite of everything is drift', () => {
    const runs = answered('sources[]=kernelcare\nheld[]=x\nrunning[]=kcarectl (pid 7)');
    expect(judgeLook({ state: 'held', detail: null }, runs, { sources: SOURCES })).toMatchObject({ state: 'drifted', detail: 'kcarectl (pid 7) is running' });
  });

  test('one that was down is paused on first contact, and if it had updated before, that is said', () => {
    const before = { state: 'unverified' as const, detail: 'refused' };
    expect(judgeLook(before, HELD, { pausedNow: true, foundBusy: [], sources: SOURCES })).toMatchObject({ state: 'held', news: 'paused on first contact' });
    expect(judgeLook(before, HELD, { pausedNow: true, foundBusy: ['kcarectl (pid 7)'], sources: SOURCES })).toMatchObject({
      state: 'held',
      detail: 'came back unpaused: kcarectl (pid 7)',
      news: 'came back unpaused',
    });
  });

  test('no answer says nothing about a host that was held, and a host without the source has nothing to hold', () => {
    const silent = { state: 'silent' as const, detail: 'refused: nobody listens' };
    expect(judgeLook({ state: 'held', detail: null }, silent, { sources: SOURCES })).toEqual({ state: 'held', detail: null });
    expect(judgeLook({ state: 'unverified', detail: null }, silent, { sources: SOURCES })).toEqual({ state: 'unverified', detail: 'refused: nobody listens' });
    expect(judgeLook({ state: 'unverified', detail: null }, answered('lease=no'), { sources: SOURCES })).toEqual({
      state: 'resumed',
      detail: 'has no kernelcare',
    });
  });

  test('after a run: done is held, nothing to do is over, half done is drift, and the rest nobody knows', () => {
    expect(stateAfterPause('ok', true)).toBe('held');
    expect(stateAfterPause('already', false)).toBe('resumed');
    expect(stateAfterPause('failed', true)).toBe('drifted');
    expect(stateAfterPause('failed', false)).toBe('unverified');
    expect(stateAfterPause('lost', true)).toBe('unverified');
    expect(stateAfterPause('unverified', true)).toBe('unverified');
  });
});

describe('whether a host is left alone by what is known of it', () => {
  const known = (names: string[], age = HOUR) => ({
    reach: 'ok',
    answeredAt: 10 * DAY - age,
    facts: { update_agents: names.map((name) => ({ name, state: 'on' })) },
  });

  test('only by a fresh answer that names every source for certain', () => {
    expect(lacksAll(known(['apt-daily.timer']), ['kernelcare'], 10 * DAY)).toEqual(['kernelcare']);
    expect(lacksAll(known(['kernelcare']), ['kernelcare'], 10 * DAY)).toBeUndefined();
    expect(lacksAll(known([], 25 * HOUR), ['kernelcare'], 10 * DAY)).toBeUndefined();
    expect(lacksAll({ ...known([]), reach: 'refused' }, ['kernelcare'], 10 * DAY)).toBeUndefined();
    // Cron entries of users are not in a check: the host is asked.
    expect(lacksAll(known([]), ['kernelcare', 'cron'], 10 * DAY)).toBeUndefined();
    expect(lacksAll(known([]), [], 10 * DAY)).toBeUndefined();
  });
});

test('what a host says is read with distrust: unknown keys, floods and control characters leave nothing behind', () => {
  const answer = readHoldAnswer(`held[]=a\u0007b\nevil[]=x\n__proto__=y\n${'held[]=z\n'.repeat(5000)}end=look-updates v1\n`, 'look-updates v1');
  expect(answer.whole).toBe(false);
  expect(answer.held[0]).toBe('a b');
  expect(answer.held.length).toBeLessThanOrEqual(1000);
  expect(Object.keys(answer)).not.toContain('evil');
});
