import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { defineCommand, type Place } from '../../src/chat/command.ts';
import { decide } from '../../src/chat/decide.ts';
import { id } from '../../src/chat/options.ts';
import { startClock } from '../../src/lib/clocks.ts';
import type { Ops } from '../../src/ops.ts';
import type { Store } from '../../src/store/db.ts';
import type { InboxRow } from '../../src/store/inbox.ts';
import { openDb } from '../../src/store/open.ts';
import { PEOPLE } from '../spine.ts';
import { kept } from '../store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
  await db.query(
    `insert into cards (thing_kind, thing_id, platform, channel, place, message_id, stands_in)
     values ('run', 'R7', 'slack', 'C1', '{}', '1700000000.000100', 'C1'), ('page', 'PG3', 'slack', '@U1', '{}', '1700000000.000200', 'D1')`,
  );
  return () => db.close();
});

/** What a command would be given, typed there. */
async function typed(text: string, place: Partial<Place>): Promise<unknown> {
  let given: unknown;
  const command = defineCommand({
    name: 'go',
    summary: 'for the test',
    examples: [],
    role: 'known',
    options: z.object({ run: id(['run']).optional() }),
    async run({ options }) {
      given = (options as { run?: string }).run;
      return { card: { title: 'Done.' } };
    },
  });
  const ops = { clock: startClock(), log: kept(), commands: () => [command], people: () => PEOPLE, config: () => ({ channels: {} }), records: db };
  const row = { text, platform: 'slack', tries: 1, place: { platform: 'slack', channel: 'C1', zone: 'UTC', ...place } } as InboxRow;
  const answer = await decide(row, PEOPLE[0] as (typeof PEOPLE)[number], { ops: { ...ops, fleet: () => ({ hosts: new Map() }) } as unknown as Ops });
  expect(answer.outcome).toBe('ok');
  return given;
}

test("in the thread under a run's card, go means that run", async () => {
  expect(await typed('go', { thread: '1700000000.000100' })).toBe('R7');
});

test('what is said goes before what the thread is about', async () => {
  expect(await typed('go R9', { thread: '1700000000.000100' })).toBe('R9');
});

test('elsewhere, in threads of other things and in threads of the same time in another channel, nothing is implied', async () => {
  expect(await typed('go', {})).toBeUndefined();
  expect(await typed('go', { thread: '1700000000.000999' })).toBeUndefined();
  expect(await typed('go', { channel: 'D1', thread: '1700000000.000200' })).toBeUndefined();
  expect(await typed('go', { channel: 'C2', thread: '1700000000.000100' })).toBeUndefined();
});
