import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onCallAt, shiftsOf } from '../../src/escalation/on-call.ts';
import { at, DAY, HOUR, plan, standing } from './a-standing.ts';

const MINUTE = 60_000;
/** Northern and southern, changes of half an hour, at midnight, zones off by half and three quarters of an hour, and none at all. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Auckland',
  'Asia/Beirut',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'UTC',
];

/** What a clock on the wall there shows, so that two can be compared: `2026-10-25 02:30`. */
function wall(zone: string): (moment: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (moment) => format.format(moment);
}

/** The slow way: a turn begins in the first minute in which the clock on the wall shows its time, or one after it. */
function beginsSlowly(zone: string, date: number, handover: string): number {
  const shows = wall(zone);
  const wanted = `${new Date(date).toISOString().slice(0, 10)} ${handover}`;
  let moment = date - 26 * HOUR;
  while (shows(moment) < wanted) moment += MINUTE;
  return moment;
}

/** Days on which clocks change somewhere, and those around them; and any other. */
const day = fc.oneof(
  fc.integer({ min: 0, max: 730 }),
  fc
    .tuple(
      fc.constantFrom(
        '2026-03-08',
        '2026-03-29',
        '2026-04-05',
        '2026-04-24',
        '2026-09-06',
        '2026-09-27',
        '2026-10-04',
        '2026-10-25',
        '2026-10-30',
        '2026-11-01',
        '2027-03-28',
      ),
      fc.integer({ min: -3, max: 1 }),
    )
    .map(([date, away]) => (at(`${date}T00:00Z`) - at('2026-01-01T00:00Z')) / DAY + away),
);
const clock = fc.integer({ min: 0, max: 1439 }).map((minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`);
const people = fc.shuffledSubarray(['ada', 'pepe', 'kim'], { minLength: 1 });

describe('whose turn it is', () => {
  test('each moment of the nights in which clocks change belongs to one person, and to the one the clock on the wall says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), people, fc.integer({ min: 1, max: 9 }), clock, day, (zone, turns, every, handover, day) => {
        const start = at('2026-01-01T00:00Z') + day * DAY;
        const roster = plan({ people: turns, every: `${every} days`, handover, start: new Date(start).toISOString().slice(0, 10) }, zone);
        const begins = Array.from({ length: 4 }, (_, turn) => beginsSlowly(zone, start + turn * every * DAY, handover));
        for (const [turn, moment] of begins.entries()) {
          const whose = { person: turns[turn % turns.length], by: 'turn' };
          expect(onCallAt(roster, standing(), moment)).toEqual(whose);
          const before = onCallAt(roster, standing(), moment - 1);
          if (turn === 0) expect(before).toEqual({ gap: 'it is nobody’s turn' });
          else expect(before).toEqual({ person: turns[(turn - 1) % turns.length], by: 'turn' });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('the shifts of any time lie end to end, and say what is true within them', () => {
    const hours = fc.record({ days: fc.constantFrom('daily', 'weekdays', 'weekend', 'mon-wed'), from: clock, until: clock });
    const layer = fc.record({
      people,
      every: fc.integer({ min: 1, max: 9 }).map((days) => `${days} days`),
      handover: clock,
      start: fc.constant('2026-03-20'),
      only: hours,
    });
    const away = fc.record({
      person: fc.constantFrom('ada', 'pepe', 'kim'),
      from: fc.integer({ min: 0, max: 40 * 24 }),
      length: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.array(layer, { minLength: 1, maxLength: 3 }),
        fc.array(away, { maxLength: 3 }),
        fc.integer({ min: 0, max: 40 * 24 }),
        fc.array(fc.integer({ min: 0, max: 14 * 24 * 60 - 1 }), { maxLength: 20 }),
        (zone, layers, aways, later, minutes) => {
          const roster = plan({ layers }, zone);
          const base = at('2026-03-15T00:00Z');
          const now = standing({
            absences: aways.map(({ person, from, length }) => ({ person, from: base + from * HOUR, until: base + (from + length) * HOUR, kind: 'said' })),
          });
          const [from, until] = [base + later * HOUR, base + later * HOUR + 14 * DAY];
          const shifts = shiftsOf(roster, now, from, until);
          expect(shifts[0]?.from).toBe(from);
          expect(shifts.at(-1)?.until).toBe(until);
          for (const [index, shift] of shifts.entries()) {
            expect(shift.until).toBeGreaterThan(shift.from);
            if (index > 0) expect(shift.from).toBe(shifts[index - 1]?.until);
          }
          for (const minute of minutes) {
            const moment = from + minute * MINUTE;
            const held = shifts.filter((shift) => shift.from <= moment && moment < shift.until);
            expect(held).toHaveLength(1);
            const is = onCallAt(roster, now, moment);
            if ('gap' in is) expect(held[0]).toHaveProperty('gap');
            else expect(held[0]).toMatchObject(is);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('hours keep to the clock on the wall: outside them nobody has a turn, and no minute of them is left out', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        clock,
        clock,
        fc.array(fc.integer({ min: 0, max: 400 * 24 * 60 }), { minLength: 1, maxLength: 30 }),
        (zone, from, until, minutes) => {
          fc.pre(from !== until);
          const roster = plan({ people: ['ada'], start: '2026-01-01', handover: '00:00', only: { from, until } }, zone);
          const shows = wall(zone);
          for (const minute of minutes) {
            const moment = at('2026-02-01T00:00Z') + minute * MINUTE;
            // In the hour that comes twice its ends are not said by the clock alone.
            if (
              shows(moment) === shows(moment + HOUR) ||
              shows(moment) === shows(moment - HOUR) ||
              shows(moment) === shows(moment + HOUR / 2) ||
              shows(moment) === shows(moment - HOUR / 2)
            )
              continue;
            const shown = shows(moment).slice(11);
            const inside = from < until ? from <= shown && shown < until : from <= shown || shown < until;
            expect([zone, new Date(moment).toISOString(), 'person' in onCallAt(roster, standing(), moment)]).toEqual([
              zone,
              new Date(moment).toISOString(),
              inside,
            ]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('the night with an hour more makes a turn 25 h long, that with one less 23 h, and Lord Howe’s half hour 24 h 30 m', () => {
    const lengths = (zone: string, from: string): number[] =>
      shiftsOf(plan({ people: ['ada', 'pepe'], every: 'day', handover: '08:00', start: '2026-01-01' }, zone), standing(), at(from), at(from) + 4 * DAY)
        .slice(1, -1)
        .map((shift) => (shift.until - shift.from) / HOUR);
    expect(lengths('Europe/Berlin', '2026-10-23T00:00Z')).toContain(25);
    expect(lengths('Europe/Berlin', '2027-03-26T00:00Z')).toContain(23);
    expect(lengths('Pacific/Auckland', '2026-09-25T00:00Z')).toContain(23);
    expect(lengths('Australia/Lord_Howe', '2027-04-02T00:00Z')).toContain(24.5);
    expect(lengths('Asia/Kathmandu', '2026-10-23T00:00Z')).toEqual([24, 24, 24]);
  });
});

describe('layers, overrides, aways and covers', () => {
  const weekly = { people: ['ada', 'pepe'], every: 'week', handover: 'mon 09:00', start: '2026-11-02' };

  test('by day the first layer counts, by night the second', () => {
    const roster = plan({ layers: [{ people: ['kim'], start: '2026-01-01', only: { days: 'weekdays', from: '09:00', until: '17:00' } }, weekly] });
    expect(onCallAt(roster, standing(), at('2026-11-18T10:00Z'))).toEqual({ person: 'kim', by: 'turn' });
    expect(onCallAt(roster, standing(), at('2026-11-18T16:00Z'))).toEqual({ person: 'ada', by: 'turn' });
    expect(onCallAt(roster, standing(), at('2026-11-21T10:00Z'))).toEqual({ person: 'ada', by: 'turn' });
  });

  test('away at the handover: the turn that begins is a gap until they are back, named with its reason', () => {
    const away = standing({ absences: [{ person: 'pepe', from: at('2026-11-22T00:00Z'), until: at('2026-11-24T12:00Z'), kind: 'said' }] });
    expect(
      shiftsOf(plan(weekly), away, at('2026-11-21T00:00Z'), at('2026-12-01T00:00Z')).map((shift) => [
        'person' in shift ? shift.person : shift.gap,
        new Date(shift.from).toISOString(),
      ]),
    ).toEqual([
      ['ada', '2026-11-21T00:00:00.000Z'],
      ['pepe is away', '2026-11-23T08:00:00.000Z'],
      ['pepe', '2026-11-24T12:00:00.000Z'],
      ['ada', '2026-11-30T08:00:00.000Z'],
    ]);
  });

  test('of covers that overlap the one said last counts, while whoever covers is there; then the one before', () => {
    const [from, until] = [at('2026-11-18T00:00Z'), at('2026-11-19T00:00Z')];
    const covers = [
      { by: 'kim', for: { person: 'ada' }, from, until },
      { by: 'pepe', for: { person: 'ada' }, from: from + 6 * HOUR, until: from + 12 * HOUR },
    ];
    const who = (hour: number, absences: Parameters<typeof standing>[0] = {}) => onCallAt(plan(weekly), standing({ covers, ...absences }), from + hour * HOUR);
    expect(who(1)).toEqual({ person: 'kim', insteadOf: 'ada', by: 'cover' });
    expect(who(7)).toEqual({ person: 'pepe', insteadOf: 'ada', by: 'cover' });
    expect(who(12)).toEqual({ person: 'kim', insteadOf: 'ada', by: 'cover' });
    expect(who(7, { absences: [{ person: 'pepe', from, kind: 'said' }] })).toEqual({ person: 'kim', insteadOf: 'ada', by: 'cover' });
    expect(who(24)).toEqual({ person: 'ada', by: 'turn' });
  });

  test('covers that lead in a circle end with somebody', () => {
    const [from, until] = [at('2026-11-18T00:00Z'), at('2026-11-19T00:00Z')];
    const covers = [
      { by: 'pepe', for: { person: 'ada' }, from, until },
      { by: 'ada', for: { person: 'pepe' }, from, until },
    ];
    expect(onCallAt(plan(weekly), standing({ covers }), from + HOUR)).toEqual({ person: 'pepe', insteadOf: 'ada', by: 'cover' });
  });

  test('an override goes before the layers, by the clock of the roster', () => {
    const roster = plan({ ...weekly, overrides: [{ person: 'kim', from: '2026-11-18 18:00', until: '2026-11-19 08:00' }] });
    expect(onCallAt(roster, standing(), at('2026-11-18T16:59Z'))).toEqual({ person: 'ada', by: 'turn' });
    expect(onCallAt(roster, standing(), at('2026-11-18T17:00Z'))).toEqual({ person: 'kim', by: 'override' });
    expect(onCallAt(roster, standing(), at('2026-11-19T07:00Z'))).toEqual({ person: 'ada', by: 'turn' });
  });
});
