import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextByCron } from '../../src/cron.ts';
import { type Beat, look, missedAt, ping, type Schedule, type Signal, standing } from '../../src/ingest/heartbeats/decide.ts';

const MINUTE = 60_000;
const every = (minutes: number, grace: number): Schedule => ({ next: (last) => last + minutes * MINUTE, grace: grace * MINUTE, paused: false });
const hourly = every(60, 10);
const NEW: Beat = { state: 'new' };

/** What becomes of it, and what was said meanwhile: `12 firing it was not heard`. Minutes. */
function after(story: readonly [minute: number, signal?: Signal, rid?: string][], schedule = hourly) {
  let beat = NEW;
  const said: string[] = [];
  for (const [minute, signal, rid] of story) {
    const at = minute * MINUTE;
    const missed = missedAt(beat, schedule);
    if (missed !== undefined && missed <= at) {
      const late = look(beat, schedule, missed);
      beat = late.beat;
      said.push(`${missed / MINUTE} ${late.says} ${late.because}`);
    }
    if (signal === undefined) continue;
    const decided = ping(beat, { signal, at, ...(rid !== undefined && { rid }) }, schedule);
    beat = decided.beat;
    if (decided.says) said.push(`${minute} ${decided.says} ${decided.because}`);
  }
  return { beat, said };
}

describe('a heartbeat', () => {
  test('that was never heard is not waited for', () => expect(after([[100_000]]).said).toEqual([]));
  test('that stays away is missed after its time and its grace, and not before', () => {
    expect(after([[0, 'success'], [69]]).said).toEqual([]);
    expect(after([[0, 'success'], [70]]).said).toEqual(['70 firing it was not heard']);
  });
  test('heard again it is over', () =>
    expect(
      after([
        [0, 'success'],
        [90, 'success'],
      ]).said,
    ).toEqual(['70 firing it was not heard', '90 resolved it was heard again']));
  test('that fails is down at once, once, until it succeeds', () => {
    expect(
      after([
        [0, 'fail'],
        [1, 'fail'],
        [2, 'start'],
        [3, 'success'],
      ]).said,
    ).toEqual(['0 firing it failed', '3 resolved it was heard again']);
  });
  test('a log changes nothing', () => {
    expect(after([[0, 'log'], [100_000]]).said).toEqual([]);
    expect(after([[0, 'success'], [60, 'log'], [70]]).said).toEqual(['70 firing it was not heard']);
  });
  test('a run is measured from its begin to its end', () =>
    expect(
      after([
        [0, 'start'],
        [7, 'success'],
      ]).beat,
    ).toEqual({ state: 'up', last: 7 * MINUTE, took: 7 * MINUTE }));
  test('a run that begins and does not end within the grace is missed, also the first ever', () => {
    expect(after([[0, 'start'], [10]]).said).toEqual(['10 firing it began and did not end']);
    expect(after([[0, 'success'], [5, 'start'], [15]]).said).toEqual(['15 firing it began and did not end']);
  });
  test('of two runs beside each other, the end of the one leaves the other open', () => {
    const { beat } = after([
      [0, 'start', 'a'],
      [1, 'start', 'b'],
      [2, 'success', 'a'],
    ]);
    expect(beat).toEqual({ state: 'up', last: 2 * MINUTE, begun: MINUTE, rid: 'b' });
    expect(after([[0, 'start', 'a'], [1, 'start', 'b'], [2, 'success', 'a'], [11]]).said).toEqual(['11 firing it began and did not end']);
    expect(after([[0, 'start', 'a'], [2, 'success', 'a'], [60]]).beat.took).toBe(2 * MINUTE);
  });
  test('stands as a person is told', () => {
    const stands = (story: Parameters<typeof after>[0], at: number) => standing(after(story).beat, hourly, at * MINUTE);
    expect([stands([], 5), stands([[0, 'success']], 59), stands([[0, 'success']], 60), stands([[0, 'success']], 70), stands([[0, 'start']], 5)]).toEqual([
      'new',
      'up',
      'late',
      'down',
      'started',
    ]);
    expect(standing(NEW, { ...hourly, paused: true }, 0)).toBe('paused');
  });
});

test('for any story: it is down exactly when a failure was the last end, or its time and grace went by; and of every trouble is said once that it begins and once that it is over', () => {
  const story = fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom<Signal | undefined>('success', 'fail', 'start', 'log', undefined),
      fc.constantFrom(undefined, 'a', 'b'),
    ),
    { maxLength: 30 },
  );
  let troubles = 0;
  fc.assert(
    fc.property(story, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (steps, period, grace) => {
      const schedule = every(period, grace);
      let at = 0;
      const told: [minute: number, signal?: Signal, rid?: string][] = [];
      for (const [wait, signal, rid] of steps) {
        at += wait;
        told.push(signal === undefined ? [at] : rid === undefined ? [at, signal] : [at, signal, rid]);
      }
      const { beat, said } = after(told, schedule);
      // The oracle: minute by minute, with nothing but what was heard.
      let [down, last, begun, id]: [boolean, number | undefined, number | undefined, string | undefined] = [false, undefined, undefined, undefined];
      const changes: string[] = [];
      for (let minute = 0; minute <= at; minute += 1) {
        const late = (last !== undefined && minute >= last + period + grace) || (begun !== undefined && minute >= begun + grace);
        if (late && !down) changes.push(`${minute} firing`);
        if (late) down = true;
        // It is missed once, whatever else is heard.
        if (begun !== undefined && minute >= begun + grace) begun = undefined;
        for (const [when, signal, rid] of told) {
          if (when !== minute || signal === undefined || signal === 'log') continue;
          if (signal === 'start') [begun, id] = [minute, rid];
          else {
            if (signal === 'fail' || rid === undefined || rid === id) [begun, id] = [undefined, undefined];
            last = minute;
            if (down !== (signal === 'fail')) changes.push(`${minute} ${down ? 'resolved' : 'firing'}`);
            down = signal === 'fail';
          }
        }
        // What is down is not missed again; a run that begins then is waited for when it is up.
        if (down) last = undefined;
      }
      troubles += changes.length;
      expect(said.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(changes);
      expect(beat.state === 'down').toBe(down);
    }),
    { numRuns: 500 },
  );
  expect(troubles).toBeGreaterThan(200);
});

describe('by a cron pattern', () => {
  const next = (pattern: string, at: string, zone = 'Europe/Berlin') => new Date(nextByCron(pattern, zone, Date.parse(at))).toISOString();

  test('it comes by the clock on the wall of its zone', () => {
    expect(next('30 3 * * *', '2026-11-26T02:00:00Z')).toBe('2026-11-26T02:30:00.000Z');
    expect(next('30 3 * * *', '2026-11-26T02:30:00Z')).toBe('2026-11-27T02:30:00.000Z');
    expect(next('0 9 * * mon-fri', '2026-11-27T09:00:00Z', 'Australia/Brisbane')).toBe('2026-11-29T23:00:00.000Z');
  });

  test('in the night with an hour more it comes once a day, and in that with an hour less it does come', () => {
    expect(next('30 3 * * *', '2026-10-25T00:00:00Z')).toBe('2026-10-25T02:30:00.000Z');
    const gap = nextByCron('30 2 * * *', 'Europe/Berlin', Date.parse('2027-03-28T00:00:00Z'));
    expect(gap).toBeLessThanOrEqual(Date.parse('2027-03-28T01:30:00Z'));
    expect(next('30 2 * * *', '2027-03-28T02:00:00Z')).toBe('2027-03-29T00:30:00.000Z');
  });
});
