import { afterAll, expect, test } from 'vitest';
import { engines, startOwnPostgres, startOwnRedis } from '../engines.ts';
import { dataDirectory, holdfast, listening } from './holdfast.ts';

/** Redis is emptied and Postgres killed in the middle of a page's steps: what people's devices received, and when it went on. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

const EACH = ['dm', 'email', 'ntfy', 'sms', 'voice'];
/** Wall ms from the database being back to the next message. */
const RESUMED = 10_000;
const both = engines().find(({ name }) => name === 'postgres and redis');
const own = process.env.TEST_DATABASE_URL || process.env.TEST_REDIS_URL ? 'it kills its engines, and those of TEST_… are not its own' : both?.available;
const skip = own === true ? '' : ` (skipped: ${own})`;

test.skipIf(skip !== '')(
  `a page in whose steps Redis is emptied, and Postgres killed twice, asks everybody once by each channel, in order, and goes on within 10 s${skip}`,
  { timeout: 300_000 },
  async () => {
    const [postgres, redis] = await Promise.all([startOwnPostgres(), startOwnRedis()]);
    const { dataDir, remove } = dataDirectory();
    leftovers.push(remove, () => postgres.stop(), redis.stop);
    const program = holdfast(['start', '--speed', '120'], { env: { HOLDFAST_DATA: dataDir, DATABASE_URL: postgres.databaseUrl, REDIS_URL: redis.redisUrl } });
    leftovers.push(() => program.child.kill('SIGKILL'));
    await listening(dataDir, program);

    /** Everything this person's devices get of it. */
    const each = (person: string): RegExp => new RegExp(`(to ${person} by [^]*){${EACH.length}}`);
    /** Redis is emptied and Postgres is gone for as long as it takes to start; answers the wall ms from its return until somebody is asked. */
    const lost = async (next: string): Promise<number> => {
      await redis.flushAll();
      await postgres.kill9();
      expect(program.stdout()).not.toContain(`to ${next} by`);
      await postgres.restart();
      const back = performance.now();
      await program.says(new RegExp(`to ${next} by`));
      return performance.now() - back;
    };
    program.type('/ops page web "db down"');
    await program.says(/to ada by/);
    const took = [await lost('pepe')];
    took.push(await lost('kim'));
    await redis.flushAll();
    for (const person of ['ada', 'pepe', 'kim']) await program.says(each(person));
    program.type('@kim /ops ack PG1');
    await program.says(/PG1 is with kim/);
    const text = await program.asks('/ops show PG1 --json', /^\{.*"id":"PG1".*$/m);
    program.end();
    await program.ended;

    for (const one of took) expect(one).toBeLessThan(RESUMED);
    const { state, attempts } = JSON.parse(text.match(/^\{.*"id":"PG1".*$/m)?.[0] ?? '{}') as {
      state: string;
      attempts: { person: string; channel: string; sent: string | null }[];
    };
    expect(state).toBe('acked');
    // Of a slow machine the answer may come when the page has begun again at its owner.
    const round = ['ada', 'pepe', 'kim'].flatMap((person) => EACH.map(() => person));
    expect(attempts.map(({ person }) => person).slice(0, round.length)).toEqual(round);
    expect(new Set(attempts.slice(round.length).map(({ person }) => person))).toEqual(new Set(attempts.length > round.length ? ['ada'] : []));
    const shown = [...program.stdout().matchAll(/^to (\w+) by (\w+) \(id \S+\): (?:✗ )?PG1: db down/gm)].map(([, person, channel]) => `${person} ${channel}`);
    for (const person of ['ada', 'pepe', 'kim'])
      expect(
        shown
          .filter((one) => one.startsWith(person))
          .slice(0, attempts.length > round.length ? EACH.length : undefined)
          .sort(),
      ).toEqual(EACH.map((channel) => `${person} ${channel}`));
    process.stderr.write(`a page went on ${took.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(' and ')} after Postgres was back\n`);
  },
);
