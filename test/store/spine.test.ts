import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startClock } from '../../src/lib/clocks.ts';
import { uniqueId } from '../../src/lib/ids.ts';
import { keepClock, startStoredClock } from '../../src/store/clock.ts';
import type { Store } from '../../src/store/db.ts';
import { claimLine, type Delivered, liesHere, releaseHeldLines, takeIn } from '../../src/store/inbox.ts';
import { toJsonb } from '../../src/store/json.ts';
import { refuseToForget } from '../../src/store/kind.ts';
import { endLine } from '../../src/store/lines.ts';
import { openDb } from '../../src/store/open.ts';
import { prune } from '../../src/store/prune.ts';
import { armTimer, runTimers } from '../../src/store/timers.ts';
import { temporary } from '../engines.ts';
import { quiet } from './quiet.ts';

const DAY = 86_400_000;
let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
afterEach(() => db.query('truncate inbox, outbox, timers, messages, cards, readings, reading_chunks, runs, meta cascade'));

const line = (eventId: string, text = 'check @web') => ({
  platform: 'terminal' as const,
  eventId,
  actor: 'ada',
  place: { platform: 'terminal' as const, channel: 'x', zone: 'UTC' },
  text,
  received: Date.now(),
});

const takeLine = async (delivered: Delivered) => ((await takeIn(db, [delivered]))[0] as { id: string }).id;

describe('the inbox', () => {
  test('knows whether an event of this kind lies there that was not refused', async () => {
    const id = await takeLine(line('marked:C1:1_%:Ev1'));
    expect(await liesHere(db, 'terminal', 'marked:C1:1_%:')).toBe(true);
    for (const [platform, begin] of [
      ['slack', 'marked:C1:1_%:'],
      ['terminal', 'marked:C1:122:'],
    ] as const)
      expect(await liesHere(db, platform, begin)).toBe(false);
    await db.query(`update inbox set state = 'ended', outcome = 'refused' where id = $1`, [id]);
    expect(await liesHere(db, 'terminal', 'marked:C1:1_%:')).toBe(false);
  });

  test('holds one row for one event, however often it is delivered, also at the same moment', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => takeLine(line('one'))));
    expect(new Set(ids).size).toBe(1);
    expect(await db.query('select count(*)::int as n from inbox')).toEqual([{ n: 1 }]);
  });

  test('gives each line to one process, the oldest first, and to another when the first was away too long', async () => {
    const ids = [await takeLine(line('a')), await takeLine(line('b'))];
    expect((await claimLine(db, 'A:1'))?.id).toBe(ids[0]);
    expect((await claimLine(db, 'B:1'))?.id).toBe(ids[1]);
    expect(await claimLine(db, 'B:1')).toBeUndefined();
    await db.query(`update inbox set held_until = now() - interval '1 second' where id = $1`, [ids[0]]);
    expect(await claimLine(db, 'B:1')).toMatchObject({ id: ids[0], tries: 2 });
  });

  test('gives back what processes of the same place held that are no more, and nobody else has', async () => {
    await takeLine(line('a'));
    await takeLine(line('b'));
    await claimLine(db, 'here:1');
    await claimLine(db, 'hereafter:1');
    await releaseHeldLines(db, 'here');
    expect(await claimLine(db, 'here:2')).toMatchObject({ eventId: 'a' });
    expect(await claimLine(db, 'here:2')).toBeUndefined();
  });
});

test('a line that comes to the database after its deadline leaves nothing behind', async () => {
  const at = (ms: number) => ({ ...line('late'), deadline: new Date(Date.now() + ms) });
  expect(await takeIn(db, [at(-1000), line('in time')])).toMatchObject([{ late: true }, { id: expect.any(String) }]);
  expect(await db.query('select event_id from inbox')).toEqual([{ event_id: 'in time' }]);
  const [one, two] = await takeIn(db, [at(60_000), at(60_000)]);
  expect(one).toEqual(two);
  expect(await db.query('select count(*)::int as n from inbox')).toEqual([{ n: 2 }]);
});

describe('the end of what a line began', () => {
  test('ends the line once, with one audit row, also when two say so at once', async () => {
    const id = await takeLine(line('a'));
    await db.query(`update inbox set state = 'begun', began_kind = 'reading', began_id = '5', strict = true where id = $1`, [id]);
    await Promise.all([1, 2, 3].map(() => db.tx((tx) => endLine(tx, { kind: 'reading', id: '5' }, 'findings', Date.now()))));
    expect(await db.query('select state, outcome from inbox')).toEqual([{ state: 'ended', outcome: 'failed' }]);
    expect(await db.query('select count(*)::int as n from audit where inbox_id = $1', [id])).toEqual([{ n: 1 }]);
  });
});

describe('timers', () => {
  test('of a kind this version does not know are left for the version that does, and nobody spins over them', async () => {
    let looks = 0;
    const counting: Store = {
      ...db,
      query: (sql, params) => {
        if (sql.includes('timers')) looks += 1;
        return db.query(sql, params);
      },
    };
    const rang: string[] = [];
    await db.tx((tx) => armTimer(tx, { kind: 'of tomorrow', ref: 'PG1', due: 1 }));
    const timers = await runTimers({
      db: counting,
      clock: startClock(),
      handlers: { known: async (_, { ref }) => void rang.push(ref) as undefined },
      failed: () => {},
    });
    await db.tx((tx) => armTimer(tx, { kind: 'known', ref: 'a', due: 1 }));
    await expect.poll(() => rang).toEqual(['a']);
    await expect.poll(timers.busy).toBe(false);
    expect(await db.query('select kind, held_until from timers')).toEqual([{ kind: 'of tomorrow', held_until: null }]);
    const before = looks;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(looks).toBe(before);
    await timers.close();
  });
});

describe('the clock', () => {
  test('that jumped goes on from there after a kill -9, without waiting for the next note', async () => {
    const clock = startClock({ speed: 60 });
    keepClock(db, clock);
    const to = clock.now() + 20 * 60_000;
    clock.jumpTo(to);
    // The store has one session: what was asked before is written before this is answered.
    await expect.poll(async () => (await startStoredClock(db, 60)).now()).toBeGreaterThanOrEqual(to);
  });

  test.each(['started', 'phase_since', 'finished', 'ended'])('never stands before what is written of the hosts of an open run: %s', async (column) => {
    const at = Date.now() + 365 * DAY;
    await db.query(
      `insert into runs (id, job, state, plan, hash, prediction, by, owner, place, size, planned_at) values ('R1', 'reboot', 'running', '{}', '', '{}', 'ada', 'ada', '{}', 1, now())`,
    );
    await db.query(`insert into run_hosts (run, host, position, ring, planned, stamp, ${column}) values ('R1', 'web1', 0, 0, '{}', '', $1)`, [new Date(at)]);
    expect((await startStoredClock(db, 60)).now()).toBeGreaterThanOrEqual(at);
  });

  test.each(['begun_at', 'wave_ended', 'ring_ended'])('never stands before what is written of an open run: %s', async (column) => {
    const at = Date.now() + 365 * DAY;
    await db.query(
      `insert into runs (id, job, state, plan, hash, prediction, by, owner, place, size, planned_at, ${column}) values ('R1', 'reboot', 'running', '{}', '', '{}', 'ada', 'ada', '{}', 1, now(), $1)`,
      [new Date(at)],
    );
    expect((await startStoredClock(db, 60)).now()).toBeGreaterThanOrEqual(at);
  });
});

describe('what is forgotten', () => {
  test('is what ended long ago and answers nobody will fetch; what still waits for a person or for work is kept', async () => {
    const now = Date.now();
    const old = new Date(now - 40 * DAY);
    const [ended, begun] = [await takeLine(line('ended')), await takeLine(line('begun'))];
    const taken = await takeLine(line('taken'));
    await db.query(`update inbox set state = 'ended', ended = $2, received = $2 where id = $1`, [ended, old]);
    await db.query(`update inbox set state = 'begun', received = $2 where id = $1`, [begun, old]);
    await db.query(`update inbox set received = $2 where id = $1`, [taken, old]);
    const say = (channel: string, state: string, made: Date) =>
      db.query(`insert into messages (key, platform, channel, place, body, state, made) values ($1, 'terminal', $2, '{}', '{}', $3, $4)`, [
        uniqueId(),
        channel,
        state,
        made,
      ]);
    await say('C1', 'sent', old);
    await say('C1', 'waiting', old);
    await say('exec:1', 'waiting', old);
    await say('exec:2', 'waiting', new Date(now));
    for (const [state, at] of [
      ['ended', old],
      ['begun', old],
      ['ended', new Date(now)],
    ] as const) {
      await db.query(`insert into readings (job, params, expression, hosts, began, state, ended) values ('check', '{}', $1, 1, $2, $1, $3)`, [
        state,
        old,
        state === 'ended' ? at : null,
      ]);
    }
    await db.query(
      `insert into outbox (kind, ref, state, wall_made) values ('reading', '1/0', 'done', now() - interval '3 days'), ('reading', '2/0', 'queued', now() - interval '3 days')`,
    );
    const lately = new Date(now - 399 * DAY);
    const longAgo = new Date(now - 401 * DAY);
    for (const [dedup, resolved] of [
      ['burns', null],
      ['over', longAgo],
      ['over lately', lately],
    ] as const) {
      await db.query(
        `insert into alerts (integration, dedup, state, summary, urgency, started, received, heard, resolved) values ('curl', $1, $2, 's', 'low', $3, $3, $3, $4)`,
        [dedup, resolved === null ? 'firing' : 'resolved', longAgo, resolved],
      );
    }
    expect(await db.tx((tx) => prune(tx, now))).toBe(now + DAY);
    expect(await db.query('select dedup from alerts order by id')).toEqual([{ dedup: 'burns' }, { dedup: 'over lately' }]);
    expect(await db.query('select event_id from inbox order by id')).toEqual([{ event_id: 'begun' }, { event_id: 'taken' }]);
    expect(await db.query('select channel, state from messages order by id')).toEqual([
      { channel: 'C1', state: 'waiting' },
      { channel: 'exec:2', state: 'waiting' },
    ]);
    expect(await db.query('select state from readings order by id')).toEqual([{ state: 'begun' }, { state: 'ended' }]);
    expect(await db.query('select state from outbox')).toEqual([{ state: 'queued' }]);
  });
});

describe('starting over', () => {
  test('deletes only what the sandbox has made', () => {
    const dataDir = temporary('forget');
    expect(() => refuseToForget(dataDir)).not.toThrow();
    mkdirSync(join(dataDir, 'pgdata'));
    expect(() => refuseToForget(dataDir)).toThrow(/is not the sandbox's/);
    mkdirSync(join(dataDir, 'sandbox'));
    expect(() => refuseToForget(dataDir)).not.toThrow();
  });
});

describe('the audit and the events', () => {
  test('are only ever added to', async () => {
    await db.query(`insert into audit (at, who, place, command, outcome) values (now(), 'ada', '{}', 'x', 'ok')`);
    await expect(db.query(`update audit set who = 'ben'`)).rejects.toThrow(/only ever added/);
    await expect(db.query('delete from audit')).rejects.toThrow(/only ever added/);
    await expect(db.query('truncate audit')).rejects.toThrow(/only ever added/);
  });
});

describe('JSON for the database', () => {
  test.each([['a\0b'], ['\ud83d'], ['\udc00\ud83d'], ['\\u0000'], ['\\\0'], ['😀'], ['\\\\ud800'], [{ 'k\0': ['\ud800'] }]])(
    '%j is taken, and comes back with what cannot be kept replaced',
    async (value) => {
      const [row] = await db.query<{ value: unknown }>('select $1::jsonb as value', [toJsonb({ value })]);
      const expected = JSON.parse(JSON.stringify({ value }), (_, inner) => inner);
      const clean = (one: unknown): unknown =>
        typeof one === 'string'
          ? one.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd')
          : Array.isArray(one)
            ? one.map(clean)
            : Object.fromEntries(Object.entries(one as object).map(([name, inner]) => [clean(name), clean(inner)]));
      expect(row?.value).toEqual(clean(expected));
    },
  );
});
