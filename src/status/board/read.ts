import type { Ops } from '../../ops.ts';
import type { Db } from '../../store/db.ts';
import { heldSlots } from '../../store/slots.ts';
import { type BoardCertificate, readCertificates } from './read-certificates.ts';
import { type BoardHold, type BoardIncident, readHolds, readIncidents } from './read-open.ts';
import { type BoardDuty, type BoardPage, readPeople } from './read-people.ts';
import { type BoardRun, readRuns } from './read-runs.ts';

/** Everything the board shows, as it is at one moment. Domain times, ms. */
export interface BoardNow {
  now: number;
  name: string;
  stop: ReturnType<Ops['stop']['state']>;
  incidents: BoardIncident[];
  runs: BoardRun[];
  pages: BoardPage[];
  /** Pages there are, where not all stand in `pages`. */
  openPages: number;
  holds: BoardHold[];
  /** Fullest first. */
  budgets: { budget: string; hosts: string[]; runs: string[]; limit?: number }[];
  duties: BoardDuty[];
  certificates: BoardCertificate[];
  /** Hosts that did not answer last time. */
  down: string[];
  hosts: number;
}

export type BoardWorld = Pick<Ops, 'config' | 'fleet' | 'people' | 'clock' | 'stop'> & { db: Db; simulated: boolean };

/** Budgets that get a line. */
const MOST_BUDGETS = 40;

/** Reads the board: what that takes grows with what is open, and for hosts of runs by a letter each. */
export async function readBoard(world: BoardWorld, names: Map<string, string[]>): Promise<BoardNow> {
  const { db } = world;
  const now = world.clock.now();
  const runs = await readRuns(db, now, names);
  const people = await readPeople(world, now);
  const down = await db.query<{ host: string }>(`select host from facts where reach <> 'ok' order by host`);
  const { hosts } = world.fleet();
  return {
    now,
    name: world.config().name,
    stop: world.stop.state(),
    incidents: await readIncidents(db),
    runs,
    ...people,
    holds: await readHolds(db),
    budgets: await readBudgets(db),
    certificates: await readCertificates(db, world, now),
    down: down.map(({ host }) => host).filter((host) => hosts.has(host)),
    hosts: hosts.size,
  };
}

async function readBudgets(db: Db): Promise<BoardNow['budgets']> {
  const slots = await heldSlots(db);
  const plans = await db.query<{ id: string; limits: Record<string, number> | null }>(`select id, plan -> 'limits' as limits from runs where id = any ($1)`, [
    [...new Set(slots.map(({ run }) => run))],
  ]);
  const budgets = new Map<string, BoardNow['budgets'][number]>();
  for (const { budget, host, run } of slots) {
    const held = budgets.get(budget) ?? { budget, hosts: [], runs: [] };
    const limit = plans.find(({ id }) => id === run)?.limits?.[budget];
    if (limit !== undefined) held.limit = Math.min(limit, held.limit ?? Infinity);
    held.hosts.push(host);
    if (!held.runs.includes(run)) held.runs.push(run);
    budgets.set(budget, held);
  }
  const share = ({ hosts, limit = 1 }: BoardNow['budgets'][number]): number => hosts.length / limit;
  return [...budgets.values()].sort((a, b) => share(b) - share(a) || (a.budget < b.budget ? -1 : 1)).slice(0, MOST_BUDGETS);
}
