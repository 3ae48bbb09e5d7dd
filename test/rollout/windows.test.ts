import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Window, WindowEntries } from '../../src/config/windows.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import { makePlan } from '../../src/rollout/plan.ts';
import { planSay } from '../../src/rollout/plan-say.ts';
import { predict } from '../../src/rollout/predict.ts';
import { windowFit } from '../../src/rollout/window-fit.ts';
import { openingsFrom, windowAt, windowsByHost, type ZonedWindow } from '../../src/rollout/windows.ts';
import { defaults, foreseen, MIN, reboot, rosterFleet, sketch } from './roster-fleet.ts';

const HOUR = 60 * MIN;
const written = (more: Partial<{ hosts: string; days: string | string[]; from: string; until: string; zone: string }> = {}): Window =>
  WindowEntries.parse([{ hosts: '@all', from: '02:00', until: '04:00', ...more }])[0] as Window;
const zoned = (more: Parameters<typeof written>[0] = {}): ZonedWindow => ({ ...written(more), zone: more.zone ?? 'Europe/Berlin' });
const at = (text: string): number => Date.parse(text);

describe('what a window may say', () => {
  test.each([
    [{ until: '02:00' }, 'is the time at which it opens'],
    [{ from: '06:00', until: '04:00' }, 'makes it 22 h long, over midnight'],
    [{ days: 'someday' }, '"someday" is no day'],
    [{ from: '2:00' }, 'must be a time of day in quotes'],
    [{ zone: 'Berlin' }, 'is no time zone'],
    [{ hosts: '' }, 'is empty'],
  ])('%o is refused', (more, says) => {
    const read = WindowEntries.safeParse([{ hosts: '@all', from: '02:00', until: '04:00', ...more }]);
    expect(read.error?.issues.map(({ message }) => message).join()).toContain(says);
  });

  test('days are names, ranges over the weekend, or words for several', () => {
    expect(written({ days: ['mon', 'sat-sun'] }).days).toEqual([0, 1, 6]);
    expect(written({ days: 'Weekdays' }).days).toEqual([1, 2, 3, 4, 5]);
    expect(written().days).toHaveLength(7);
  });
});

describe('may it begin now', () => {
  const night = [zoned()];

  test('inside, when it would also end inside', () => {
    expect(windowAt(night, at('2026-11-20T01:30Z'), 90 * MIN)).toMatchObject({
      open: true,
      closes: at('2026-11-20T03:00Z'),
      says: 'daily 02:00–04:00 Europe/Berlin',
    });
    expect(windowAt(night, at('2026-11-20T01:30Z'), 90 * MIN + 1)).toMatchObject({
      open: false,
      opens: at('2026-11-21T01:00Z'),
      says: 'daily 02:00–04:00 Europe/Berlin; 91 min would not end before it closes at 04:00',
    });
  });

  test('outside, it is told when next', () => {
    expect(windowAt(night, at('2026-11-20T03:00Z'), HOUR)).toMatchObject({ open: false, opens: at('2026-11-21T01:00Z'), closes: at('2026-11-21T03:00Z') });
    expect(windowAt([zoned({ days: 'mon' })], at('2026-11-20T03:00Z'), HOUR)).toMatchObject({ opens: at('2026-11-23T01:00Z') });
  });

  test('at any time where there is no window', () => {
    expect(windowAt([], 0, HOUR)).toBeUndefined();
    expect(windowAt(undefined, 0, HOUR)).toBeUndefined();
  });

  test('never, when it takes longer than any opening', () => {
    expect(windowAt(night, at('2026-11-20T01:30Z'), 3 * HOUR)).toMatchObject({ open: false, never: true });
  });

  test('over midnight the window belongs to the day on which it opens', () => {
    const friday = [zoned({ days: 'fri', from: '22:00', until: '02:00' })];
    expect(windowAt(friday, at('2026-11-21T00:30Z'), 30 * MIN)?.open).toBe(true);
    expect(windowAt(friday, at('2026-11-20T00:30Z'), 30 * MIN)?.open).toBe(false);
  });

  test('windows that touch are one', () => {
    const both = [zoned({ from: '22:00', until: '00:00' }), zoned({ from: '00:00', until: '03:00' })];
    expect(windowAt(both, at('2026-11-20T22:00Z'), 4 * HOUR)).toMatchObject({ open: true, closes: at('2026-11-21T02:00Z') });
  });
});

describe('when the clocks change', () => {
  const on = (window: ZonedWindow, from: string, until: string) => openingsFrom([window], at(from), at(until));

  test('a window over the hour that comes twice is an hour longer, and says so', () => {
    expect(on(zoned(), '2026-10-25T00:00Z', '2026-10-25T12:00Z')).toEqual([
      { opens: at('2026-10-25T00:00Z'), closes: at('2026-10-25T03:00Z'), note: '3 h long then: clocks go back' },
    ]);
    expect(windowAt([zoned()], at('2026-10-24T20:00Z'), HOUR)?.says).toBe('daily 02:00–04:00 Europe/Berlin, 3 h long then: clocks go back');
  });

  test('a window over the hour that is left out is an hour shorter, and says so', () => {
    expect(on(zoned(), '2027-03-28T00:00Z', '2027-03-28T12:00Z')).toEqual([
      { opens: at('2027-03-28T01:00Z'), closes: at('2027-03-28T02:00Z'), note: '1 h long then: clocks go forward' },
    ]);
  });

  test('what lies wholly in the hour that is left out does not open that night', () => {
    expect(on(zoned({ from: '02:15', until: '02:45' }), '2027-03-28T00:00Z', '2027-03-28T12:00Z')).toEqual([]);
    expect(windowAt([zoned({ from: '02:15', until: '02:45', days: 'sun' })], at('2027-03-27T12:00Z'), 10 * MIN)?.opens).toBe(at('2027-04-04T00:15Z'));
  });

  test('in a zone whose clocks change by half an hour', () => {
    const howe = zoned({ from: '01:00', until: '03:00', zone: 'Australia/Lord_Howe' });
    expect(on(howe, '2026-10-03T12:00Z', '2026-10-04T00:00Z').map(({ opens, closes, note }) => [(closes - opens) / MIN, note])).toEqual([
      [90, '1 h 30 m long then: clocks go forward'],
    ]);
  });

  test('whenever the clock shows a time between its ends, it is open', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(
        minute,
        minute,
        fc.constantFrom('Asia/Kathmandu', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC'),
        fc.integer({ min: 0, max: 4000 }),
        (from, until, zone, later) => {
          fc.pre(from !== until);
          const window: ZonedWindow = { hosts: '@all', days: [0, 1, 2, 3, 4, 5, 6], from, until, zone };
          const start = at('2026-11-20T00:00Z');
          const moment = start + later * MIN;
          const shows = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
          const [hour, past] = shows.format(moment).split(':').map(Number) as [number, number];
          const shown = hour * 60 + past;
          const open = openingsFrom([window], start, start + 4000 * MIN).some(({ opens, closes }) => opens <= moment && moment < closes);
          expect(open).toBe(from < until ? shown >= from && shown < until : shown >= from || shown < until);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('whatever the window, the clock inside shows a time between its ends', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(
        minute,
        minute,
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Cairo'),
        fc.integer({ min: at('2026-01-01T00:00Z') / MIN, max: at('2028-01-01T00:00Z') / MIN }),
        (from, until, zone, now) => {
          fc.pre(from !== until);
          const window: ZonedWindow = { hosts: '@all', days: [0, 1, 2, 3, 4, 5, 6], from, until, zone };
          const shows = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
          for (const { opens, closes } of openingsFrom([window], now * MIN, now * MIN + 3 * 24 * HOUR)) {
            expect(closes).toBeGreaterThan(opens);
            for (const inside of [opens, (opens + closes) / 2, closes - 1]) {
              const [hour, past] = shows.format(inside).split(':').map(Number) as [number, number];
              const shown = hour * 60 + past;
              expect(from < until ? shown >= from && shown < until : shown >= from || shown < until).toBe(true);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('how a plan fits', () => {
  // Flying Circus, 2 August 2017 (scenarios.md, 4A): the evacuation of a KVM server takes up to 95 min, the action 1 min.
  const names = Array.from({ length: 12 }, (_, i) => `kvm${String(i + 1).padStart(2, '0')}`);
  const fleet = sketch(
    names.map((name) => ({ name, site: 'whq', ring: 'prod' })),
    { kvm: names },
  );
  const now = at('2017-08-01T20:00Z');
  const evacuating = foreseen({ does: 'evacuate, network maintenance', class: 'hypervisor', estimate: { p50: 41 * MIN, p95: 96 * MIN }, needsMb: 65_536 });
  const guests = new Map(names.map((name) => [name, { host: name, reach: 'ok' as const, askedAt: 0, facts: { guests: ['vm1'] }, findings: [] }]));
  const plan = makePlan(
    reboot(fleet, names, { targets: names.map((name) => ({ host: fleet.hosts.get(name) as never, foreseen: evacuating })), known: guests }),
  );
  const prediction = predict(plan, { history: {}, estimates: new Map(names.map((name) => [name, evacuating.estimate])), defaults });
  const windows = (more: Parameters<typeof written>[0] = {}) => windowsByHost([written({ hosts: '@kvm', ...more })], fleet, 'Europe/Berlin');
  const fitOf = (more: Parameters<typeof written>[0] = {}) => windowFit({ plan, prediction, windows: windows(more), now, zone: 'Europe/Berlin' });

  test('twelve hypervisors one at a time do not fit the night of 2 August 2017; they are spread over twelve', () => {
    const fit = fitOf();
    expect(fit?.says[0]).toBe('does not fit: 12 × 96 min at 1 at a time = 19 h 12 m; the window fits 1 host');
    expect(fit?.says[1]).toBe(
      'it goes over 12 nights (daily 02:00–04:00 Europe/Berlin), the last begins Sun 13 Aug 02:00; no host begins that would not end inside',
    );
    expect(fit).toMatchObject({ fits: false, nights: 12, begins: at('2017-08-02T00:00Z'), ends: at('2017-08-13T01:36Z') });
    expect(planSay(plan, { prediction, ...(fit && { fit }) })).toContain(fit?.says[0]);
  });

  test('what fits says when it begins and by when it ends', () => {
    const web = sketch([{ name: 'web01', ring: 'lab' }]);
    const one = makePlan(reboot(web, ['web01']));
    const said = predict(one, { history: {}, estimates: new Map([['web01', { p50: MIN, p95: 20 * MIN }]]), defaults });
    expect(
      windowFit({ plan: one, prediction: said, windows: windowsByHost([written({ hosts: 'web01' })], web, 'Europe/Berlin'), now, zone: 'Europe/Berlin' })?.says,
    ).toEqual(['fits its window (daily 02:00–04:00 Europe/Berlin): begins Wed 2 Aug 02:00, ends by 02:20, closes 04:00']);
  });

  test('a host that fits into no opening refuses the plan', () => {
    expect(() => fitOf({ until: '03:00' })).toThrow(Refusal);
    expect(() => fitOf({ until: '03:00' })).toThrow('kvm01 takes 96 min (p95) and its window (daily 02:00–03:00 Europe/Berlin) is 1 h long: it never fits.');
  });

  test('where it is the watching between that does not fit, that is said', () => {
    const three = makePlan(reboot(fleet, names.slice(0, 3), { known: guests }));
    const said = predict(three, { history: {}, estimates: new Map(names.map((name) => [name, { p50: MIN, p95: 31 * MIN }])), defaults });
    const fit = windowFit({ plan: three, prediction: said, windows: windows(), now, zone: 'Europe/Berlin' });
    expect(fit?.says[0]).toBe('does not fit: 3 × 31 min at 1 at a time and 35 min watched between = 2 h 8 m; the window fits 2 hosts');
  });

  test('between rings days pass, which a fit counts in', () => {
    const rings = sketch([
      { name: 'a', ring: 'lab' },
      { name: 'b', ring: 'prod' },
    ]);
    const two = makePlan(reboot(rings, ['a', 'b'], { byRings: true }));
    const said = predict(two, { history: {}, estimates: new Map(['a', 'b'].map((name) => [name, { p50: MIN, p95: 20 * MIN }])), defaults });
    const fit = windowFit({ plan: two, prediction: said, windows: windowsByHost([written()], rings, 'Europe/Berlin'), now, zone: 'Europe/Berlin' });
    // Tuesday night the lab; 72 h after Wednesday 02:20 is Saturday 02:20, still inside.
    expect(fit).toMatchObject({ fits: false, nights: 2, ends: at('2017-08-05T00:40Z') });
    expect(fit?.says[0]).toBe('its rings are days apart, each in a window of its own');
    expect(fit?.says[1]).toContain('it goes over 2 nights (daily 02:00–04:00 Europe/Berlin), the last begins Sat 5 Aug 02:20');
  });

  test('hosts without a window do not wait, and a plan without any has nothing to fit', () => {
    expect(windowFit({ plan, prediction, windows: new Map(), now, zone: 'Europe/Berlin' })).toBeUndefined();
    const half = windowFit({
      plan,
      prediction,
      windows: windowsByHost([written({ hosts: 'kvm[01-02]' })], fleet, 'Europe/Berlin'),
      now,
      zone: 'Europe/Berlin',
    });
    expect(half?.says[0]).toContain('2 × 96 min');
  });

  test('a host in two windows may use either, and those in the same windows share one calendar', () => {
    const both = windowsByHost([written({ hosts: '@kvm' }), written({ hosts: 'kvm[01-02]', from: '12:00', until: '14:00' })], fleet, 'Europe/Berlin');
    expect(both.get('kvm01')).toHaveLength(2);
    expect(both.get('kvm01')).toBe(both.get('kvm02'));
    expect(both.get('kvm03')).toHaveLength(1);
  });

  test('asked at any later moment, the answer is the one of a calendar looked up afresh', () => {
    const kept = [zoned({ days: ['mon', 'thu'], from: '22:00', until: '01:00' })];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 * 24 * 60 }), { minLength: 1, maxLength: 8 }), (minutes) => {
        for (const minute of minutes) {
          const moment = at('2026-10-01T00:00Z') + minute * MIN;
          expect(windowAt(kept, moment, HOUR)).toEqual(windowAt([...kept], moment, HOUR));
        }
      }),
    );
  });

  test('the sandbox has no window, so nothing is held up there', () => {
    expect(windowsByHost([], rosterFleet(), 'UTC').size).toBe(0);
  });
});
