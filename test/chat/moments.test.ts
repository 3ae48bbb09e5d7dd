import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMoment, sayMoment } from '../../src/chat/moments.ts';
import { Refusal } from '../../src/lib/refusal.ts';

const BERLIN = 'Europe/Berlin';
/** A Friday, 10:00 in Berlin. */
const FRIDAY = Date.parse('2026-11-20T09:00:00Z');
const at = (text: string, now = FRIDAY, zone = BERLIN): string | undefined => {
  const found = readMoment(text, { now, zone });
  return found && new Date(found.at).toISOString().replace(':00.000Z', 'Z');
};

describe('a moment is understood in the zone of the person', () => {
  test.each([
    ['18:00', '2026-11-20T17:00Z'],
    ['09:00', '2026-11-21T08:00Z'],
    ['6pm', '2026-11-20T17:00Z'],
    ['6:30 PM', '2026-11-20T17:30Z'],
    ['12am', '2026-11-20T23:00Z'],
    ['12pm', '2026-11-20T11:00Z'],
    ['18.30', '2026-11-20T17:30Z'],
    ['noon', '2026-11-20T11:00Z'],
    ['midnight', '2026-11-20T23:00Z'],
    ['24:00', '2026-11-20T23:00Z'],
    ['mon 09:00', '2026-11-23T08:00Z'],
    ['09:00 mon', '2026-11-23T08:00Z'],
    ['Monday', '2026-11-23T08:00Z'],
    ['sat 02:00', '2026-11-21T01:00Z'],
    ['at 18:00', '2026-11-20T17:00Z'],
    ['next monday at 6:30 pm', '2026-11-23T17:30Z'],
    ['fri 12:00', '2026-11-20T11:00Z'],
    ['fri 09:00', '2026-11-27T08:00Z'],
    ['today 18:00', '2026-11-20T17:00Z'],
    ['tomorrow', '2026-11-21T08:00Z'],
    ['tomorrow 9am', '2026-11-21T08:00Z'],
    ['24 dec', '2026-12-24T08:00Z'],
    ['Dec 24th 18:00', '2026-12-24T17:00Z'],
    ['24. december 2027 18:00', '2027-12-24T17:00Z'],
    ['3 feb 18:00', '2027-02-03T17:00Z'],
    ['2026-12-24', '2026-12-24T08:00Z'],
    ['2026-12-24 18:00', '2026-12-24T17:00Z'],
    ['2026-12-24T18:00', '2026-12-24T17:00Z'],
    ['2026-12-24T18:00Z', '2026-12-24T18:00Z'],
    ['2026-12-24T18:00+05:30', '2026-12-24T12:30Z'],
    ['18:00 UTC', '2026-11-20T18:00Z'],
    ['mon 09:00 australia/brisbane', '2026-11-22T23:00Z'],
    ['3h', '2026-11-20T12:00Z'],
    ['in 90 minutes', '2026-11-20T10:30Z'],
  ])('%s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  test.each([
    '',
    'soon',
    '25:00',
    '12:60',
    '13pm',
    '0am',
    '31 feb',
    '2026-02-30',
    '2026-13-01 10:00',
    '18',
    'm',
    'until',
    'mon tue',
    '9 foo',
    '7',
    'constructor',
  ])('%j is none', (text) => {
    expect(at(text)).toBeUndefined();
  });

  test.each([
    ['today 08:00', '"today 08:00" is past: Fri 20 Nov 08:00 Europe/Berlin (2 h ago)'],
    ['19 nov 18:00', '"19 nov 18:00" is past: Thu 19 Nov 18:00 Europe/Berlin (16 h ago)'],
    ['2020-01-01 10:00', '"2020-01-01 10:00" is past: Wed 1 Jan 2020 10:00 Europe/Berlin'],
    ['today', '"today" needs a time, as in today 18:00'],
    ['2099-01-01', '"2099-01-01" is more than 5 years away'],
    ['18:00 mars/olympus', '"mars/olympus" is no time zone; write it as Europe/Berlin'],
  ])('%s is refused', (text, message) => {
    expect(() => at(text)).toThrow(message);
    expect(() => at(text)).toThrow(Refusal);
  });
});

describe('nights on which clocks change', () => {
  const said = (text: string, now: string) => readMoment(text, { now: Date.parse(now), zone: BERLIN });

  test('a time that never happens is moved on, and it is said', () => {
    expect(said('2027-03-28 02:30', '2027-03-27T12:00:00Z')).toEqual({
      at: Date.parse('2027-03-28T01:30:00Z'),
      echo: 'Sun 28 Mar 03:30 Europe/Berlin (in 13 h 30 m); clocks go forward then and there is no 02:30',
    });
  });

  test('of a time that happens twice the first to come is taken, and it is said', () => {
    expect(said('2026-10-25 02:30', '2026-10-24T12:00:00Z')).toEqual({
      at: Date.parse('2026-10-25T00:30:00Z'),
      echo: 'Sun 25 Oct 02:30 Europe/Berlin (in 12 h 30 m); clocks go back then, this is the first 02:30',
    });
    expect(said('02:30', '2026-10-25T00:45:00Z')).toMatchObject({
      at: Date.parse('2026-10-25T01:30:00Z'),
      echo: 'Sun 25 Oct 02:30 Europe/Berlin (in 45 min); clocks go back then, this is the second 02:30',
    });
  });

  test('tomorrow at nine is at nine, however long the night', () => {
    expect(said('tomorrow', '2027-03-27T12:00:00Z')?.at).toBe(Date.parse('2027-03-28T07:00:00Z'));
    expect(said('tomorrow', '2026-10-24T12:00:00Z')?.at).toBe(Date.parse('2026-10-25T08:00:00Z'));
  });

  test('any local time of any hour is the same time on the clock of the zone, unless it was said otherwise', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'Pacific/Chatham',
      'America/St_Johns',
      'UTC',
      'Africa/Casablanca',
    );
    fc.assert(
      fc.property(zones, fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 1439 }), (zone, days, minute) => {
        const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        const date = new Date(FRIDAY + days * 86_400_000 + 86_400_000).toISOString().slice(0, 10);
        const found = readMoment(`${date} ${clock}`, { now: FRIDAY, zone });
        const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(found?.at);
        if (!found?.echo.includes('clocks go forward')) expect(shown).toBe(`${date} ${clock}`);
      }),
      { numRuns: 500 },
    );
  });
});

test('a moment is said with its zone and its distance', () => {
  expect(sayMoment(Date.parse('2026-11-23T08:00:00Z'), FRIDAY, BERLIN)).toBe('Mon 23 Nov 09:00 Europe/Berlin (in 2 d 23 h)');
  expect(sayMoment(Date.parse('2027-01-04T08:00:00Z'), FRIDAY, 'UTC')).toBe('Mon 4 Jan 2027 08:00 UTC (in 44 d 23 h)');
});

test('whatever is typed is a moment ahead, no moment, or refused', () => {
  const pieces = fc.constantFrom(
    'mon',
    '09:00',
    'tomorrow',
    'at',
    '24',
    'dec',
    '2026',
    '-',
    ':',
    'pm',
    '3h',
    'in',
    'utc',
    'z',
    '+02:00',
    'next',
    't',
    ',',
    '99',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 6 }), fc.constantFrom(' ', ''), (parts, glue) => {
      try {
        const found = readMoment(parts.join(glue), { now: FRIDAY, zone: BERLIN });
        if (found) expect(found.at).toBeGreaterThan(FRIDAY);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
    { numRuns: 2000 },
  );
});
