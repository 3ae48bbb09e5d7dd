import { expect, onTestFinished, test } from 'vitest';
import { acknowledge } from '../../src/paging/answer.ts';
import { keepClock, startStoredClock } from '../../src/store/clock.ts';
import type { Db } from '../../src/store/db.ts';
import { askForPerson } from '../../src/store/events.ts';
import { openDb } from '../../src/store/open.ts';
import { timeMachine } from '../../src/time-machine.ts';
import { engines, temporary } from '../engines.ts';
import { quietLog } from '../quiet-log.ts';
import { devices, type Received } from './devices.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const place = { platform: 'terminal' as const, channel: 'test', zone: 'UTC' };

/** Processes on one database, each on a machine whose wall clock is off by so much. Time passes for all of them alike. */
async function machines(db: Db, ...off: number[]) {
  const received: Received[] = [];
  const start = async (wrong: number, n: number) => {
    const clock = await startStoredClock(db, 1, { wall: () => Date.now() + wrong, monotonic: () => performance.now() });
    const ended = keepClock(db, clock);
    const world = await devices({ people: ['ada', 'pepe', 'kim'], process: { db, clock, received, holder: `machine${n}:1` } });
    const end = async (): Promise<void> => {
      await world.close();
      await ended();
    };
    return { clock, busy: world.busy, end };
  };
  let all = await Promise.all(off.map(start));
  onTestFinished(async () => {
    for (const { end } of all) await end();
  });
  const latest = (): number => Math.max(...all.map(({ clock }) => clock.now()));
  const jumpTo = (at: number): void => {
    const by = at - latest();
    // Who hears of it first is by turns.
    all.reverse();
    for (const { clock } of all) clock.jumpTo(clock.now() + by);
  };
  const together = { now: latest, wallUntil: (at: number) => at - latest(), speed: 1, onJump: () => () => {}, jumpTo };
  const time = timeMachine({ db, clock: together, busy: () => all.some(({ busy }) => busy()) });
  return {
    clocks: () => all.map(({ clock }) => clock.now()),
    /** The process on this machine, by its own clock. */
    now: (n: number): number => all[n % all.length]?.clock.now() ?? 0,
    wait: (minutes: number) => time.pass(minutes * MINUTE),
    took: () => received.splice(0).map(({ person, channel }) => `${person} ${channel}`),
    /** Every process ends, and one begins on a machine that is off by so much. */
    async restart(wrong: number) {
      for (const { end } of all) await end();
      all = [await start(wrong, 9)];
    },
  };
}

/** What was tried, and how many minutes after it was asked for. */
const tries = async (db: Db): Promise<string[]> => {
  const rows = await db.query<{ person: string; channel: string; after: number }>(
    `select a.person, a.channel, extract(epoch from a.due - p.opened)::float8 / 60 as after from page_attempts a join pages p on p.id = a.page where not a.notice order by a.id`,
  );
  return rows.map(({ person, channel, after }) => `${person} ${channel} +${Math.round(after)}`);
};
const LADDER = ['ada dm +0', 'ada sms +2', 'ada voice +5', 'pepe dm +10', 'pepe sms +12', 'pepe voice +15', 'kim dm +20', 'kim sms +22', 'kim voice +25'];
const page = (db: Db, at: number) =>
  db.tx((tx) => askForPerson(tx, { text: 'web01 is down', about: 'web01', urgency: 'high', to: 'service:web', by: 'you', at }));
const answer = (db: Db, by: string, at: number) => db.tx((tx) => acknowledge(tx, { page: 'PG1', by, place, at }));

const postgres = engines().find(({ name }) => name === 'postgres');
const skip = postgres?.available === true ? '' : ` (skipped: ${postgres?.available})`;

for (const [words, wrong] of [
  ['ahead', HOUR],
  ['behind', -HOUR],
] as const) {
  test.skipIf(skip !== '')(
    `with one of two machines an hour ${words}, ada, pepe and kim are asked in order and once each, in their minutes, and an answer lapses in its hour${skip}`,
    { timeout: 120_000 },
    async () => {
      const running = await postgres?.start();
      const db = await openDb({ dataDir: temporary('clocks'), databaseUrl: running?.databaseUrl as string, log: quietLog });
      onTestFinished(async () => {
        await db.close();
        await running?.stop();
      });
      const world = await machines(db, 0, wrong);
      await page(db, world.now(0));
      await world.wait(26);
      expect(await tries(db)).toEqual(LADDER);
      expect(world.took()).toEqual(LADDER.map((one) => one.replace(/ \+.*/, '')));
      await answer(db, 'kim', world.now(1));
      await world.wait(58);
      expect(world.took()).toEqual(['ada dm', 'pepe dm']);
      await world.wait(3);
      expect(world.took()).toEqual(['ada dm', 'kim dm']);

      // Nothing that was recorded is in the future of who begins now, whose clock is an hour and a half behind what was recorded.
      const before = Math.max(...world.clocks());
      await world.restart(-HOUR);
      expect(world.now(0)).toBeGreaterThanOrEqual(before - 1);
      await world.wait(6);
      expect(world.took()).toEqual(['ada sms', 'kim sms', 'ada voice', 'kim voice']);
      await world.wait(4);
      expect(world.took()).toEqual(['pepe dm']);
    },
  );
}

test('with the machine set back an hour a process that begins again goes on where the page was, and waits for nothing twice', {
  timeout: 120_000,
}, async () => {
  const db = await openDb({ dataDir: temporary('clocks'), log: quietLog });
  onTestFinished(() => db.close());
  const world = await machines(db, 0);
  // The embedded store's clock is the machine's: an hour that went by and is taken back.
  await world.wait(60);
  await page(db, world.now(0));
  await world.wait(11);
  expect(world.took()).toEqual(['ada dm', 'ada sms', 'ada voice', 'pepe dm']);
  await world.restart(-HOUR);
  await world.wait(15);
  expect(await tries(db)).toEqual(LADDER);
  expect(world.took()).toEqual(['pepe sms', 'pepe voice', 'kim dm', 'kim sms', 'kim voice']);
});
