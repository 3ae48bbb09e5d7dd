import { defaultsOf } from '../config/defaults.ts';
import type { Config } from '../config/schema.ts';
import type { Renderer, Shown } from '../deliver/shown.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { powerOffer } from '../fleet/power/offer.ts';
import type { Job } from '../jobs.ts';
import type { Queries } from '../store/db.ts';
import { type ApproverWorld, approversOf, ringAsked } from './approvers.ts';
import { runCard } from './card.ts';
import { jsonHosts, jsonLimits, runJson } from './json.ts';
import { loadRun, type ShownRun } from './load.ts';
import { outcomesOf } from './outcomes.ts';
import { runProgress } from './progress.ts';
import type { RunRow } from './rows.ts';

export interface ShowWorld {
  now(): number;
  config(): Config;
  fleet(): Fleet;
  job(name: string): Job | undefined;
  /** Names of those who may approve what a run asks for now. */
  approvers(db: Queries, run: RunRow): Promise<string[]>;
}

/** How a run looks now: its card, its document for `--json`, and what is told of it line by line while it goes on. */
export function runRenderer(world: ShowWorld): Renderer {
  return async (db, id, { json, place }) => {
    const view = await loadRun(db, id);
    if (!view) return { card: { title: `There is no ${id}.` } };
    return { ...(await shownRun(db, world, view, place.zone)), ...(json && { document: await runDocument(db, view) }) };
  };
}

export async function shownRun(db: Queries, world: ShowWorld, view: ShownRun, zone: string): Promise<Shown> {
  const { run } = view;
  const job = world.job(run.job);
  const told = {
    now: world.now(),
    zone,
    expires: defaultsOf(world.config())['approval.expires'],
    undoable: job !== undefined && job.risk !== 'read' && job.undo !== undefined,
    powerOf: (host: string) => powerOffer(host, { config: world.config(), fleet: world.fleet() }),
    approvers: run.state === 'planned' || run.waiting?.for === 'approval' ? await world.approvers(db, run) : [],
  };
  const outcomes = await outcomesOf(db, world.fleet(), view);
  return { card: runCard({ ...view, ...(outcomes && { outcomes }) }, told), progress: runProgress(view, told) };
}

/** Whoever may say yes to what a run asks for now; whoever asks does not count. */
export async function approversNow(world: ApproverWorld, db: Queries, run: RunRow): Promise<string[]> {
  const ring = ringAsked(run);
  return ring === undefined ? [] : (await approversOf(db, world, run, ring)).filter((name) => name !== run.by);
}

export const runDocument = async (db: Queries, { run, counts }: ShownRun) =>
  runJson({ ...run, plan: { ...run.plan, limits: await jsonLimits(db, run) } }, await jsonHosts(db, run.id), counts);
