import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defineCommand } from '../../src/chat/command.ts';
import type { Incoming } from '../../src/chat/room.ts';
import type { Db, Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { spine } from '../spine.ts';
import { kept, quiet } from '../store/quiet.ts';

const fine = defineCommand({
  name: 'fine',
  summary: 'for the test',
  examples: [],
  options: z.object({}),
  role: 'known',
  run: async () => ({ card: { title: 'All is well.' } }),
});

let db: Store;
let log = kept();
let world: Awaited<ReturnType<typeof spine>>;
/** The database works, and its answers to what is taken come when this resolves. */
let answers: Promise<void> = Promise.resolve();
const slow = (): Db => ({
  ...db,
  async query<Row>(sql: string, params?: readonly unknown[]) {
    const rows = await db.query<Row>(sql, params);
    if (/insert into inbox/.test(sql)) await answers;
    return rows;
  },
});
const hold = (): (() => void) => {
  let go = (): void => {};
  answers = new Promise((resolve) => {
    go = resolve;
  });
  return go;
};
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
beforeEach(async () => {
  log = kept();
  answers = Promise.resolve();
  world = await spine(slow(), { commands: [fine], log });
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
  await db.query('delete from messages');
  await db.query('delete from inbox');
});

let events = 0;
const typed = (eventId = `Ev${++events}`): Incoming => ({
  eventId,
  actor: 'ada',
  place: { platform: 'slack', channel: 'C0OPS', user: 'U0ADA', alone: true, zone: 'UTC' },
  text: 'fine',
  reply: { by: { url: 'https://hooks.example/secret' }, until: Date.UTC(2026, 0, 1) },
});
const rowOf = async ({ eventId }: Incoming) => (await db.query<{ id: string; state: string }>('select * from inbox where event_id = $1', [eventId]))[0];
const audited = async (id: string) => (await db.query('select 1 from audit where inbox_id = $1', [id])).length;

test('what the asker alone can be answered by is kept with the line, and never in the audit', async () => {
  const line = typed();
  const id = await world.lines.take(line);
  expect(await rowOf(line)).toMatchObject({ id, reply: { url: 'https://hooks.example/secret' }, reply_until: new Date(Date.UTC(2026, 0, 1)) });
  await expect.poll(() => audited(id)).toBe(1);
  expect(JSON.stringify(await db.query('select * from audit'))).not.toContain('hooks.example');
});

describe('a line the database does not answer for', () => {
  test('is refused after 2 s in words that say so; committed all the same it is taken away, and nobody handles it', async () => {
    await world.dispatch.close();
    const go = hold();
    const line = typed();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = expect(world.lines.take(line)).rejects.toThrow(/^Not taken: .*Try again/);
    await vi.advanceTimersByTimeAsync(2_000);
    await refused;
    vi.useRealTimers();
    await expect.poll(() => rowOf(line)).toBeDefined();
    const row = (await rowOf(line)) as { id: string };
    // Another look at the inbox finds it before it is gone.
    expect(world.lines.refused({ id: row.id, platform: 'slack', eventId: line.eventId })).toBe(true);
    go();
    await expect.poll(() => rowOf(line)).toBeUndefined();
    expect(await audited(row.id)).toBe(0);
  });

  test('is taken when it is delivered again, once, also while the first is still being taken away', async () => {
    const go = hold();
    await world.dispatch.close();
    const line = typed();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = expect(world.lines.take(line)).rejects.toThrow(/^Not taken/);
    await vi.advanceTimersByTimeAsync(2_000);
    await refused;
    vi.useRealTimers();
    const again = world.lines.take(line);
    go();
    const id = await again;
    expect(await rowOf(line)).toMatchObject({ id, state: 'taken' });
  });

  test('counts as taken as soon as it is found in the inbox: it is handled, and whoever sent it is told so', async () => {
    const go = hold();
    const line = typed();
    const id = await world.lines.take(line);
    await expect.poll(() => audited(id)).toBe(1);
    go();
  });
});

test('one event that two connections deliver at the same moment is one line, and both are told the same', async () => {
  const line = typed();
  const [one, two] = await Promise.all([world.lines.take(line), world.lines.take(line)]);
  expect(one).toBe(two);
});
