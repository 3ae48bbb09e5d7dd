import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Config, ConfigSchema } from '../../src/config/schema.ts';
import { openConnections } from '../../src/deliver/connections.ts';
import { startClock } from '../../src/lib/clocks.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { armTimer } from '../../src/store/timers.ts';
import { judge } from '../../src/watch/judge.ts';
import type { Measured } from '../../src/watch/measure.ts';
import { openWatch } from '../../src/watch/open.ts';
import { putPage } from '../deliver/some-pages.ts';
import { kept } from '../store/quiet.ts';

/** The machine of a test may be busy. */
const PATIENT = { timeout: 10_000 };

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: kept() });
});
afterAll(() => db.close());
beforeEach(() => db.query('truncate pages, page_attempts, timers, messages, outbox, inbox, leases cascade'));

/** A service that expects heartbeats. */
async function checks() {
  let beats = 0;
  const server = createServer((_, response) => {
    beats += 1;
    response.end('OK');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-check`, beats: () => beats };
}

function watching(config: Config, place = 'here') {
  const connections = openConnections();
  const log = kept();
  const said: string[] = [];
  const watch = openWatch({
    ...{ db, log, connections, place },
    clock: startClock(),
    config: () => config,
    every: 30,
    pages: {
      async ask(tx, { text, about, by, at }) {
        said.push(text);
        await tx.query(`insert into pages (id, text, urgency, about, by, opened) values ($1, $2, 'high', $3, $4, $5)`, [
          `PG${place}${said.length}`,
          text,
          about,
          by,
          new Date(at),
        ]);
      },
      async resolve(tx, { pages }) {
        const over = await tx.query(`update pages set state = 'resolved' where id = any ($1::text[]) and state = 'open' returning id`, [pages]);
        if (over.length > 0) said.push('over');
      },
    },
  });
  onTestFinished(() => watch.close());
  return { watch, connections, log, said };
}

const lateTimer = () => db.tx((tx) => armTimer(tx, { kind: 'nobody handles', ref: 'x', due: Date.now() - 14_000 }));

describe('Holdfast looks at itself', () => {
  test('and beats while all is well; once something is late it stops, pages once, and says when it is over', async () => {
    const { url, beats } = await checks();
    const { watch, said } = watching(ConfigSchema.parse({ watch: { heartbeats: url, every: '1ms' } }));
    // A machine that looked at hosts and was taken away left this.
    await db.tx((tx) => armTimer(tx, { kind: 'down:old-machine', ref: 'look', due: Date.now() - 60_000 }));
    await expect.poll(beats, PATIENT).toBeGreaterThan(2);
    expect(watch.state()).toMatchObject({ well: true });
    await lateTimer();
    await expect.poll(() => said, PATIENT).toEqual([expect.stringMatching(/^Holdfast itself is unwell: timers are 1\d s late$/)]);
    const before = beats();
    await expect.poll(() => watch.state().age, PATIENT).toBeLessThan(30);
    await expect.poll(() => watch.state(), PATIENT).toMatchObject({ well: false });
    expect(beats()).toBe(before);
    expect(said).toHaveLength(1);
    await db.query('delete from timers');
    await expect.poll(() => said, PATIENT).toEqual([expect.any(String), 'over']);
    await expect.poll(beats, PATIENT).toBeGreaterThan(before);
  });

  test('and two processes that find the same page once', async () => {
    await lateTimer();
    const config = ConfigSchema.parse({});
    const [one, two] = [watching(config), watching(config, 'there')];
    await expect.poll(() => one.said.length + two.said.length, PATIENT).toBe(1);
    await expect.poll(() => [one.watch.state().well, two.watch.state().well], PATIENT).toEqual([false, false]);
    expect(await db.query('select count(*)::int as n from pages')).toEqual([{ n: 1 }]);
  });

  test('and one that is well leaves the page of another that is not, until that other one is gone', async () => {
    const config = ConfigSchema.parse({});
    const ill = watching(config, 'there');
    ill.connections.report({ name: 'slack socket 1', platform: 'slack', ok: false, says: 'closed' });
    ill.connections.all().map((one) => Object.assign(one, { since: Date.now() - 180_000 }));
    await expect.poll(() => ill.said, PATIENT).toHaveLength(1);
    // A host may have any name, and a page of its own.
    await db.query(`insert into pages (id, text, urgency, about, by, opened) values ('PG9', 'dead', 'high', 'holdfast', 'down', now())`);
    const well = watching(config);
    await expect.poll(() => well.watch.state().well, PATIENT).toBe(true);
    const states = () => db.query(`select about, state from pages order by about`);
    expect(await states()).toEqual([
      { about: 'holdfast', state: 'open' },
      { about: 'holdfast:there', state: 'open' },
    ]);
    expect(ill.said).toHaveLength(1);
    await ill.watch.close();
    await db.query(`update leases set held_until = now() - interval '1 s'`);
    await expect.poll(() => well.said, PATIENT).toEqual(['over']);
    expect(await states()).toEqual([
      { about: 'holdfast', state: 'open' },
      { about: 'holdfast:there', state: 'resolved' },
    ]);
  });

  test('and shows Prometheus how it stands', async () => {
    const { watch, connections } = watching(ConfigSchema.parse({}));
    connections.report({ name: 'slack socket 1', platform: 'slack', ok: false, says: 'closed' });
    await putPage(db, 'PG1', [{ due: Date.now() - 3_000 }]);
    watch.tried(
      {
        attempt: { id: '1', page: 'PG1', n: 1, round: 0, step: 0, person: 'ada', channel: 'sms', due: new Date(), notice: false, tries: 1, unsure: false },
        delivery: { sent: false, why: 'no', says: '21211' },
        looked: false,
        canFind: true,
      },
      120,
    );
    await expect.poll(async () => (await watch.metrics()).text, PATIENT).toContain('holdfast_connection_up{name="slack socket 1"} 0');
    const { text, type } = await watch.metrics();
    expect(type).toContain('text/plain');
    expect(text).toContain('holdfast_page_tries_total{channel="sms",outcome="no"} 1');
    expect(text).toContain('holdfast_waiting{what="pages"} 1');
    expect(Number(/holdfast_late_seconds\{what="pages"\} ([\d.]+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(3);
  });

  test('and no log names the address of a heartbeat', async () => {
    const { watch, log, connections } = watching(ConfigSchema.parse({ watch: { heartbeats: 'http://127.0.0.1:9/very-secret', every: '1ms' } }));
    await expect.poll(() => connections.all().map(({ ok }) => ok), PATIENT).toEqual([false]);
    await watch.close();
    expect(JSON.stringify([log.said, connections.all()])).not.toContain('very-secret');
  });
});

describe('what is well', () => {
  const fine: Measured = {
    late: { timers: 0, pages: 0 },
    waits: { lines: { oldest: 0, rows: 0 }, work: { oldest: 0, rows: 0 }, messages: { oldest: 0, rows: 0 }, pages: { oldest: 0, rows: 0 } },
    resting: 0,
    openPages: 3,
    connections: [],
  };
  const bounds = { late: 10_000, stuck: 120_000 };
  const gone = { name: 'slack socket 1', platform: 'slack', ok: false, says: 'closed' };

  test.each<[string, Partial<Measured>, string[]]>([
    ['open pages are people’s business', {}, []],
    ['a page nobody tried', { late: { timers: 0, pages: 11_000 } }, ['pages are 11 s late']],
    ['lines that wait', { waits: { ...fine.waits, lines: { oldest: 240_000, rows: 3 } } }, ['3 typed lines wait, the oldest for 4 min']],
    ['tries that wait by their own back-off', { waits: { ...fine.waits, pages: { oldest: 900_000, rows: 3 } } }, []],
    ['a connection that blinked', { connections: [{ ...gone, since: 1_000_000 - 30_000 }] }, []],
    ['one that stays away', { connections: [{ ...gone, since: 1_000_000 - 180_000 }] }, ['slack socket 1 is gone for 3 min: closed']],
    ['whoever expects heartbeats and refuses them', { connections: [{ ...gone, name: 'heartbeat 1', platform: 'heartbeat', since: 1_000_000 - 180_000 }] }, []],
  ])('%s', (_, more, because) => {
    const judged = judge({ ...fine, ...more }, 1_000_000, bounds);
    expect(judged.well ? [] : judged.because).toEqual(because);
  });
});
