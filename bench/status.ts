import { Agent, request } from 'node:http';
import { Hono } from 'hono';
import type { listenAt } from '../src/ingest/listen.ts';
import type { openModel } from '../src/status/model.ts';
import type { publicApp } from '../src/status/serve.ts';
import type { Db } from '../src/store/db.ts';
import type { openDb } from '../src/store/open.ts';
import { engines, temporary } from '../test/engines.ts';
import { quietLog } from '../test/quiet-log.ts';
import { built } from './copy.ts';
import { memoryOf } from './process.ts';
import { megabytes, percentile, print, table, time } from './table.ts';

const INCIDENTS = 1_000;
const EVENTS = 50;
const REQUESTS = 4_000;
const AT_ONCE = 20;

/**
 * The page over 1,000 incidents of 50 events: how long a reader waits (two at a time), and how many a second (20 at a time) beside a bare server of hono's with the same listener and
 * the same bytes in the same run. The client is in the same process: all three share it.
 */
export async function run(): Promise<void> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const { openModel: modelOf } = await built<{ openModel: typeof openModel }>('src/status/model');
  const { publicApp: appOf } = await built<{ publicApp: typeof publicApp }>('src/status/serve');
  const { listenAt: listen } = await built<{ listenAt: typeof listenAt }>('src/ingest/listen');
  const limits = { head: 5_000, request: 10_000, idle: 5_000, finish: 1_500, connections: 2_000 };
  const rows: string[][] = [];
  for (const engine of engines().slice(0, 2)) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const servers = await engine.start();
    const db = await open({ dataDir: temporary('status'), ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
    await fill(db);
    const config = { name: 'bench', timezone: 'UTC', status: {}, components: COMPONENTS, services: {}, groups: {}, people: {}, policies: {}, rosters: {} };
    const fleet = { hosts: new Map(), groups: new Map() };
    const model = await modelOf({
      db,
      log: quietLog,
      clock: { now: Date.now },
      config: () => config as never,
      fleet: () => fleet,
      url: () => 'http://127.0.0.1',
    });
    const app = appOf({ model, log: quietLog });
    const page = await listen({ host: '127.0.0.1', port: 0, log: quietLog, limits, fetch: (asked) => app.fetch(asked) });
    const before = memoryOf(process.pid).rss;
    const begun = performance.now();
    await get(`${page.url}/`);
    const first = performance.now() - begun;
    for (const [name, path] of [
      ['the page', () => '/'],
      ['summary.json', () => '/api/v2/summary.json'],
      ['incidents.json', () => '/api/v2/incidents.json'],
      ['history.atom', () => '/history.atom'],
      ['any incident', (n: number) => `/incidents/${code(n % INCIDENTS)}`],
    ] as const) {
      const body = await get(page.url + path(0));
      const fresh = name === 'any incident' ? await load(page.url, path, INCIDENTS, 2) : undefined;
      if (fresh)
        rows.push([
          engine.name,
          'any incident, for the first time',
          '',
          time(percentile(fresh.ms, 0.5)),
          time(percentile(fresh.ms, 0.99)),
          perSecond(fresh),
          '',
          '',
        ]);
      const bare = await bareServer(listen, limits, body);
      await load(bare.url, () => '/', REQUESTS / 4);
      const floor = await load(bare.url, () => '/', REQUESTS);
      const ours = await load(page.url, path, REQUESTS);
      const calm = await load(page.url, path, REQUESTS / 4, 2);
      await bare.close();
      rows.push([
        engine.name,
        name,
        `${Math.round(body.length / 1024)} KB`,
        time(percentile(calm.ms, 0.5)),
        time(percentile(calm.ms, 0.99)),
        perSecond(ours),
        perSecond(floor),
        ratio(ours, floor),
      ]);
    }
    const stop = writeOften(db);
    const stormy = await load(page.url, () => '/', REQUESTS / 4, 2);
    await stop();
    rows.push([
      engine.name,
      'the page, while an update is written every 100 ms',
      '',
      time(percentile(stormy.ms, 0.5)),
      time(percentile(stormy.ms, 0.99)),
      perSecond(stormy),
      '',
      '',
    ]);
    print(`${engine.name}: the first reader waited ${time(first)}; memory ${megabytes(before)} before, ${megabytes(memoryOf(process.pid).rss)} after`);
    await page.close();
    await model.close();
    await db.close();
    await servers.stop();
  }
  table([`${INCIDENTS} incidents of ${EVENTS} events`, 'what', 'bytes', 'p50', 'p99', 'a second', 'bare hono', 'by bare hono'], rows);
}

const COMPONENTS = Object.fromEntries(['Compute', 'Website', 'Panel'].map((name) => [name, { services: [], showcase: true }]));

/** 12 characters, as codes are. */
const code = (n: number): string => `b${String(n).padStart(11, '0')}`;

async function fill(db: Db): Promise<void> {
  await db.query(
    `insert into incidents (id, code, state, title, severity, public, by, began, opened, resolved, changed)
     select 'INC-' || n, 'b' || lpad(n::text, 11, '0'), case when n < 3 then 'identified' else 'resolved' end, 'Hosts reboot by themselves ' || n, 'major', true, 'ada',
       now() - make_interval(hours => n * 6), now() - make_interval(hours => n * 6), case when n < 3 then null else now() - make_interval(hours => n * 6 - 2) end, now() - make_interval(hours => n * 6 - 2)
     from generate_series(0, ${INCIDENTS - 1}) n`,
  );
  await db.query(
    `insert into incident_updates (incident, n, code, status, body, by, at)
     select 'INC-' || n, u, 'u' || lpad((n * ${EVENTS} + u)::text, 11, '0'), case when u < 5 then 'investigating' else 'identified' end,
       'We have found what makes the hosts reboot, and take it away from one after the other. Update ' || u, 'ada', now() - make_interval(hours => n * 6, mins => -u)
     from generate_series(0, ${INCIDENTS - 1}) n, generate_series(1, ${EVENTS}) u`,
  );
  await db.query(
    `insert into incident_hosts (incident, host, down, up, cause, source)
     select 'INC-' || n, 'kvm' || h, now() - make_interval(hours => n * 6), now() - make_interval(hours => n * 6 - 1), 'kernel panic', 'check'
     from generate_series(0, ${INCIDENTS - 1}) n, generate_series(1, 17) h`,
  );
  await db.query(
    `insert into component_changes (component, status, at, incident)
     select 'Compute', case when up then 'operational' else 'major_outage' end, now() - make_interval(hours => n * 6 - case when up then 2 else 0 end), 'INC-' || n
     from generate_series(${INCIDENTS - 1}, 0, -1) n, (values (false), (true)) as both_ (up) order by n desc, up`,
  );
  for (const name of ['incidents', 'incident_updates', 'incident_hosts', 'component_changes']) await db.query(`analyze ${name}`);
}

function bareServer(listen: typeof listenAt, limits: Parameters<typeof listenAt>[0]['limits'], body: Buffer): ReturnType<typeof listenAt> {
  const app = new Hono();
  const bytes = new Uint8Array(body);
  app.get('*', (c) => c.body(bytes, 200, { 'content-type': 'text/html; charset=utf-8' }));
  return listen({ host: '127.0.0.1', port: 0, log: quietLog, limits, fetch: (asked) => app.fetch(asked) });
}

/** So many requests, some at a time on connections that stay. */
async function load(url: string, path: (n: number) => string, requests: number, atOnce = AT_ONCE): Promise<{ ms: number[]; wall: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const ms: number[] = [];
  const begun = performance.now();
  let next = 0;
  const reader = async (): Promise<void> => {
    while (next < requests) {
      const n = next++;
      const asked = performance.now();
      await get(url + path(n), agent);
      ms.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  agent.destroy();
  return { ms, wall: performance.now() - begun };
}

function get(url: string, agent?: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...(agent && { agent }) }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => (answer.statusCode === 200 ? resolve(Buffer.concat(parts)) : reject(new Error(`${url} answered ${answer.statusCode}`))));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Each is an event that everybody who reads next sees. */
function writeOften(db: Db): () => Promise<void> {
  let n = EVENTS;
  const writing = setInterval(() => {
    n += 1;
    void db.query(`insert into incident_updates (incident, n, code, status, body, by, at) values ('INC-0', $1, $2, 'identified', 'We go on.', 'ada', now())`, [
      n,
      `w${String(n).padStart(11, '0')}`,
    ]);
  }, 100);
  return async () => {
    clearInterval(writing);
    await db.query('select 1');
  };
}

const perSecond = ({ ms, wall }: { ms: number[]; wall: number }): string => String(Math.round((ms.length * 1000) / wall));
const ratio = (ours: { ms: number[]; wall: number }, floor: { ms: number[]; wall: number }): string =>
  (ours.ms.length / ours.wall / (floor.ms.length / floor.wall)).toFixed(2);
