import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openDb } from '../../../src/store/open.ts';
import { temporary } from '../../engines.ts';
import { quiet } from '../quiet.ts';
import { type Deed, makeDisk, nothingSurvives, type Survives } from './disk.ts';

// The method is described in docs/reliability.md, "Power cut on the embedded store".
const TRANSACTIONS = 150;
/** More, and others, by hand: POWER_CUTS=100 POWER_SEED=7 npx vitest run test/store/power */
const CUTS = Number(process.env.POWER_CUTS ?? 4);
const SEED = Number(process.env.POWER_SEED ?? 1);
const LONG = 60_000 + CUTS * 10_000;
const noMigrations = temporary('none');

describe('power cut on the embedded store', { timeout: LONG }, () => {
  let durable: Deed[];
  let shipped: Deed[];
  beforeAll(async () => {
    [durable, shipped] = await Promise.all([recordOf('durable'), recordOf('shipped')]);
  }, LONG);

  test('with everything unsynced lost, no acknowledged transaction is lost, wherever the cut falls', async () => {
    for (const { at, acknowledged, lost } of await afterCuts(durable, cuts(durable, CUTS, seeded(SEED)), nothingSurvives)) {
      expect(lost, `cut after deed ${at}, ${acknowledged} acknowledged`).toEqual([]);
    }
  });

  test('with unsynced writes surviving by halves and torn at the sector, none is lost either', async () => {
    const random = seeded(SEED + 1);
    for (const { at, acknowledged, lost } of await afterCuts(durable, cuts(durable, CUTS, random), () => random() < 0.5)) {
      expect(lost, `cut after deed ${at}, ${acknowledged} acknowledged`).toEqual([]);
    }
  });

  test('a cut during the first start leaves a directory that the next start uses', async () => {
    const random = seeded(SEED + 2);
    const told = durable.findIndex((deed) => deed.do === 'acknowledged');
    const during = [0.3, 0.8].map((share) => Math.floor(told * share));
    for (const after of await afterCuts(durable, during, () => random() < 0.5)) expect(after).toMatchObject({ acknowledged: 0, started: true });
  });

  test('the same method finds what PGlite loses as it is shipped: nearly everything', async () => {
    const [after] = await afterCuts(shipped, [shipped.length], nothingSurvives);
    expect(after?.acknowledged).toBe(TRANSACTIONS);
    expect(after?.lost.length).toBeGreaterThan(TRANSACTIONS / 2);
  });
});

/** What a process that committed transactions did to its files, and when it was told of each commit. */
async function recordOf(kind: 'durable' | 'shipped'): Promise<Deed[]> {
  const folder = temporary(`power-${kind}`);
  const file = join(temporary('record'), 'deeds.jsonl');
  const writer = join(import.meta.dirname, 'writer.ts');
  await new Promise<void>((done, fail) => {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, folder, file, kind, String(TRANSACTIONS)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    child.once('exit', (code) => (code === 0 ? done() : fail(new Error(`the writer ended with ${code}: ${said}`))));
  });
  rmSync(folder, { recursive: true, force: true });
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => JSON.parse(line) as Deed);
}

interface After {
  /** How many deeds were done. */
  at: number;
  acknowledged: number;
  lost: number[];
  started: boolean;
}

/** For each cut: rebuilds the directory as it would be found after so many deeds, and starts Holdfast's store on it. */
async function afterCuts(deeds: Deed[], at: number[], survives: Survives): Promise<After[]> {
  const disk = makeDisk();
  const all: After[] = [];
  let done = 0;
  let acknowledged = 0;
  for (const end of at.toSorted((a, b) => a - b)) {
    for (const deed of deeds.slice(done, end)) {
      disk.tell(deed);
      if (deed.do === 'acknowledged') acknowledged = deed.n;
    }
    done = end;
    all.push({ at: end, acknowledged, ...(await startOn(disk.found(survives), acknowledged)) });
  }
  return all;
}

async function startOn(found: Map<string, Buffer | 'folder'>, acknowledged: number): Promise<{ lost: number[]; started: boolean }> {
  const dataDir = temporary('after-cut');
  for (const [path, what] of found) {
    const full = join(dataDir, path);
    mkdirSync(what === 'folder' ? full : dirname(full), { recursive: true });
    if (what !== 'folder') writeFileSync(full, what);
  }
  const all = Array.from({ length: acknowledged }, (_, i) => i + 1);
  try {
    const db = await openDb({ dataDir, log: quiet, migrations: noMigrations });
    const there = await db.query<{ n: number }>(acknowledged === 0 ? 'SELECT 0 AS n' : 'SELECT n FROM told').finally(() => db.close());
    const rows = new Set(there.map(({ n }) => n));
    return { lost: all.filter((n) => !rows.has(n)), started: true };
  } catch {
    return { lost: all, started: false };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Cuts anywhere between the first transaction and the last, the moment after an acknowledgement, and the very end. */
function cuts(deeds: Deed[], count: number, random: () => number): number[] {
  const told = deeds.flatMap((deed, i) => (deed.do === 'acknowledged' ? [i + 1] : []));
  const first = told[0] as number;
  const anywhere = Array.from({ length: count - 3 }, () => first + Math.floor(random() * (deeds.length - first)));
  const justTold = Array.from({ length: 2 }, () => told[Math.floor(random() * told.length)] as number);
  return [...anywhere, ...justTold, deeds.length];
}

/** Mulberry32: the same cuts every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
