import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineCommand } from '../../src/chat/command.ts';
import { target } from '../../src/chat/options.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import type { Db, Store, Tx } from '../../src/store/db.ts';
import { record } from '../../src/store/events.ts';
import { endLine } from '../../src/store/lines.ts';
import { openDb } from '../../src/store/open.ts';
import { engines } from '../engines.ts';
import { spine } from '../spine.ts';
import { kept } from '../store/quiet.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
  return () => db.close();
});

const base = { summary: 'for the test', examples: [] as string[], options: z.object({}) };
const hosts = { '@db': ['db1', 'db2'], '@web': ['web1'], '@all': ['db1', 'db2', 'web1'] } as Record<string, string[]>;
const targets = async (expression: string) => ({ expression, hosts: (hosts[expression] ?? [expression]).map((name) => ({ name })) });

const commands = [
  defineCommand({ ...base, name: 'fine', role: 'known', run: async () => ({ card: { title: 'All is well.' }, json: { well: true } }) }),
  defineCommand({ ...base, name: 'look', role: 'known', run: async () => ({ card: { title: 'Something is odd.' }, outcome: 'findings' }) }),
  defineCommand({
    ...base,
    name: 'nothing',
    role: 'known',
    async run() {
      throw new Refusal('There is nothing of that name. Try "fine".');
    },
  }),
  defineCommand({
    ...base,
    name: 'breaks',
    role: 'known',
    async run() {
      throw new TypeError('x is undefined, and the password is hunter2');
    },
  }),
  defineCommand({
    ...base,
    name: 'toolate',
    role: 'known',
    run: async () => ({
      async write() {
        throw new Refusal('Somebody was quicker.');
      },
    }),
  }),
  defineCommand({ ...base, name: 'begin', role: 'operator', run: async () => ({ write: async () => ({ kind: 'reading', id: '77' }) }) }),
  defineCommand({ ...base, name: 'everything', role: 'operator', run: async () => ({ card: { title: 'Done.' }, write: async () => undefined }) }),
  defineCommand({ ...base, name: 'announce', role: 'operator', unscoped: true, run: async () => ({ card: { title: 'Said.' }, write: async () => undefined }) }),
  defineCommand({
    ...base,
    name: 'restart',
    role: 'operator',
    options: z.object({ target: target() }),
    async run({ options, actor }, ops) {
      await ops.targets((options as { target: string }).target, actor);
      return { card: { title: 'Restarted.' }, write: async () => undefined };
    },
  }),
  defineCommand({
    ...base,
    name: 'mark',
    role: 'known',
    run: async () => ({
      card: { title: 'Marked.' },
      async write(tx: Tx, line) {
        await record(tx, { thing: 'INC-1', type: 'noted', by: line.actor.name, at: line.at });
        return undefined;
      },
    }),
  }),
];

let log = kept();
let world: Awaited<ReturnType<typeof spine>>;
const start = async (over: Db = db) => {
  world = await spine(over, { commands, log, ops: { targets: targets as never } });
};
beforeEach(async () => {
  log = kept();
  await start();
});
afterEach(() => world.close());

const auditOf = async (command: string) =>
  (
    await db.query<{ who: string; outcome: string; detail: string | null }>('select who, outcome, detail from audit where command = $1 order by id', [command])
  ).map(({ who, outcome, detail }) => [who, outcome, ...(detail === null ? [] : [detail])].join(' '));

describe('a line', () => {
  test('is answered, and the audit says who typed it and how it ended', async () => {
    expect(await world.type('fine')).toBe('ok');
    expect(world.shown).toEqual(['All is well.']);
    expect(await auditOf('fine')).toEqual(['ada ok']);
  });

  test('that is refused is shown word for word, and audited with the reason', async () => {
    expect(await world.type('nothing', 'ben')).toBe('refused');
    expect(world.shown[0]).toContain('There is nothing of that name. Try "fine".');
    expect(await auditOf('nothing')).toEqual(['ben refused There is nothing of that name. Try "fine".']);
  });

  test('that nobody understands, or that its author may not type, is refused and audited, too', async () => {
    expect(await world.type('frobnicate @web')).toBe('refused');
    expect(await world.type('restart @web', 'ben')).toBe('refused');
    expect(await world.type('fine', 'a stranger')).toBe('refused');
    expect(await auditOf('frobnicate @web')).toHaveLength(1);
    expect(await auditOf('restart @web')).toEqual([expect.stringContaining('ben refused "restart" needs the role operator; ben is known.')]);
    expect((await auditOf('fine')).at(-1)).toContain('a stranger refused');
  });

  test('that breaks something of ours shows an id and nothing else; the log has the error under the same id', async () => {
    expect(await world.type('breaks')).toBe('failed');
    const id = /e-[0-9a-f]{8}/.exec(world.shown[0] as string)?.[0];
    expect(id).toBeDefined();
    expect(world.shown[0]).not.toContain('hunter2');
    expect(log.said.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { id, err: expect.any(TypeError), line: 'breaks' } }]);
    expect(await auditOf('breaks')).toEqual([`ada failed ${id}`]);
    const [row] = await db.query<{ error_id: string }>(`select error_id from inbox where text = 'breaks'`);
    expect(row?.error_id).toBe(id);
  });

  test('refused only while it is written is answered like any refusal, in JSON where JSON was asked for', async () => {
    expect(await world.type('toolate')).toBe('refused');
    expect(await world.type('toolate --json')).toBe('refused');
    expect(world.shown[0]).toContain('Somebody was quicker.');
    expect(JSON.parse(world.shown[1] as string)).toEqual({ refused: 'Somebody was quicker.' });
  });

  test('findings are an answer; with --strict they are a failure', async () => {
    expect(await world.type('look')).toBe('findings');
    expect(await world.type('look --strict')).toBe('failed');
  });

  test('that begins something ends when that ends: audited twice', async () => {
    const ended = world.type('begin');
    await expect.poll(() => auditOf('begin')).toEqual(['ada begun']);
    await db.tx((tx) => endLine(tx, { kind: 'reading', id: '77' }, 'ok', Date.now()));
    await db.query(`update cards set final = true, wanted_rev = 2 where thing_id = '77'`);
    await db.tx((tx) => tx.notify('shown'));
    expect(await ended).toBe('ok');
    expect(await auditOf('begin')).toEqual(['ada begun', 'ada ok']);
  });

  test.each([
    ['with NUL in it', 'fine \0 web'],
    ['of half a character', 'fine \ud83d'],
    ['of 2 MB', `fine ${'x'.repeat(2_000_000)}`],
  ])('%s is taken, refused and audited; the next one is answered', async (_, text) => {
    expect(await world.type(text)).toBe('refused');
    expect(await world.type('fine')).toBe('ok');
  });

  test('who holds a role on some hosts only acts on those, and never on everything', async () => {
    expect(await world.type('restart @db', 'kim')).toBe('ok');
    expect(await world.type('restart db1', 'kim')).toBe('ok');
    expect(await world.type('restart @all', 'kim')).toBe('refused');
    expect(world.shown.at(-1)).toContain('kim has it on @db only, and web1 is outside');
    expect(await world.type('everything', 'kim')).toBe('refused');
    expect(world.shown.at(-1)).toContain('"everything" acts on everything, and kim has the role operator on @db only');
    expect(await world.type('everything', 'ada')).toBe('ok');
    expect(await world.type('announce', 'kim')).toBe('ok');
  });

  test('twenty at once that all write the next event of one thing: each once, in order, none waits for a retry by the clock', async () => {
    const began = Date.now();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => world.type('mark')));
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
    const events = await db.query<{ rev: number }>(`select rev from events where thing = 'INC-1' order by rev`);
    expect(events.map(({ rev }) => rev)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(Date.now() - began).toBeLessThan(9000);
  });
});

describe('when the database blinks', () => {
  /** Fails the n-th transaction that touches a table, once each. */
  const blinking = (fails: (sql: string) => boolean): Db => ({
    ...db,
    async query(sql, params) {
      if (fails(sql)) throw new Error('connection terminated unexpectedly');
      return db.query(sql, params);
    },
    tx: (work) =>
      db.tx((tx) =>
        work({
          ...tx,
          async query(sql, params) {
            if (fails(sql)) throw new Error('connection terminated unexpectedly');
            return tx.query(sql, params);
          },
        }),
      ),
  });
  const times = (n: number, pattern: RegExp) => {
    let left = n;
    return (sql: string): boolean => pattern.test(sql) && left-- > 0;
  };

  test.each([
    ['while the inbox is read', /set holder/],
    ['while the answer is looked up', /from messages where platform/],
    ['while it is asked how the line stands', /as unsent/],
    ['while the answer is marked as shown', /wall_sent/],
  ])(
    '%s, the line is answered all the same, without another event',
    async (_, pattern) => {
      await world.close();
      await start(blinking(times(2, pattern)));
      expect(await world.type('fine')).toBe('ok');
      expect(world.shown[0]).toBe('All is well.');
    },
    30_000,
  );

  test('while a refusal is written, the process lives, and the line is refused when its hold has ended', async () => {
    await world.close();
    let commits = 0;
    // The first commit is the one that is refused; the second writes the refusal.
    await start(blinking((sql) => /update inbox set rev/.test(sql) && ++commits === 2));
    const ended = world.type('toolate');
    await expect.poll(() => log.said.map(({ message }) => message)).toContain('a line could not be handled and will be tried again');
    // Ten seconds go by.
    await db.query(`update inbox set held_until = now() - interval '1 second' where state = 'taken'`);
    world.dispatch.wake();
    expect(await ended).toBe('refused');
    expect(commits).toBeGreaterThan(2);
  }, 30_000);

  test('while a line is taken, whoever typed it is told at once that it was not', async () => {
    await world.close();
    await start(blinking(times(2, /insert into inbox/)));
    await expect(world.type('fine')).rejects.toThrow(/Not taken.*e-[0-9a-f]{8}.*Try again/);
    expect(await world.type('fine')).toBe('ok');
  });

  test('while a line is committed, so that nobody knows: it is taken once and answered', async () => {
    await world.close();
    let left = 1;
    await start({
      ...db,
      async query<Row>(sql: string, params?: readonly unknown[]) {
        const result = await db.query<Row>(sql, params);
        if (/insert into inbox/.test(sql) && left-- > 0) throw new Error('connection terminated unexpectedly');
        return result;
      },
    });
    const before = await auditOf('fine');
    expect(await world.type('fine')).toBe('ok');
    expect((await auditOf('fine')).length - before.length).toBe(1);
  });
});

for (const engine of engines().filter(({ name }) => name === 'postgres')) {
  const why = engine.available === true ? '' : ` — skipped: ${engine.available}`;
  test.skipIf(engine.available !== true)(
    `every connection to the server cut again and again: each line that was taken is answered, and nothing dies${why}`,
    async () => {
      await world.close();
      const running = await engine.start();
      const server = await openDb({ ...running, log });
      const died: unknown[] = [];
      const note = (error: unknown): void => void died.push(error);
      process.on('unhandledRejection', note);
      try {
        await start(server);
        const outcomes: string[] = [];
        const typing = Promise.all(
          Array.from({ length: 4 }, async (_, typist) => {
            for (let n = 0; n < 15; n++)
              outcomes.push(await world.type(n % 3 === 2 ? 'mark' : 'fine', typist % 2 ? 'ada' : 'ben').catch(({ message }: Error) => message));
          }),
        );
        const admin = new pg.Client(running.databaseUrl);
        await admin.connect();
        for (let cut = 0; cut < 12; cut++) {
          await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
          await new Promise((resolve) => setTimeout(resolve, 60));
        }
        await admin.end();
        await typing;
        expect(outcomes.filter((outcome) => outcome !== 'ok' && !outcome.startsWith('Not taken'))).toEqual([]);
        expect(outcomes).toHaveLength(60);
        expect(await server.query(`select count(*)::int as n from inbox where state <> 'ended'`)).toEqual([{ n: 0 }]);
        // Each line that ended has exactly one audit row, and each mark exactly one event.
        expect(await server.query('select inbox_id from audit group by inbox_id having count(*) > 1')).toEqual([]);
        const [marks] = await server.query<{ events: number; lines: number }>(
          `select (select count(*)::int from events) as events, (select count(*)::int from inbox where text = 'mark') as lines`,
        );
        expect(marks?.events).toBe(marks?.lines);
        expect(died).toEqual([]);
      } finally {
        process.off('unhandledRejection', note);
        await world.close();
        await server.close();
        await running.stop();
        await start();
      }
    },
    120_000,
  );
}
