import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { typeLine } from '../../src/control/client.ts';
import { type Engine, engines, type Running, startDatabase, startRedis } from '../engines.ts';
import { dataDirectory, finished, holdfast, listening, type Program, piped } from './holdfast.ts';

/**
 * A real configuration on the three sets of engines, with several processes and servers that fail. The
 * hosts are those of a sandbox that runs beside them; its configuration is a configuration like any other.
 */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

function folder(): string {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return dataDir;
}

let fleet: Program;
let config: string;
const fault = (host: string, word: string) => fleet.asks(`/ops sandbox ${host} ${word}`, new RegExp(`${host} is .*\\n`));

beforeAll(async () => {
  const dataDir = folder();
  config = join(dataDir, 'sandbox', 'holdfast.yaml');
  // At the pace of the machine: to a Holdfast in real time the clocks of faster hosts would be wrong.
  fleet = holdfast(['start', '--speed', '1'], { env: { HOLDFAST_DATA: dataDir } });
  leftovers.push(() => fleet.child.kill('SIGKILL'));
  await fleet.says(/npx holdfast init/);
}, 120_000);

function world(running: Running) {
  const data = folder();
  const env = {
    HOLDFAST_DATA: data,
    ...(running.databaseUrl && { DATABASE_URL: running.databaseUrl }),
    ...(running.redisUrl && { REDIS_URL: running.redisUrl }),
  };
  leftovers.push(() => running.stop());
  return {
    env,
    async serve(role: 'all' | 'chat' | 'worker' = 'all'): Promise<Program> {
      const program = holdfast(['start', '--config', config, '--role', role], { stdin: 'ignore', env: { ...env, HOLDFAST_LOG: 'info' } });
      leftovers.push(() => program.child.kill('SIGKILL'));
      if (role === 'worker') await program.logs(/holdfast runs/);
      else await listening(data, program);
      return program;
    },
    types(text: string): { outcome: Promise<string | undefined>; shown: string[]; says(pattern: RegExp): Promise<void> } {
      const shown: string[] = [];
      const looking = new Set<() => void>();
      const print = (said: string): void => {
        shown.push(said);
        for (const look of looking) look();
      };
      return {
        outcome: typeLine({ dataDir: data, text, login: 'nobody', zone: 'UTC', print, warn: () => {} }),
        shown,
        says: (pattern) =>
          new Promise((resolve) => {
            const look = (): void => void (pattern.test(shown.join('\n')) && resolve());
            looking.add(look);
            look();
          }),
      };
    },
  };
}

async function ended(program: Program): Promise<void> {
  program.child.kill('SIGTERM');
  expect((await program.ended).code).toBe(0);
}

const skipping = ({ available }: Engine): string => (available === true ? '' : ` (skipped: ${available})`);

describe.each(engines())('$name', (engine) => {
  test.skipIf(engine.available !== true)(`check, show and audit, and all of it again after a restart${skipping(engine)}`, { timeout: 180_000 }, async () => {
    const { env, serve, types } = world(await engine.start());
    const first = await serve();
    const check = types('check @web');
    expect(await check.outcome).toBe('ok');
    expect(check.shown.join('\n')).toContain('web[01-06] ok');
    const show = types('show web01 --json');
    await show.outcome;
    const second = await finished(['start', '--config', config], { env });
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('in use')]);
    await ended(first);
    const later = await serve();
    const again = types('show web01 --json');
    await again.outcome;
    expect(again.shown).toEqual(show.shown);
    const audit = types('show audit --json');
    await audit.outcome;
    const rows = (JSON.parse(audit.shown[0] as string) as { audit: { who: string; command: string; outcome: string }[] }).audit;
    expect(rows.filter(({ command }) => command === 'check @web').map(({ who, outcome }) => [who, outcome])).toEqual([
      ['console', 'ok'],
      ['console', 'begun'],
    ]);
    await ended(later);
  });
});

const postgres = engines().find(({ name }) => name === 'postgres') as Engine;
test.skipIf(postgres.available !== true)(
  `a sandbox on Postgres is exported from there when nothing runs${skipping(postgres)}`,
  { timeout: 180_000 },
  async () => {
    const running = await postgres.start();
    leftovers.push(() => running.stop());
    const data = folder();
    const env = { HOLDFAST_DATA: data, DATABASE_URL: running.databaseUrl as string };
    expect((await piped(['/ops check lab01'], { env })).code).toBe(0);
    const file = join(data, 'all.jsonl.gz');
    expect((await finished(['export', file], { env })).code).toBe(0);
    expect(gunzipSync(readFileSync(file)).toString()).toContain('/ops check lab01');
  },
);

describe.each(engines().filter(({ name }) => name !== 'embedded'))('several processes on $name', (engine) => {
  test.skipIf(engine.available !== true)(
    `a worker asks, the chat answers; a killed worker's hosts are asked by another${skipping(engine)}`,
    { timeout: 180_000 },
    async () => {
      const { serve, types } = world(await engine.start());
      const chat = await serve('chat');
      const lonely = types('check @web');
      const worker = await serve('worker');
      expect(await lonely.outcome).toBe('ok');
      expect(lonely.shown.join('\n')).toContain('web[01-06] ok');
      await fault('web04', 'slow');
      const slow = types('check web[04-05]');
      await slow.says(/web05 ok|1 of 2 answered/);
      worker.child.kill('SIGKILL');
      await worker.ended;
      const other = await serve('worker');
      expect(await slow.outcome).toBe('ok');
      expect(slow.shown.join('\n')).toContain('web[04-05] ok');
      await fault('web04', 'ok');
      await ended(other);
      await ended(chat);
    },
  );
});

const both = engines().find(({ name }) => name === 'postgres and redis') as Engine;
describe('servers that fail', () => {
  test.skipIf(both.available !== true)(`FLUSHALL while a slow host is being asked loses nothing${skipping(both)}`, { timeout: 180_000 }, async () => {
    const running = await both.start();
    const { serve, types } = world(running);
    const program = await serve();
    await fault('db01', 'slow');
    const slow = types('check @db');
    await slow.says(/1 of 2 answered|db02 ok/);
    await running.flushAll?.();
    expect(await slow.outcome).toBe('ok');
    expect(slow.shown.join('\n')).toContain('db[01-02] ok');
    await fault('db01', 'ok');
    const after = types('check @db');
    expect(await after.outcome).toBe('ok');
    await ended(program);
  });

  test.skipIf(both.available !== true || process.env.TEST_REDIS_URL !== undefined)(
    `Redis killed in the middle and back later: what was typed meanwhile is answered${skipping(both)}`,
    { timeout: 180_000 },
    async () => {
      const [database, redis] = await Promise.all([startDatabase(), startRedis()]);
      const { serve, types } = world({ ...database, ...redis, stop: async () => void (await Promise.all([database.stop(), redis.stop()])) });
      const program = await serve();
      await redis.kill9?.();
      const meanwhile = types('check lab01');
      const status = types('status');
      expect(await status.outcome).toBe('ok');
      await redis.restart?.();
      expect(await meanwhile.outcome).toBe('ok');
      expect(meanwhile.shown.join('\n')).toContain('lab01 ok');
      await ended(program);
    },
  );

  test.skipIf(both.available !== true || process.env.TEST_REDIS_URL !== undefined)(
    `Redis down at the start: it is said, and what was typed is answered once it is back${skipping(both)}`,
    { timeout: 180_000 },
    async () => {
      const [database, redis] = await Promise.all([startDatabase(), startRedis()]);
      const { serve, types } = world({ ...database, ...redis, stop: async () => void (await Promise.all([database.stop(), redis.stop()])) });
      await redis.kill9?.();
      const program = await serve();
      await program.logs(/Redis does not answer/);
      const early = types('check lab01');
      expect(await types('status').outcome).toBe('ok');
      await redis.restart?.();
      expect(await early.outcome).toBe('ok');
      expect(early.shown.join('\n')).toContain('lab01 ok');
      await ended(program);
    },
  );

  test.skipIf(both.available !== true)(
    `connections to Postgres cut in the middle of a check: it is answered${skipping(both)}`,
    { timeout: 180_000 },
    async () => {
      const running = await both.start();
      const { serve, types } = world(running);
      const program = await serve();
      await fault('lab02', 'slow');
      const slow = types('check @lab');
      await slow.says(/1 of 2 answered|lab01 ok/);
      await cutOff(running.databaseUrl as string);
      expect(await slow.outcome).toBe('ok');
      expect(slow.shown.join('\n')).toContain('lab[01-02] ok');
      expect(await types('status').outcome).toBe('ok');
      await fault('lab02', 'ok');
      await ended(program);
    },
  );
});

/** What a restart of the server does to Holdfast: every connection of this database ends at once. */
async function cutOff(url: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
  await client.end();
}
