import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Attached, deliverAttached } from '../../src/deliver/attached.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { kept } from '../store/quiet.ts';

let db: Store;
let attached: Attached;
let now = { title: 'R1 begins', turn: 'wave 1', state: '0' };
let renders = 0;
const renderers = {
  run: async () => {
    renders += 1;
    return { card: { title: now.title }, progress: { line: `R1 ${now.turn} ${now.state}`, turn: now.turn, state: now.state } };
  },
};
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(async () => {
  now = { title: 'R1 begins', turn: 'wave 1', state: '0' };
  renders = 0;
  attached = await deliverAttached({ db, log: kept(), renderers });
});
afterEach(async () => {
  await attached.close();
  await db.query('delete from cards');
  await db.query('delete from inbox');
});

/** A line that began the run `age` wall ms ago, in a place. */
async function begun(channel: string, { age = 0, final = false } = {}): Promise<string> {
  const [line] = await db.query<{ id: string }>(
    `insert into inbox (platform, event_id, actor, place, text, received, state) values ('terminal', $1, 'ada', '{}', 'approve R1', now(), 'begun') returning id`,
    [`${channel} ${Math.random()}`],
  );
  await db.tx(async (tx) => {
    await tx.query(
      `insert into cards (thing_kind, thing_id, platform, channel, place, inbox_id, final, wall_made)
       values ('run', 'R1', 'terminal', $1, '{}', $2, $3, now() - make_interval(secs => $4::float8 / 1000))
       on conflict (thing_kind, thing_id, platform, channel) do update set inbox_id = excluded.inbox_id, final = excluded.final, wanted_rev = cards.wanted_rev + 1, wall_made = excluded.wall_made`,
      [channel, line?.id, final, age],
    );
    await tx.notify('shown', 'run:R1');
  });
  return line?.id as string;
}
const happens = (to: Partial<typeof now>, { final = false } = {}) => {
  now = { ...now, ...to };
  return db.tx(async (tx) => {
    await tx.query(`update cards set wanted_rev = wanted_rev + 1, final = $1 where thing_kind = 'run'`, [final]);
    await tx.notify('shown', 'run:R1');
  });
};
function device(channel: string) {
  const shown: string[] = [];
  return { shown, detach: attached.attach(channel, async (text) => void shown.push(text)) };
}

describe('a terminal, while a run goes on', () => {
  test('hears of it whole, then one line for each wave that is finished, then its end whole', async () => {
    const { shown } = device('a');
    await begun('a', { age: 2000 });
    await expect.poll(() => shown).toEqual(['R1 begins']);
    await happens({ turn: 'wave 2', state: '1' });
    await expect.poll(() => shown, { timeout: 3000 }).toEqual(['R1 begins', 'R1 wave 2 1']);
    await happens({ title: 'R1 done' }, { final: true });
    await expect.poll(() => shown).toEqual(['R1 begins', 'R1 wave 2 1', 'R1 done']);
  });

  test('is not told of every host', async () => {
    const { shown } = device('b');
    await begun('b', { age: 2000 });
    await expect.poll(() => shown).toHaveLength(1);
    for (let n = 1; n <= 40; n++) await happens({ state: String(n) });
    await expect.poll(attached.busy).toBe(false);
    expect(shown).toEqual(['R1 begins']);
    // Looked at once a second at most, however many hosts end.
    expect(renders).toBeLessThanOrEqual(4);
  });

  test('hears after a crash what is new only', async () => {
    const first = device('c');
    await begun('c', { age: 2000 });
    await expect.poll(() => first.shown).toHaveLength(1);
    await expect.poll(attached.busy).toBe(false);
    await attached.close();
    attached = await deliverAttached({ db, log: kept(), renderers });
    await happens({});
    const second = device('c');
    await expect.poll(attached.busy).toBe(false);
    await happens({ turn: 'wave 2', state: '2' });
    await expect.poll(() => second.shown, { timeout: 3000 }).toEqual(['R1 wave 2 2']);
  });

  test('whose end was said is not told it again because somebody touched the run, and is told when it turned', async () => {
    const { shown } = device('d');
    await begun('d', { final: true });
    await expect.poll(() => shown).toEqual(['R1 begins']);
    await happens({ state: '9' }, { final: true });
    await happens({ state: '10' }, { final: true });
    await expect.poll(async () => (await db.query<{ open: number }>(`select count(*)::int as open from cards where shown_rev < wanted_rev`))[0]?.open).toBe(0);
    expect(shown).toEqual(['R1 begins']);
    await happens({ title: 'R1 halted', turn: 'halted' }, { final: true });
    await expect.poll(() => shown).toEqual(['R1 begins', 'R1 halted']);
  });

  test('a later line about the same run gets its own answer, though nothing has changed since', async () => {
    const { shown } = device('e');
    await begun('e', { final: true });
    await expect.poll(() => shown).toHaveLength(1);
    await begun('e', { final: true });
    await expect.poll(() => shown).toEqual(['R1 begins', 'R1 begins']);
  });
});
