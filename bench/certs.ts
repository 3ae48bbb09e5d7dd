import { createHash } from 'node:crypto';
import type { HostCertificates } from '../src/certificates/certificate.ts';
import type { countEnding } from '../src/certificates/counted.ts';
import type { certificatesEnding } from '../src/certificates/ending.ts';
import type { openDb } from '../src/store/open.ts';
import { engines, temporary } from '../test/engines.ts';
import { quietLog } from '../test/quiet-log.ts';
import { built } from './copy.ts';
import { median, megabytes, percentile, print, table, time } from './table.ts';

const HOSTS = 5_000;
const EACH = 20;
const CHUNK = 50;
const DAY = 86_400_000;
const TIMES = 20;

/** 5,000 hosts with 20 certificates each, of which one in 400 ends within 30 days: what the looks of a day write, and what is asked of it. */
export async function run(): Promise<void> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const rows = await built<typeof import('../src/certificates/rows.ts')>('src/certificates/rows');
  const { certificatesEnding: ending } = await built<{ certificatesEnding: typeof certificatesEnding }>('src/certificates/ending');
  const { countEnding: count } = await built<{ countEnding: typeof countEnding }>('src/certificates/counted');
  const now = Date.now();
  const hosts = Array.from({ length: HOSTS }, (_, n) => `sim${String(n + 1).padStart(4, '0')}`);
  const result: string[][] = [];
  for (const engine of engines().slice(0, 2)) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const servers = await engine.start();
    const db = await open({ dataDir: temporary('certs'), ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
    const put = async (): Promise<number[]> => {
      const took: number[] = [];
      for (let n = 0; n < HOSTS; n += CHUNK) {
        const found = new Map(hosts.slice(n, n + CHUNK).map((host, i) => [host, certificatesOn(host, n + i, now)]));
        took.push(await timed(() => db.tx((tx) => rows.putCertificates(tx, found, now))));
      }
      return took;
    };
    const before = process.memoryUsage().rss;
    const [first, again] = [await put(), await put()];
    const grown = process.memoryUsage().rss - before;
    result.push(row(engine.name, 'first look, per 50 hosts (1,000 rows)', first), row(engine.name, 'the same again, per 50 hosts', again));
    const asked: Record<string, () => Promise<unknown>> = {
      'certs expiring 30d, 5,000 hosts': () => rows.certificatesOf(db, hosts, { before: now + 30 * DAY }),
      'status: how many end': () => count(db, now),
      'the ladder: who is to be asked': () => ending(db, now + 30 * DAY),
      'certs of one host': () => rows.certificatesOf(db, ['sim2500']),
      'certs: the 2,000 that end first': () => rows.certificatesOf(db, hosts, { most: 2_000 }),
      'certs: how many there are': () => rows.countCertificates(db, hosts, { now, before: now + 30 * DAY }),
    };
    for (const [what, ask] of Object.entries(asked)) {
      await ask();
      const took: number[] = [];
      for (let n = 0; n < TIMES; n += 1) took.push(await timed(ask));
      result.push(row(engine.name, what, took));
    }
    print(`${engine.name}: memory grew by ${megabytes(grown)} over the looks, and stood at ${megabytes(process.memoryUsage().rss)} after everything was asked`);
    await db.close();
    await servers.stop();
  }
  table(['engine', `${HOSTS.toLocaleString('en')} hosts × ${EACH} certificates`, 'p50', 'p99'], result);
}

const row = (engine: string, what: string, took: readonly number[]): string[] => [engine, what, time(median(took)), time(percentile(took, 0.99))];

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function certificatesOn(host: string, n: number, now: number): HostCertificates {
  const held = Array.from({ length: EACH }, (_, i) => {
    const hash = createHash('sha256').update(`${host} ${i}`).digest('hex');
    return {
      ...{ kind: i === 0 ? ('ca' as const) : ('leaf' as const), subject: `CN=${host}-${i}`, issuer: 'CN=internal', sans: [`DNS:${host}-${i}.example.org`] },
      ...{ selfIssued: i === 0, serial: hash.slice(0, 16).toUpperCase(), pin: hash, fingerprint: hash, begins: now - 30 * DAY },
      ends: now + ((n * EACH + i) % 400 === 1 ? 20 : 60 + i * 10) * DAY,
      ...{ path: `/etc/ssl/service-${i}.crt`, n: 0, trust: i === 0, owner: 'root:root', mode: '644', mtime: 1_700_000_000, servedOn: i === 1 ? [443] : [] },
    };
  });
  return { held, wrong: [], unread: [], seen: [], more: false };
}
