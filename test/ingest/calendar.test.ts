import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigSchema } from '../../src/config/schema.ts';
import { datesAhead } from '../../src/ingest/calendar/dates.ts';
import { calendarFeed } from '../../src/ingest/calendar/feed.ts';
import { shiftDates } from '../../src/ingest/calendar/shifts.ts';
import { openTokens } from '../../src/ingest/calendar/token.ts';
import type { Person } from '../../src/people.ts';
import { temporary } from '../engines.ts';
import { plan, standing } from '../escalation/a-standing.ts';
import { listening } from './a-listener.ts';

const NOW = Date.UTC(2026, 10, 17, 9);

/** Properties of each event, unfolded. */
function eventsIn(feed: string): Record<string, string>[] {
  const lines = feed.replaceAll('\r\n ', '').split('\r\n');
  const events: Record<string, string>[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (line === 'BEGIN:VEVENT') events.push({});
    else if (!line.startsWith('BEGIN:') && events.length > 0) (events.at(-1) as Record<string, string>)[line.slice(0, colon)] ??= line.slice(colon + 1);
  }
  return events;
}

describe('a calendar', () => {
  test('is what every program reads, whatever people typed', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 200 });
    fc.assert(
      fc.property(fc.array(fc.record({ key: word, title: word, details: word, from: fc.integer({ min: 0, max: 4e12 }) }), { maxLength: 5 }), (dates) => {
        const feed = calendarFeed(
          dates.map((date) => ({ ...date, title: `${date.title}\r\nEND:VEVENT\r\nX:`, until: date.from + 60_000 })),
          { name: 'example', now: NOW },
        );
        for (const line of feed.split('\r\n')) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
          expect(line).not.toMatch(/[\r\n\0]/);
        }
        expect(feed.match(/^END:VEVENT\r$/gm) ?? []).toHaveLength(dates.length);
        expect(feed).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\nPRODID:/);
        expect(feed).toContain('\r\nMETHOD:PUBLISH\r\n');
        expect(feed.endsWith('END:VCALENDAR\r\n')).toBe(true);
        for (const event of eventsIn(feed)) {
          expect(event).toMatchObject({ UID: expect.stringMatching(/^[0-9a-f]{32}@holdfast$/), DTSTART: expect.stringMatching(/^\d{8}T\d{6}Z$/) });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('has what begins, what ends and when windows are open; what moved is the same entry', async () => {
    const windows = [{ hosts: 'web01', days: ['sun'], from: '01:30', until: '03:30', zone: 'Europe/Berlin' }];
    const work = await listening({ hosts: [{ name: 'web01', ring: 'prod' }], config: { windows } });
    await work.type('shake web01 at 2026-11-18 10:00', 'ada');
    await work.db.query(
      `insert into rules (id, expression, applies, owner, because, made, until) values ('E1', '@all where xen < 4.6', '{"package":"linux-image*"}', 'ada', 'they hang', now(), '2026-12-01T08:00:00Z')`,
    );
    await work.db.query(`insert into holds (id, kind, expression, owner, begun, until) values ('H1', 'updates', '@all', 'ben', now(), '2026-11-20T08:00:00Z')`);
    const address = work.http.calendar('ada');
    const feed = eventsIn(await (await fetch(address)).text());
    const dates = feed.map(({ DTSTART, DTEND, SUMMARY }) => `${DTSTART} ${DTEND} ${SUMMARY}`);
    expect(dates).toEqual([
      expect.stringMatching(/^20261118T100000Z \S+ R1 shake web01 \(waits for approval\)$/),
      '20261120T080000Z 20261120T081500Z H1 ends: updates paused on @all',
      '20261122T003000Z 20261122T023000Z window for web01',
      '20261129T003000Z 20261129T023000Z window for web01',
      '20261201T080000Z 20261201T081500Z E1 ends: @all where xen < 4.6 off the package linux-image*',
      '20261206T003000Z 20261206T023000Z window for web01',
      '20261213T003000Z 20261213T023000Z window for web01',
    ]);
    // It moves: the same id, a later version.
    await work.db.query(`update holds set until = '2026-11-21T08:00:00Z', rev = rev + 1`);
    const later = eventsIn(await (await fetch(address)).text());
    const [before, after] = [feed, later].map((events) => events.find(({ SUMMARY }) => SUMMARY?.startsWith('H1')));
    expect(after).toMatchObject({ UID: before?.UID, DTSTART: '20261121T080000Z' });
    expect(Number(after?.SEQUENCE)).toBeGreaterThan(Number(before?.SEQUENCE));
  });

  test('in the night with an hour more, and in that with one less, windows keep to the clock on the wall', async () => {
    const nights = async (now: string) => {
      const config = ConfigSchema.parse({ windows: [{ hosts: 'web01', days: ['sun'], from: '01:30', until: '03:30', zone: 'Europe/Berlin' }] });
      const dates = await datesAhead({ query: async () => [] }, { config, now: Date.parse(now) });
      return eventsIn(calendarFeed(dates, { name: 'x', now: NOW }))
        .slice(0, 2)
        .map(({ DTSTART, DTEND, DESCRIPTION }) => [DTSTART, DTEND, DESCRIPTION]);
    };
    expect(await nights('2026-10-20T00:00:00Z')).toEqual([
      ['20261024T233000Z', '20261025T023000Z', expect.stringContaining('3 h long then: clocks go back')],
      ['20261101T003000Z', '20261101T023000Z', expect.not.stringContaining('clocks')],
    ]);
    expect(await nights('2027-03-22T00:00:00Z')).toEqual([
      ['20270328T003000Z', '20270328T013000Z', expect.stringContaining('1 h long then: clocks go forward')],
      ['20270403T233000Z', '20270404T013000Z', expect.not.stringContaining('clocks')],
    ]);
  });
});

describe('its address', () => {
  test('is a person’s own, is printed by a command, kept nowhere, and reading it changes nothing', async () => {
    const { type, shown, http, db, get } = await listening({ hosts: [{ name: 'web01' }] });
    expect(await type('show calendar --json', 'ada')).toBe('ok');
    const document = JSON.parse(shown.find((text) => text.startsWith('{')) as string) as { calendar: string };
    expect(document.calendar).toBe(http.calendar('ada'));
    expect(http.calendar('ben')).not.toBe(http.calendar('ada'));
    const token = (/calendar\/([^.]+)/.exec(document.calendar) as string[])[1] as string;
    const everything = async () =>
      JSON.stringify(
        await Promise.all(
          ['inbox', 'messages', 'cards', 'audit', 'events', 'meta', 'outbox', 'timers'].map((table) => db.query(`select * from ${table} order by 1`)),
        ),
      );
    const before = await everything();
    expect(before).not.toContain(token);
    expect((await fetch(document.calendar)).status).toBe(200);
    expect((await fetch(document.calendar, { method: 'HEAD' })).status).toBe(200);
    expect(await everything()).toBe(before);
    for (const wrong of ['A'.repeat(32), token.slice(1), `${token}A`, '..%2f..%2fcalendar.key', '%00', token.toLowerCase()])
      expect([wrong, (await get(`/calendar/${wrong}.ics`, '')).status]).toEqual([wrong, 404]);
    expect((await get(`/calendar/${token}`, '')).status).toBe(404);
  });

  test('ends with its person, and all of them with the key', () => {
    const dir = temporary('tokens');
    const tokens = openTokens(dir);
    expect(tokens.whose(tokens.of('ada'), ['ben', 'ada'])).toBe('ada');
    expect(tokens.whose(tokens.of('ada'), ['ben'])).toBeUndefined();
    expect(openTokens(dir).of('ada')).toBe(tokens.of('ada'));
    expect(statSync(join(dir, 'calendar.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['calendar.key']);
    writeFileSync(join(dir, 'calendar.key'), 'cut short');
    expect(openTokens(dir).of('ada')).not.toBe(tokens.of('ada'));
    expect(openTokens(dir).of('ada')).toBe(openTokens(dir).of('ada'));
  });

  test('is for those known here alone', async () => {
    const { send, type } = await listening({ hosts: [{ name: 'web01' }] });
    expect(await type('show calendar', 'stranger')).toBe('refused');
    expect((await send({ command: 'show calendar' })).status).toBe(422);
  });
});

describe('turns on call', () => {
  const people: Person[] = ['ada', 'pepe'].map((name) => ({ name, display: name, roles: [{ role: 'operator' }], zone: 'Europe/Berlin' }));
  const week = plan({ people: ['ada', 'pepe'], every: 'week', handover: 'mon 09:00', start: '2026-11-02' });
  const feedOf = (person: string, given: Partial<Parameters<typeof standing>[0]> = {}, now = NOW, gaps = false) =>
    calendarFeed(shiftDates(standing({ people, rosters: [week], ...given }), person, { now, gaps }), { name: 'x', now });

  test('are in the calendar of whoever has them, in UTC, with an alarm before each', () => {
    const feed = feedOf('ada');
    expect(
      eventsIn(feed)
        .map(({ DTSTART, DTEND, SUMMARY }) => `${DTSTART} ${DTEND} ${SUMMARY}`)
        .slice(0, 2),
    ).toEqual(['20261116T080000Z 20261123T080000Z on call: night', '20261130T080000Z 20261207T080000Z on call: night']);
    expect(feed).toContain('BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT1H\r\n');
  });

  test('stay the same entries from day to day, and when somebody covers their end', () => {
    const [first] = eventsIn(feedOf('ada'));
    expect(eventsIn(feedOf('ada', {}, NOW + 3 * 86_400_000))[0]).toMatchObject({ UID: first?.UID, DTSTART: first?.DTSTART });
    const covers = [{ by: 'pepe', for: { person: 'ada' }, from: Date.UTC(2026, 10, 20), until: Date.UTC(2026, 10, 23, 8) }];
    const [shorter] = eventsIn(feedOf('ada', { covers }));
    expect(shorter).toMatchObject({ UID: first?.UID, DTEND: '20261120T000000Z' });
    expect(eventsIn(feedOf('pepe', { covers }))[0]).toMatchObject({
      SUMMARY: 'on call: night for ada',
      DTSTART: '20261120T000000Z',
      DTEND: '20261123T080000Z',
    });
  });

  test('gaps are seen by admins, and by nobody else', () => {
    const absences = [{ person: 'pepe', from: Date.UTC(2026, 10, 24), until: Date.UTC(2026, 10, 25), kind: 'said' as const }];
    expect(eventsIn(feedOf('you', { absences }, NOW, true)).map(({ SUMMARY, DTSTART, DESCRIPTION }) => [SUMMARY, DTSTART, DESCRIPTION])).toEqual([
      ['nobody on call: night', '20261124T000000Z', expect.stringContaining('pepe is away')],
    ]);
    expect(feedOf('ada', { absences })).not.toContain('nobody on call');
  });
});
