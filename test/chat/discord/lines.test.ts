import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/lib/refusal.ts';
import type { Store } from '../../../src/store/db.ts';
import { openDb } from '../../../src/store/open.ts';
import { type FakeDiscord, fakeDiscord } from '../../fake/discord/open.ts';
import { roomOn } from '../../fake/discord/room.ts';
import { kept } from '../../store/quiet.ts';

let db: Store;
let discord: FakeDiscord;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
  return () => db.close();
});
beforeEach(async () => {
  await db.query('delete from inbox');
  discord = await fakeDiscord();
  return () => discord.close();
});

/** A server with a channel that is bound and one that is not, and ada, who is known. */
async function server(options: Parameters<typeof roomOn>[2] = {}) {
  const ops = discord.channel('ops');
  const side = discord.channel('side');
  const ada = discord.person('ada', { roles: [discord.state.id()] });
  const room = await roomOn(discord, db, { bound: [ops.id], people: { [ada.id]: 'ada' }, ...options });
  await discord.until(() => discord.state.commands.size > 0);
  return { ops, side, ada, room };
}

describe('a command typed with options', () => {
  test('is the line a person would type, in the inbox before Discord is answered, and everybody in a bound channel reads it', async () => {
    let committed = false;
    const { ops, ada, room } = await server({
      take: async (line, take) => {
        const id = await take(line);
        expect(discord.requests(/callback/)).toEqual([]);
        committed = true;
        return id;
      },
    });
    const asked = discord.types(ada.id, ops.id, '/ops check', { target: '@web' });
    expect(await discord.acked(asked)).toMatchObject({ type: 4, ephemeral: false });
    expect(committed).toBe(true);
    expect(discord.shows(ops.id)).toEqual(['`/ops check @web`']);
    expect(await room.line(asked.id)).toEqual({
      event_id: asked.id,
      actor: 'ada',
      text: 'check @web',
      place: { platform: 'discord', channel: ops.id, user: ada.id, groups: ada.roles, zone: 'UTC' },
    });
  });
});
