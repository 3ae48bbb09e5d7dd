import { expect, onTestFinished, test as plain } from 'vitest';
import { openDb } from '../../src/store/open.ts';
import { type Engine, engines } from '../engines.ts';
import { quiet } from '../store/quiet.ts';
import { type AtWorkOptions, atWork } from './at-work.ts';

/** What people say at the same instant, on a Postgres where transactions really run beside each other. */
const postgres = engines().find(({ name }) => name === 'postgres') as Engine;
const test = plain.skipIf(postgres.available !== true);
const skipping = postgres.available === true ? '' : ` (skipped: ${postgres.available})`;

const PEOPLE = ['you', 'ada', 'eve'].map((name) => ({ name, display: name, roles: [{ role: 'admin' as const }], zone: 'UTC' }));
const hosts = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `web${n + 1}`, site: 'bne', ring: 'prod' }));

async function world(options: AtWorkOptions) {
  const running = await postgres.start();
  const store = await openDb({ dataDir: '', databaseUrl: running.databaseUrl, log: quiet });
  onTestFinished(async () => {
    await store.close();
    await running.stop();
  });
  const at = await atWork({ people: PEOPLE, store, ...options });
  return {
    ...at,
    /** Types all of it at once; resolves to how each line ended, with time passing. */
    async together(lines: [text: string, actor: string][]): Promise<string[]> {
      return Promise.all(lines.map(([text, actor]) => at.type(text, actor)));
    },
    async deadlocks(): Promise<number> {
      const [row] = await store.query<{ n: number }>(`select deadlocks::int as n from pg_stat_database where datname = current_database()`);
      return row?.n ?? -1;
    },
  };
}

const fromLost =
  (gone: () => boolean): NonNullable<AtWorkOptions['behave']> =>
  (host, step) =>
    host === 'web1' && step === 'verify' && gone() ? { step: 'end', outcome: 'lost', detail: 'did not come back' } : undefined;

test(`two people approve at the same instant: one of them does, and every host is done once${skipping}`, async () => {
  const at = await world({ hosts: hosts(4) });
  await at.type('shake @all batch 2');
  const ends = await at.together([
    ['approve R1', 'ada'],
    ['approve R1', 'eve'],
    ['approve R1', 'ada'],
  ]);
  expect(ends.sort()).toEqual(['ok', 'refused', 'refused']);
  expect((await at.events('R1')).filter(({ type }) => type === 'approved')).toHaveLength(1);
  expect(at.acted.map(({ intent }) => intent)).toHaveLength(4);
  expect(new Set(at.acted.map(({ host }) => host)).size).toBe(4);
});

test(`an approval and a stop at the same instant: whoever is first, nothing goes on after${skipping}`, { timeout: 60_000 }, async () => {
  const at = await world({ hosts: hosts(3) });
  for (let n = 1; n <= 6; n += 1) {
    await at.type('shake @all batch 1');
    const order: [string, string][] = [
      [`approve R${n}`, 'ada'],
      [`stop R${n}`, 'eve'],
    ];
    const [said] = await at.together(n % 2 ? order : order.reverse());
    expect(said).toBeDefined();
    const run = await at.run(`R${n}`);
    expect(['cancelled', 'halted', 'done']).toContain(run.state);
    const acted = at.acted.length;
    await at.pass(600_000);
    expect(at.acted.length).toBe(acted);
  }
  expect(await at.deadlocks()).toBe(0);
});

test(`go, go retry and release slot at the same instant: a host in flight holds its places, and none is held twice${skipping}`, {
  timeout: 60_000,
}, async () => {
  let gone = true;
  const at = await world({ hosts: hosts(4), behave: fromLost(() => gone) });
  await at.type('shake @all batch 2');
  expect(await at.type('approve R1', 'ada')).toBe('halted');
  gone = false;
  await at.together([
    ['go R1 retry', 'ada'],
    ['release slot web1 because it is scrap', 'you'],
    ['go R1', 'eve'],
    ['go R1 retry', 'you'],
  ]);
  const run = await at.run();
  expect(run.state).toBe('done');
  expect(run.hosts.every(({ outcome }) => outcome === 'ok' || outcome === 'lost')).toBe(true);
  expect(await at.held()).toEqual([]);
  const twice = await at.db.query(`select budget, intent from slots group by budget, intent having count(*) > 1`);
  expect(twice).toEqual([]);
  expect(at.acted.filter(({ intent }) => intent.startsWith('R1-web1-1'))).toHaveLength(1);
  expect(await at.deadlocks()).toBe(0);
});

test(`a run is woken by ten processes' worth of work at once: it is decided about one after the other, and starts nothing twice${skipping}`, async () => {
  const at = await world({ hosts: hosts(6) });
  await at.type('shake @all batch 2');
  const line = at.type('approve R1', 'ada');
  for (let n = 0; n < 10; n += 1) {
    await at.db.tx(async (tx) => {
      await tx.query(`insert into outbox (kind, ref, risk) select 'run', 'R1', 'read' from generate_series(1, 5)`);
      await tx.notify('outbox');
    });
  }
  expect(await line).toBe('ok');
  expect(at.acted).toHaveLength(6);
  const most = Math.max(...at.acted.map(({ from }) => at.acted.filter((other) => other.from <= from && from < (other.to ?? 0)).length));
  expect(most).toBeLessThanOrEqual(2);
  expect(await at.deadlocks()).toBe(0);
});
