import { afterEach, describe, expect, test } from 'vitest';
import { askForPerson } from '../../src/store/events.ts';
import { devices } from './devices.ts';

/** The nights on which the clocks of Berlin change, lived by pages: what a device received, and when. */
let world: Awaited<ReturnType<typeof devices>>;
afterEach(() => world.close());

const page = (urgency: 'low' | 'high') =>
  world.db.tx((tx) => askForPerson(tx, { text: 'db down', urgency, to: 'service:web', by: 'you', at: world.clock.now() }));
/** Every message with the moment at which it was due, UTC. */
const received = async (): Promise<string[]> => {
  const rows = await world.db.query<{ person: string; channel: string; due: Date }>(
    `select person, channel, due from page_attempts where state = 'sent' and not notice order by id`,
  );
  expect(rows.map(({ person, channel }) => `${person} ${channel}`)).toEqual(world.received.map(({ person, channel }) => `${person} ${channel}`));
  return rows.map(({ person, channel, due }) => `${due.toISOString().slice(0, 16)} ${person} ${channel}`);
};

describe.each([
  ['2026-10-25', 'an hour comes twice'],
  ['2026-03-29', 'an hour is left out'],
])('in the night of %s, on which %s', (day) => {
  test('a page from 4 minutes before the change goes by SMS after 2 minutes, a call after 5, to the next after 10, each once', {
    timeout: 60_000,
  }, async () => {
    // Both changes of 2026 come at 01:00 UTC.
    world = await devices({ people: ['ada', 'pepe'], zones: { ada: 'Europe/Berlin', pepe: 'Europe/Berlin' }, at: `${day}T00:56Z` });
    await page('high');
    await world.wait(16);
    expect(await received()).toEqual([
      `${day}T00:56 ada dm`,
      `${day}T00:58 ada sms`,
      `${day}T01:01 ada voice`,
      `${day}T01:06 pepe dm`,
      `${day}T01:08 pepe sms`,
      `${day}T01:11 pepe voice`,
    ]);
  });
});

describe.each([
  { day: '2026-10-25', ada: '2026-10-25T06:00', pepe: '2026-10-25T08:00', kim: '2026-10-27T00:00' },
  { day: '2026-03-29', ada: '2026-03-29T05:00', pepe: '2026-03-29T07:00', kim: '2026-03-31T00:00' },
])('a low page in the night of $day', ({ day, ada, pepe, kim }) => {
  test('waits for the end of her night by the new clock, then for 09:00 by it, then for 09:00 where the third is', { timeout: 60_000 }, async () => {
    const zones = { ada: 'Europe/Berlin', pepe: 'Europe/Berlin', kim: 'Asia/Seoul' };
    world = await devices({ people: ['ada', 'pepe', 'kim'], zones, at: `${day}T00:30Z`, channels: ['dm'] });
    await page('low');
    await world.wait(48 * 60);
    expect(await received()).toEqual([`${ada} ada dm`, `${pepe} pepe dm`, `${kim} kim dm`]);
  });
});
