import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Place } from '../../src/chat/command.ts';
import { commit } from '../../src/chat/commit.ts';
import { PACES, type Pace } from '../../src/deliver/pace.ts';
import { runSender } from '../../src/deliver/sender.ts';
import type { Renderer } from '../../src/deliver/shown.ts';
import type { Db, Store } from '../../src/store/db.ts';
import { claimLine, type InboxRow, takeIn } from '../../src/store/inbox.ts';
import { lineState } from '../../src/store/lines.ts';
import { openDb } from '../../src/store/open.ts';
import { kept, quiet } from '../store/quiet.ts';
import { aMessenger } from './a-messenger.ts';

let db: Store;
let log = kept();
let chat = aMessenger();
let titles: Record<string, string> = {};
const renderers: Record<string, Renderer> = { run: async (_, id) => ({ card: { title: titles[id] ?? `${id} waits` } }) };
/** The platform's pace, twenty times as fast. */
const FAST: Pace = {
  ...PACES.slack,
  channel: 50,
  edit: 150,
  firstWords: 40,
  posts: { burst: 50, every: 5 },
  edits: { burst: 50, every: 5 },
  finds: { burst: 50, every: 5 },
};
const closing: (() => Promise<void>)[] = [];
const sender = async (options: { pace?: Pace; holder?: string; db?: Db; log?: typeof log } = {}) => {
  const one = await runSender({ db, log, renderers, messenger: chat.messenger, holder: 'here:1', pace: FAST, ...options });
  closing.push(one.close);
  return one;
};
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
beforeEach(() => {
  log = kept();
  chat = aMessenger();
  titles = {};
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await db.query('delete from messages');
  await db.query('delete from cards');
  await db.query('delete from inbox');
  await db.query('delete from leases');
});

let events = 0;
const ADA = { name: 'ada', display: 'Ada', roles: [], zone: 'UTC' };
/** Ada typed something on Slack, and it was answered. */
async function answered(title: string, place: Partial<Place> = {}, reply?: { by: unknown; until: number }): Promise<string> {
  events += 1;
  const line = { platform: 'slack', channel: 'C0OPS', user: 'U0ADA', zone: 'UTC', ...place } as Place;
  await takeIn(db, [{ platform: 'slack', eventId: `Ev${events}`, actor: 'ada', place: line, text: 'status', received: Date.now(), ...(reply && { reply }) }]);
  const row = await claimLine(db, 'here:1');
  if (!row) throw new Error('there is no line');
  await commit(db, row, 'here:1', ADA, { card: { title }, json: undefined, outcome: 'ok', wantsJson: false, strict: false }, Date.now());
  return row.id;
}
const card = (id: string, change: { final?: boolean; channel?: string; line?: string; place?: object } = {}) =>
  db.tx(async (tx) => {
    const channel = change.channel ?? 'C0OPS';
    await tx.query(
      `insert into cards (thing_kind, thing_id, platform, channel, place, final) values ('run', $1, 'slack', $2, $4, $3)
       on conflict (thing_kind, thing_id, platform, channel) do update set wanted_rev = cards.wanted_rev + 1, final = excluded.final`,
      [id, channel, change.final === true, JSON.stringify({ platform: 'slack', channel, zone: 'UTC', ...change.place })],
    );
    await tx.notify('shown', `run:${id}`);
  });
const states = () => db.query<{ state: string; says: string | null }>('select state, says from messages order by id');
const unsent = async (line: string) => (await lineState(db, line))?.unsent;
const NO = (says: string) => ({ says: { sent: false, why: 'no', says } as const });
const LATER = (after: number, scope: 'channel' | 'workspace') => ({ says: { sent: false, why: 'later', says: 'ratelimited', after, scope } as const });

describe('an answer', () => {
  test('in a channel that is bound is posted there once, in its thread, and the platform’s id of it is kept', async () => {
    await sender();
    const line = await answered('All is well.', { thread: '17.1' });
    await expect.poll(() => chat.seen()).toMatchObject([{ where: 'C0OPS/17.1', says: 'All is well.' }]);
    await expect.poll(() => unsent(line)).toBe(0);
    expect(await db.query('select state, provider_id from messages')).toEqual([{ state: 'sent', provider_id: chat.seen()[0]?.id }]);
  });

  test('for its asker alone goes by what came with the line while that is good, and as a direct message when it is not', async () => {
    await sender();
    const reply = (ms: number) => ({ by: { url: 'https://hooks.example/1' }, until: Date.now() + ms });
    await answered('quick', { alone: true }, reply(60_000));
    await answered('too late', { alone: true }, reply(-1));
    await answered('without', { alone: true });
    await answered('over by the time it is sent', { alone: true }, reply(1_000));
    await expect.poll(() => chat.says('reply {"url":"https://hooks.example/1"}')).toEqual(['quick']);
    await expect.poll(() => chat.says('@U0ADA').sort()).toEqual(['over by the time it is sent', 'too late', 'without']);
    expect(chat.says('C0OPS')).toEqual([]);
  });

  test('whose reply is refused comes as a direct message', async () => {
    chat.wrong(({ where }) => (where.startsWith('reply') ? NO('used_url') : undefined));
    await sender();
    await answered('quick', { alone: true }, { by: 1, until: Date.now() + 60_000 });
    await expect.poll(() => chat.says()).toEqual(['quick']);
    expect(chat.seen()[0]?.where).toBe('@U0ADA');
  });

  test('that is for a person without a device of theirs says in the channel whom it is for', async () => {
    await sender();
    await db.tx(async (tx) => {
      await tx.query(
        `insert into messages (key, platform, channel, place, person, body, made)
         values ('k', 'slack', 'C0OPS', '{}', 'kim', '{"card":{"title":"R1 waits for your approval"},"to":{"person":"kim","by":"channel"}}', now())`,
      );
      await tx.notify('shown', 'message');
    });
    await expect.poll(() => chat.says('C0OPS')).toEqual(['For kim: R1 waits for your approval']);
  });

  test('that begins something its asker alone sees goes on in a direct message; where it was typed that is said', async () => {
    await sender();
    const reply = { by: 7, until: Date.now() + 60_000 };
    await takeIn(db, [
      {
        platform: 'slack',
        eventId: 'Ev-run',
        actor: 'ada',
        place: { platform: 'slack', channel: 'C9', user: 'U0ADA', alone: true, zone: 'UTC' },
        text: 'check @web',
        received: Date.now(),
        reply,
      },
    ]);
    const row = (await claimLine(db, 'here:1')) as InboxRow;
    const began = { kind: 'run' as const, id: 'R1', waits: true as const };
    await commit(db, row, 'here:1', ADA, { json: undefined, outcome: 'ok', wantsJson: false, strict: false, write: async () => began }, Date.now());
    await expect
      .poll(() =>
        chat
          .seen()
          .map(({ where, says }) => `${where}: ${says}`)
          .sort(),
      )
      .toEqual(['@U0ADA: R1 waits', 'reply 7: Taken: the answer comes to you as a direct message.']);
  });

  test('that its channel will not have comes to whoever asked alone, and says why', async () => {
    chat.wrong(({ where }) => (where === 'C0OPS' ? NO('not_in_channel') : undefined));
    await sender();
    await answered('All is well.');
    await expect.poll(() => chat.says('@U0ADA')).toEqual([expect.stringMatching(/^All is well\. \| For you alone.*not_in_channel.*Invite me/)]);
  });

  test('that nobody will have is kept with the reason, logged, and holds up neither its line nor the next answer', async () => {
    chat.wrong(({ n, does }) => (does === 'post' && n === 1 ? NO('account_inactive') : undefined));
    await sender();
    const line = await answered('All is well.');
    await expect.poll(states).toEqual([{ state: 'undeliverable', says: 'account_inactive' }]);
    expect(await unsent(line)).toBe(0);
    expect(log.said).toContainEqual(
      expect.objectContaining({ message: 'a message reached nobody', fields: expect.objectContaining({ says: 'account_inactive' }) }),
    );
    await answered('The next.');
    await expect.poll(() => chat.says()).toEqual(['The next.']);
  });
});

describe('when the platform does not answer', () => {
  test('what it had taken all the same is found and not posted again', async () => {
    chat.wrong(({ does, n }) => (does === 'post' && n === 1 ? { taken: true } : undefined));
    await sender();
    await answered('Once.');
    await expect.poll(states, { timeout: 8_000 }).toMatchObject([{ state: 'sent' }]);
    expect(chat.says()).toEqual(['Once.']);
  });

  test('what it had not taken is posted again', async () => {
    chat.wrong(({ does, n }) => (does === 'post' && n === 1 ? { says: { sent: false, why: 'unsure', says: '503' } } : undefined));
    await sender();
    await answered('In the end.');
    await expect.poll(() => chat.says(), { timeout: 8_000 }).toEqual(['In the end.']);
    expect(chat.calls.filter(({ does }) => does === 'find')).toHaveLength(1);
  });

  test('and nobody can tell what it took, there is one duplicate and no more', async () => {
    chat.wrong(({ does, where }) => (where !== 'C0OPS' ? undefined : does === 'post' ? { taken: true } : { tells: 'unsure' }));
    await sender();
    await answered('Twice at most.', { user: undefined });
    for (let looks = 0; looks < 12; looks++) {
      await expect
        .poll(() => db.query(`select 1 from messages where channel = 'C0OPS' and state = 'waiting' and coalesce(not_before <= now(), true)`), {
          timeout: 8_000,
        })
        .toEqual([]);
      // Others are answered meanwhile: the platform is there.
      await answered('something else', { channel: 'C1' });
      await expect.poll(() => chat.says('C1').length, { timeout: 8_000 }).toBe(looks + 1);
      await db.tx(async (tx) => {
        await tx.query(`update messages set not_before = now()`);
        await tx.notify('shown', 'time has gone by');
      });
    }
    await expect.poll(async () => (await states())[0]).toMatchObject({ state: 'undeliverable' });
    expect(chat.says('C0OPS')).toEqual(['Twice at most.', 'Twice at most.']);
  });

  test('to anybody for hours, it is waited for: nothing is given up, and everything comes once when it is back', async () => {
    let away = true;
    chat.wrong(({ does }) => (!away ? undefined : does === 'find' ? { tells: 'unsure' } : { says: { sent: false, why: 'unsure', says: '503' } }));
    await sender();
    await answered('In the end.');
    for (let hours = 0; hours < 12; hours++) {
      await expect.poll(() => db.query(`select 1 from messages where not_before > now()`), { timeout: 8_000 }).toHaveLength(1);
      away = hours < 11;
      await db.tx(async (tx) => {
        await tx.query(`update messages set not_before = now()`);
        await tx.notify('shown', 'time has gone by');
      });
    }
    await expect.poll(() => chat.says(), { timeout: 8_000 }).toEqual(['In the end.']);
    expect(await states()).toMatchObject([{ state: 'sent' }]);
  });

  test('a call that throws is a call nobody knows the end of: looked up, then made again', async () => {
    chat.wrong(({ does, n }) => (does === 'post' && n === 1 ? { throws: true } : undefined));
    await sender();
    await answered('In the end.');
    await expect.poll(() => chat.says(), { timeout: 8_000 }).toEqual(['In the end.']);
  });

  test('because it is asked too much in one channel, the other 299 do not notice', async () => {
    chat.wrong(({ where, does }) => (where === 'C000' && does === 'post' ? LATER(60_000, 'channel') : undefined));
    await sender({ pace: { ...FAST, posts: { burst: 1000, every: 1 } } });
    await db.tx(async (tx) => {
      await tx.query(
        `insert into messages (key, platform, channel, place, body, made)
         select 'k' || n || ' ' || c, 'slack', 'C' || lpad(c::text, 3, '0'), '{}', '{"card":{"title":"news"}}', now() from generate_series(0, 299) c, generate_series(1, 2) n`,
      );
      await tx.notify('shown', 'message');
    });
    await expect.poll(() => chat.seen().length, { timeout: 15_000 }).toBe(598);
    expect(chat.says('C000')).toEqual([]);
    // Retry-After is obeyed: it is not asked again meanwhile.
    expect(chat.calls.filter(({ where }) => where === 'C000')).toHaveLength(1);
  }, 30_000);

  test('because it is asked too much altogether, nothing is sent anywhere until it will have it, and nothing is lost', async () => {
    chat.wrong(({ n, where }) => (where === 'C1' && n === 1 ? LATER(400, 'workspace') : undefined));
    await sender();
    await answered('one', { channel: 'C1' });
    await expect.poll(() => chat.calls.length).toBe(1);
    const stopped = chat.calls[0]?.at ?? 0;
    await answered('two', { channel: 'C2' });
    await expect.poll(() => chat.says().sort(), { timeout: 5_000 }).toEqual(['one', 'two']);
    expect(chat.calls.slice(1).every(({ at }) => at - stopped >= 400)).toBe(true);
  });
});

describe('a card', () => {
  test('is one message that is edited in place, and its end is always shown', async () => {
    titles.R1 = 'R1: 1 of 3';
    await sender();
    await card('R1');
    await expect.poll(() => chat.says()).toEqual(['R1: 1 of 3']);
    titles.R1 = 'R1 done';
    await card('R1', { final: true });
    await expect.poll(() => chat.says()).toEqual(['R1 done']);
    expect(chat.seen()).toHaveLength(1);
  });

  test('of what is over at once is one message and no edit', async () => {
    await card('R1');
    titles.R1 = 'R1 done';
    await card('R1', { final: true });
    await sender();
    await expect.poll(() => chat.says()).toEqual(['R1 done']);
    await expect.poll(async () => (await db.query('select 1 from cards where shown_rev < wanted_rev')).length).toBe(0);
    expect(chat.calls).toHaveLength(1);
  });

  test('that changes a hundred times in ten seconds is edited within the budget, and shows the last state', async () => {
    titles.R1 = 'R1: 0 of 100';
    await sender();
    const began = Date.now();
    for (let n = 1; n <= 100; n++) {
      titles.R1 = `R1: ${n} of 100`;
      await card('R1', { final: n === 100 });
    }
    await expect.poll(() => chat.says(), { timeout: 5_000 }).toEqual(['R1: 100 of 100']);
    const { at } = chat.seen()[0] as { at: number[] };
    expect(at.length).toBeGreaterThan(1);
    expect(at.length).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - began) / FAST.edit));
    const gaps = at.slice(2).map((one, n) => one - (at[n + 1] as number));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(FAST.edit - 15);
  });

  test('whose change shows nothing new is not edited', async () => {
    titles.R1 = 'R1 waits';
    await sender();
    await card('R1');
    await expect.poll(() => chat.says()).toEqual(['R1 waits']);
    await card('R1');
    await expect.poll(async () => (await db.query('select 1 from cards where shown_rev < wanted_rev')).length).toBe(0);
    expect(chat.calls).toHaveLength(1);
  });

  test('whose message somebody deleted is posted again', async () => {
    await sender();
    await card('R1');
    await expect.poll(() => chat.seen().length).toBe(1);
    chat.remove(chat.seen()[0]?.id as string);
    titles.R1 = 'R1 goes';
    await card('R1');
    await expect.poll(() => chat.says()).toEqual(['R1 goes']);
  });

  test('that can be edited nowhere is posted once more on the way, and then only with its end: no message for each change', async () => {
    await sender();
    await card('R1');
    await expect.poll(() => chat.seen().length).toBe(1);
    chat.wrong(({ does }) => (does === 'edit' ? { says: { sent: false, why: 'no', says: 'edit_window_closed' } } : undefined));
    for (let n = 1; n <= 6; n++) {
      titles.R1 = `R1: ${n} of 6`;
      await card('R1', { final: n === 6 });
      await expect.poll(async () => (await db.query('select 1 from cards where shown_rev < wanted_rev')).length, { timeout: 5_000 }).toBe(0);
    }
    expect(chat.says().slice(1)).toEqual(['R1: 1 of 6', 'R1: 6 of 6']);
  });

  test('that is asked for by a later line stands at the bottom again, and the older message says so without buttons', async () => {
    await sender();
    await card('R1');
    await expect.poll(() => chat.seen().length).toBe(1);
    titles.R1 = 'R1 goes';
    await db.tx(async (tx) => {
      await tx.query(`update cards set asked = asked + 1, wanted_rev = wanted_rev + 1`);
      await tx.notify('shown', 'run:R1');
    });
    await expect.poll(() => chat.says()).toEqual(['R1 goes | It goes on in a newer message below.', 'R1 goes']);
    titles.R1 = 'R1 done';
    await card('R1', { final: true });
    await expect.poll(() => chat.says()[1]).toBe('R1 done');
  });

  test('that cannot be made is tried again, then said with an id; those behind it come', async () => {
    titles.R2 = 'R2 is well';
    const broken: Record<string, Renderer> = {
      run: async (_, id) => {
        if (id === 'R1') throw new TypeError('cannot render');
        return { card: { title: titles[id] as string } };
      },
    };
    const one = await runSender({ db, log, renderers: broken, messenger: chat.messenger, holder: 'here:1', pace: FAST });
    closing.push(one.close);
    await card('R1', { final: true });
    await card('R2', { final: true });
    await expect.poll(() => chat.says(), { timeout: 5_000 }).toEqual(['R2 is well']);
    for (let tries = 0; tries < 5; tries++) {
      await expect
        .poll(async () => (await db.query(`select 1 from cards where thing_id = 'R1' and (not_before > now() or shown_rev = wanted_rev)`)).length, {
          timeout: 5_000,
        })
        .toBeGreaterThan(0);
      await db.tx(async (tx) => {
        await tx.query(`update cards set not_before = now()`);
        await tx.notify('shown', 'time has gone by');
      });
    }
    await expect.poll(() => chat.says()[1], { timeout: 5_000 }).toMatch(/^run R1 ended, and something of ours failed while showing it \(e-[0-9a-f]{8}\)/);
  }, 30_000);

  test('that its channel will not have goes on as a direct message with whoever asked', async () => {
    chat.wrong(({ where }) => (where === 'C0OPS' ? NO('is_archived') : undefined));
    await sender();
    await card('R1', { place: { user: 'U0ADA' } });
    await expect.poll(() => chat.says('@U0ADA')).toEqual([expect.stringContaining('is_archived')]);
    chat.wrong(() => undefined);
    titles.R1 = 'R1 done';
    await card('R1', { final: true, channel: '@U0ADA' });
    await expect.poll(() => chat.says('@U0ADA')[0]).toMatch(/^R1 done/);
    // Where a direct message really stands is known only after the first.
    expect(chat.calls.at(-1)).toMatchObject({ does: 'edit', where: 'DU0ADA' });
  });
});

describe('of several processes', () => {
  test('one sends; when it ends in order the next takes over at once', async () => {
    const other = aMessenger();
    const first = await sender();
    const second = await runSender({ db, log, renderers, messenger: other.messenger, holder: 'there:2', pace: FAST });
    closing.push(second.close);
    await answered('by the first');
    await expect.poll(() => chat.says()).toEqual(['by the first']);
    expect(other.says()).toEqual([]);
    await first.close();
    await answered('by the second');
    await expect.poll(() => other.says(), { timeout: 3_000 }).toEqual(['by the second']);
    expect(chat.says()).toEqual(['by the first']);
  });

  test('one that died is taken over from when its lease is over, not before', async () => {
    await db.query(`insert into leases (name, holder, held_until) values ('sender slack', 'dead:1', now() + interval '1.5 seconds')`);
    const began = Date.now();
    await sender();
    await answered('late, not lost');
    await expect.poll(() => chat.says(), { timeout: 8_000 }).toEqual(['late, not lost']);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_400);
  });

  test('one that stood still and was taken over from posts and edits nothing more', async () => {
    await sender();
    await card('R1');
    await expect.poll(() => chat.says()).toEqual(['R1 waits']);
    await db.query(`update leases set holder = 'there:2', held_until = now() + interval '60 seconds'`);
    titles.R1 = 'R1 goes';
    await card('R1');
    await answered('not by me');
    // It has looked at both by the time at which it learns that somebody else sends.
    await expect.poll(() => log.said.map(({ message }) => message), { timeout: 10_000 }).toContain('another process sends now');
    expect(chat.says()).toEqual(['R1 waits']);
    expect(await states()).toMatchObject([{ state: 'waiting' }]);
  });

  test('whoever takes over looks for what its predecessor had sent and not noted, and posts what it had not', async () => {
    await answered('sent by the dead one');
    await answered('begun by the dead one');
    const rows = await db.query<{ id: string; marker: string; channel: string }>('select id, marker, channel from messages order by id');
    await chat.messenger.post({ channel: 'C0OPS' }, { marker: rows[0]?.marker as string, shown: { card: { title: 'sent by the dead one' } } });
    await db.query('update messages set attempted = now(), tries = 1');
    await sender();
    await expect.poll(states).toMatchObject([{ state: 'sent' }, { state: 'sent' }]);
    expect(chat.says()).toEqual(['sent by the dead one', 'begun by the dead one']);
  });
});

test('a hundred thousand messages that wait are not read, and the next channel has its turn at once', async () => {
  await db.query(
    `insert into messages (key, platform, channel, place, body, made)
     select 'flood ' || n, 'slack', 'C0FLOOD', '{}', '{"card":{"title":"news"}}', now() from generate_series(1, 100000) n`,
  );
  let most = 0;
  const counted: Db = {
    ...db,
    async query<Row>(sql: string, params?: readonly unknown[]) {
      const rows = await db.query<Row>(sql, params);
      most = Math.max(most, rows.length);
      return rows;
    },
  };
  await sender({ db: counted });
  await answered('in time', { channel: 'C0OPS' });
  await expect.poll(() => chat.says('C0OPS'), { timeout: 10_000 }).toEqual(['in time']);
  await expect.poll(() => chat.says('C0FLOOD').length, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(most).toBeLessThanOrEqual(10);
}, 60_000);
