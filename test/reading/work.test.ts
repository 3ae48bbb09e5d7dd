import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import type { HostResult, ReadJob } from '../../src/jobs.ts';
import { startClock } from '../../src/lib/clocks.ts';
import { NoLongerOurs } from '../../src/queue/worker.ts';
import { beginReading, CHUNK } from '../../src/reading/begin.ts';
import { knownHosts } from '../../src/reading/knowledge.ts';
import { readChunk } from '../../src/reading/work.ts';
import type { Db, Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { type OutboxRow, reclaimLost, startWork, unqueued } from '../../src/store/outbox.ts';
import { engines } from '../engines.ts';
import { kept, quiet } from '../store/quiet.ts';

const host = (name: string): Host => ({ name, groups: [], redundancy: [], vars: {}, address: '', port: 22, ssh: {} }) as unknown as Host;
const answered = (name: string, facts = {}): HostResult => ({
  host: name,
  outcome: 'ok',
  reach: 'ok',
  facts: { kernel: '6.1', ...facts },
  findings: [],
  ms: 1,
});
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `web${n}`);

/** A reading over hosts, begun by a typed line. */
async function begin(db: Db, hosts: string[]): Promise<{ id: string; line: string; rows: OutboxRow[] }> {
  const [line] = await db.query<{ id: string }>(
    `insert into inbox (platform, event_id, actor, place, text, received, state) values ('terminal', gen_random_uuid()::text, 'ada', '{}', 'check', now(), 'begun') returning id`,
  );
  const inboxId = line?.id as string;
  const job = { name: 'check' } as ReadJob;
  const began = await db.tx((tx) => beginReading(tx, { inboxId, at: Date.now() } as never, job, {}, { expression: '@web', hosts: hosts.map(host) }));
  await db.query(`update inbox set began_kind = 'reading', began_id = $2 where id = $1`, [inboxId, began.id]);
  await db.query(`insert into cards (thing_kind, thing_id, platform, channel, place, inbox_id) values ('reading', $1, 'terminal', 'x', '{}', $2)`, [
    began.id,
    inboxId,
  ]);
  const rows: OutboxRow[] = [];
  for (const row of await unqueued(db, 1000)) rows.push((await startWork(db, row.id, row.rev, 'A:1')) as OutboxRow);
  return { id: began.id, line: inboxId, rows };
}

function world(db: Db, act: (host: Host) => Promise<HostResult>, over: { ending?: AbortSignal } = {}) {
  const log = kept();
  return {
    db,
    log,
    ssh: {} as never,
    clock: startClock(),
    fleet: () => ({ hosts: new Map(names(500).map((name) => [name, host(name)])), groups: new Map() }),
    job: () => ({ name: 'check', act }) as unknown as ReadJob,
    ending: new AbortController().signal,
    ...over,
  };
}
const chunksOf = (db: Db, id: string) =>
  db.query<{ state: string; results: HostResult[] }>('select state, results from reading_chunks where reading_id = $1 order by n', [id]);
const lineOf = async (db: Db, id: string) =>
  (await db.query<{ state: string; outcome: string | null }>('select state, outcome from inbox where id = $1', [id]))[0];
const auditOf = async (db: Db, id: string) =>
  (await db.query<{ outcome: string }>('select outcome from audit where inbox_id = $1', [id])).map(({ outcome }) => outcome);

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
afterEach(async () => {
  await db.query('truncate outbox, facts, fact_changes');
});

describe('a chunk of hosts', () => {
  test('is asked, written and ends the reading and its line, with an audit row of how it ended', async () => {
    const { id, line, rows } = await begin(db, names(3));
    await readChunk(
      world(db, async ({ name }) => answered(name)),
      rows[0] as OutboxRow,
    );
    expect((await chunksOf(db, id)).map(({ state, results }) => [state, results.length])).toEqual([['done', 3]]);
    expect(await lineOf(db, line)).toEqual({ state: 'ended', outcome: 'ok' });
    expect(await auditOf(db, line)).toEqual(['ok']);
    expect((await knownHosts(db, names(3))).get('web1')).toMatchObject({ reach: 'ok', facts: { kernel: '6.1' } });
  });

  test('keeps the answers of all others when we trip over one host, and says so with an id; of that host nothing is learned', async () => {
    const { id, line, rows } = await begin(db, names(3));
    const here = world(db, async ({ name }) => {
      if (name === 'web1') throw new TypeError('Cannot read properties of undefined');
      return answered(name);
    });
    await readChunk(here, rows[0] as OutboxRow);
    const [chunk] = await chunksOf(db, id);
    const broken = chunk?.results.find((result) => result.host === 'web1');
    const said = here.log.said.find(({ level }) => level === 'error')?.fields.id as string;
    expect(broken).toMatchObject({ outcome: 'failed', detail: expect.stringContaining(said) });
    expect([...(await knownHosts(db, names(3))).keys()].sort()).toEqual(['web0', 'web2']);
    expect(await lineOf(db, line)).toEqual({ state: 'ended', outcome: 'failed' });
  });

  test('says nothing about a host that left the inventory meanwhile, or that was given up unasked', async () => {
    const { id, rows } = await begin(db, ['web0', 'old1']);
    await readChunk(
      world(db, async ({ name }) => answered(name)),
      rows[0] as OutboxRow,
    );
    expect((await chunksOf(db, id))[0]?.results.find((result) => result.host === 'old1')).toMatchObject({
      outcome: 'failed',
      detail: 'no longer in the inventory',
    });
    expect([...(await knownHosts(db, ['web0', 'old1'])).keys()]).toEqual(['web0']);

    const again = await begin(db, ['web1']);
    await readChunk(
      world(db, async ({ name }) => answered(name)),
      { ...(again.rows[0] as OutboxRow), tries: 5 },
    );
    expect(await knownHosts(db, ['web1'])).toEqual(new Map());
    expect(await lineOf(db, again.line)).toEqual({ state: 'ended', outcome: 'failed' });
  });

  test.each(['NUL \0 here', 'half \ud83d of a character', 'an escaped \\u0000 stays', '\u001b[2J'])(
    'takes what a host says (%j) without losing the chunk',
    async (words) => {
      const { id, line, rows } = await begin(db, names(2));
      await readChunk(
        world(db, async ({ name }) => ({ ...answered(name, { hostname: words }), detail: words, findings: [{ hazard: 'x', severity: 'info', text: words }] })),
        rows[0] as OutboxRow,
      );
      expect(await lineOf(db, line)).toMatchObject({ state: 'ended' });
      const kept = words.replace('\0', '\ufffd').replace('\ud83d', '\ufffd');
      expect((await chunksOf(db, id))[0]?.results[0]).toMatchObject({ detail: kept });
      expect((await knownHosts(db, ['web0'])).get('web0')).toMatchObject({ detail: kept, facts: { hostname: kept } });
    },
  );

  test('left when the process is told to end is not written and stays to be taken up', async () => {
    const { id, line, rows } = await begin(db, names(1));
    const ending = new AbortController();
    // As the SSH room does with calls that still run.
    const closed = new Promise<HostResult>((_, reject) =>
      ending.signal.addEventListener('abort', () => reject(new Error('ssh was closed while the call ran'))),
    );
    let reached = (): void => {};
    const asking = new Promise<void>((resolve) => (reached = resolve));
    const here = world(
      db,
      () => {
        reached();
        return closed;
      },
      { ending: ending.signal },
    );
    const asked = readChunk(here, rows[0] as OutboxRow);
    await asking;
    ending.abort();
    await expect(asked).rejects.toThrow(NoLongerOurs);
    expect(here.log.said).toEqual([]);
    expect((await chunksOf(db, id))[0]).toMatchObject({ state: 'open', results: [] });
    expect(await lineOf(db, line)).toMatchObject({ state: 'begun' });
  });

  test('asked by a worker that was frozen and taken over: nothing it wakes up with is written, and nothing is shown again', async () => {
    const { id, rows } = await begin(db, names(2));
    const mine = rows[0] as OutboxRow;
    let thaw = (): void => {};
    const frozen = new Promise<void>((resolve) => (thaw = resolve));
    const late = readChunk(
      world(db, async ({ name }) => {
        if (name === 'web1') await frozen;
        return answered(name, { kernel: 'old' });
      }),
      mine,
    );
    await db.query(`update outbox set lease_until = now() - interval '1 second'`);
    await reclaimLost(db, true);
    const [again] = await unqueued(db, 1);
    await readChunk(
      world(db, async ({ name }) => answered(name, { kernel: 'new' })),
      (await startWork(db, mine.id, again?.rev as number, 'B:1')) as OutboxRow,
    );
    const shown = await db.query('select wanted_rev, final from cards where thing_id = $1', [id]);
    // Its clock for first words rings after 1.2 s of its own time.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await db.query('select wanted_rev, final from cards where thing_id = $1', [id])).toEqual(shown);
    thaw();
    await expect(late).rejects.toThrow(NoLongerOurs);
    expect((await knownHosts(db, ['web0'])).get('web0')?.facts.kernel).toBe('new');
    expect((await chunksOf(db, id))[0]?.results).toHaveLength(2);
  });

  test('whose reading is gone (pruned) is done, not tried for ever', async () => {
    const { id, rows } = await begin(db, names(1));
    await db.query('delete from readings where id = $1', [id]);
    await readChunk(
      world(db, async ({ name }) => answered(name)),
      rows[0] as OutboxRow,
    );
    expect(await db.query('select state from outbox')).toEqual([{ state: 'done' }]);
  });
});

for (const engine of engines().filter(({ name }) => name === 'postgres')) {
  const why = engine.available === true ? '' : ` — skipped: ${engine.available}`;
  test.skipIf(engine.available !== true)(
    `eight chunks that end at the same moment over two connections and more: the reading ends once, no deadlock${why}`,
    async () => {
      const running = await engine.start();
      const server = await openDb({ ...running, log: quiet });
      try {
        for (let round = 0; round < 3; round++) {
          // Two readings over the same hosts, each in its own order.
          const one = await begin(server, names(CHUNK * 4));
          const two = await begin(server, names(CHUNK * 4).reverse());
          const here = world(server, async ({ name }) => answered(name, { kernel: `6.${round}` }));
          await Promise.all([...one.rows, ...two.rows].map((row) => readChunk(here, row)));
          for (const { id, line } of [one, two]) {
            expect((await chunksOf(server, id)).map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
            expect(await lineOf(server, line)).toEqual({ state: 'ended', outcome: 'ok' });
            expect(await auditOf(server, line)).toEqual(['ok']);
          }
        }
      } finally {
        await server.close();
        await running.stop();
      }
    },
  );
}
