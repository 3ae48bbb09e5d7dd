import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Db } from '../src/store/db.ts';
import type { openDb } from '../src/store/open.ts';
import { engines, freePort, temporary } from '../test/engines.ts';
import { quietLog } from '../test/quiet-log.ts';
import { built } from './copy.ts';
import { startProgram } from './program.ts';
import { percentile, print, table, time } from './table.ts';

const GROUPS = 50;
const MEMBERS = 100;
/** Alertmanager posts so many groups at once. */
const AT_ONCE = 8;
const KEY = 'k'.repeat(32);

/**
 * 5,000 alerts as Alertmanager sends them, in 50 groups of 100, each of a service of its own, to the running program over HTTP: until each group is
 * acknowledged, and when it is sent again. Beside the same rows written bare, a statement a group.
 */
export async function run(): Promise<void> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const rows: string[][] = [];
  for (const engine of engines().slice(0, 2)) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const bare = await engine.start();
    const db = await open({ dataDir: temporary('alerts'), ...(bare.databaseUrl && { databaseUrl: bare.databaseUrl }), log: quietLog });
    const written = await inTurns((group) => writeBare(db, group));
    await db.close();
    await bare.stop();

    const servers = await engine.start();
    const dataDir = temporary('alerts');
    const port = await freePort();
    const program = await startProgram({ args: ['--config', configIn(dataDir, servers.databaseUrl)], dataDir, env: { PRIVATE_PORT: String(port) } });
    const first = await inTurns((group) => deliver(port, group));
    const again = await inTurns((group) => deliver(port, group));
    const shown = await program.type('show pages --json');
    const pages = (JSON.parse(shown.shown.find((text) => text.startsWith('{')) ?? '{"pages":[]}') as { pages: unknown[] }).pages.length;
    await program.stop();
    await servers.stop();
    for (const [what, taken, made] of [
      ['bare INSERT of 100 rows', written, ''],
      ['acknowledged', first, String(pages)],
      ['sent again', again, String(pages)],
    ] as const)
      rows.push([
        engine.name,
        what,
        time(taken.all),
        time(percentile(taken.each, 0.5)),
        time(percentile(taken.each, 0.99)),
        time(Math.max(...taken.each)),
        String(taken.refused),
        made,
      ]);
  }
  table([`${GROUPS * MEMBERS} alerts in groups of ${MEMBERS}, ${AT_ONCE} at once`, 'what', 'all', 'a group, p50', 'p99', 'most', '503', 'pages'], rows);
}

async function inTurns(send: (group: number) => Promise<unknown>): Promise<{ all: number; each: number[]; refused: number }> {
  let refused = 0;
  const each: number[] = [];
  let next = 0;
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    for (let group = next++; group < GROUPS; group = next++) {
      const from = performance.now();
      const answer = await send(group);
      refused += typeof answer === 'number' ? answer : 0;
      each.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { all: performance.now() - begun, each, refused };
}

const members = (group: number): { labels: Record<string, string>; fingerprint: string }[] =>
  Array.from({ length: MEMBERS }, (_, n) => ({
    labels: { alertname: 'HostDown', service: `s${group}`, instance: `host${group}-${n}:9100`, severity: 'critical' },
    fingerprint: `f${group}-${n}`,
  }));

/** As Alertmanager does it: again, until it is taken. Answers how often it was not. */
async function deliver(port: number, group: number): Promise<number> {
  const alerts = members(group).map((one) => ({ status: 'firing', startsAt: '2026-11-26T10:00:00Z', annotations: { summary: 'does not answer' }, ...one }));
  const body = JSON.stringify({ version: '4', status: 'firing', groupKey: `g${group}`, alerts });
  for (let refused = 0; ; refused += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/in/alertmanager/${KEY}`, { method: 'POST', body });
    if (answer.status === 200) return refused;
    if (answer.status !== 503) throw new Error(`a group was answered ${answer.status}: ${await answer.text()}`);
  }
}

const writeBare = (db: Db, group: number): Promise<unknown> =>
  db.query(
    `insert into alerts (integration, dedup, summary, urgency, details, started, received, heard)
     select 'bare', fingerprint, 'does not answer', 'critical', labels, now(), now(), now() from jsonb_to_recordset($1::jsonb) as said (fingerprint text, labels jsonb)`,
    [JSON.stringify(members(group))],
  );

function configIn(dataDir: string, databaseUrl: string | undefined): string {
  const file = join(dataDir, 'holdfast.yaml');
  mkdirSync(dataDir, { recursive: true });
  const config = {
    data: dataDir,
    ...(databaseUrl && { database: { url: databaseUrl } }),
    people: { ada: { role: 'operator', login: 'root', email: 'ada@example.org' } },
    hosts: { web01: { address: '127.0.0.1', port: 1 } },
    services: Object.fromEntries(Array.from({ length: GROUPS }, (_, n) => [`s${n}`, { owner: 'ada' }])),
    integrations: { am: { kind: 'alertmanager', key: KEY } },
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
