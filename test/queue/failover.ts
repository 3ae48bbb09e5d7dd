import { expect, onTestFinished } from 'vitest';
import { atWork } from './at-work.ts';
import { cutOff, freeze, type ManyRedis } from './redis-servers.ts';

const numbered = (name: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${name} ${i}`);
/** Failing over takes the servers about 3 s here; a busy machine is given time, and is still told from one that never goes on. */
const SECONDS = 20_000;

/** Work through servers in good health. */
export async function flows(servers: ManyRedis): Promise<void> {
  const work = await atWork(servers.url);
  expect(work.queue.healthy()).toMatchObject({ ok: true, advice: [] });
  await work.put(numbered('calm', 300));
  await expect.poll(work.states, { timeout: SECONDS }).toEqual({ done: 300 });
  expect(new Set(await work.written())).toEqual(new Set(numbered('calm', 300)));
}

/**
 * The master is killed with work only it knows of. Work goes on at the copy that took over; what was lost there comes
 * again from the outbox, and what was in hand is done once. Answers how long nothing went on; wall ms.
 */
export async function masterKilled(servers: ManyRedis): Promise<number> {
  const roles = await servers.roles();
  const work = await atWork(servers.url);
  const heal = await cutOff(roles);
  const { go } = work.hold();
  await work.put(numbered('lost', 60));
  await expect.poll(work.states).toEqual({ started: 4, queued: 56 });
  await roles.master.kill9();
  go();
  const gap = await work.untilItGoesOn();
  // Acknowledged by Redis, and not there any more: the test would prove nothing if it were.
  expect(await work.db.query(`select 1 from outbox where state = 'queued' and ref like 'lost%'`)).toHaveLength(56);
  await heal();
  await expect.poll(work.queue.state, { timeout: SECONDS }).toEqual({ waiting: 0, active: 0 });
  await work.leasesEnd();
  await finished(work);
  expect((await work.written()).filter((ref) => ref.startsWith('lost'))).toHaveLength(60);
  return gap;
}

/** The master hangs: its connections stay open, and nothing comes. Answers how long nothing went on; wall ms. */
export async function masterHangs(servers: ManyRedis): Promise<number> {
  const { master } = await servers.roles();
  const work = await atWork(servers.url);
  await work.put(numbered('before', 20));
  await expect.poll(work.states).toEqual({ done: 20 });
  onTestFinished(await freeze(master));
  const gap = await work.untilItGoesOn();
  await work.leasesEnd();
  await finished(work);
  return gap;
}

/** Nothing runs at the start; what is put out meanwhile is done when it comes. */
export async function comesLater(servers: ManyRedis): Promise<void> {
  await Promise.all(servers.guides.map((server) => server.kill9()));
  const work = await atWork(servers.url);
  await work.put(numbered('early', 20));
  expect(work.queue.healthy()).toMatchObject({ ok: false, says: expect.stringContaining('does not answer: what is due waits in the database') });
  await Promise.all(servers.guides.map((server) => server.restart()));
  await finished(work);
  expect(await work.written()).toHaveLength(20);
  expect(work.queue.healthy()).toMatchObject({ ok: true });
  const said = work.log.said.map(({ message }) => message).filter((message) => message.startsWith('Redis'));
  expect(said).toEqual(['Redis does not answer; what is due waits in the database', 'Redis is back']);
}

/** Every row is done, and every effect was written once. */
async function finished(work: Awaited<ReturnType<typeof atWork>>): Promise<void> {
  await expect.poll(async () => Object.keys(await work.states()), { timeout: SECONDS }).toEqual(['done']);
  const [refs, { done }] = [await work.written(), await work.states()];
  expect(new Set(refs).size).toBe(refs.length);
  expect(refs).toHaveLength(done as number);
}
