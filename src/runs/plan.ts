import type { Line, Place, Reply } from '../chat/command.ts';
import { defaultsOf } from '../config/defaults.ts';
import type { Targets } from '../fleet/fleet.ts';
import { type ChangeJob, type Foreseen, isSafe } from '../jobs.ts';
import { crashPoint } from '../lib/crash.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { hashPlan } from '../rollout/hash.ts';
import { makePlan, type PlanInput } from '../rollout/plan.ts';
import { predict } from '../rollout/predict.ts';
import type { Plan, Prediction } from '../rollout/shapes.ts';
import { windowFit } from '../rollout/window-fit.ts';
import { windowsByHost } from '../rollout/windows.ts';
import { exclusionsFor } from '../rules/exclusions.ts';
import type { Tx } from '../store/db.ts';
import { nextId, record } from '../store/events.ts';
import { runCard } from './card.ts';
import { durationsOf } from './durations.ts';
import { openIncidents } from './incidents.ts';
import { runJson } from './json.ts';
import { recordMaintenance } from './maintenance.ts';
import { placementFacts, plannedFacts } from './planned-facts.ts';
import { armDailyCard } from './post-again.ts';
import { runNamed } from './rows.ts';
import { plannedHosts, shownPlan } from './shown-plan.ts';
import { wakeRun } from './wake.ts';
import { writePlan } from './write-plan.ts';

export interface Asked {
  job: ChangeJob;
  params: unknown;
  /** What the run is called where the job's name alone does not say it: `power off`. */
  words?: string;
  targets: Targets;
  actor: Person;
  /** Where it was typed; from `http` automation asks, and somebody has to say yes. */
  place: Place;
  batch?: number;
  byRings?: boolean;
  /** Not before; domain ms. */
  at?: number;
  /** Shown only, nothing is begun. */
  planOnly?: boolean;
  because?: string;
  mode?: 'do' | 'undo';
  of?: string;
  /** The run that is undone was the actor's own. */
  undoOfOwn?: boolean;
  /** What earlier steps of the run that is undone left, by host. */
  memories?: ReadonlyMap<string, Record<string, unknown>>;
  /** Rows of another room, in the transaction that writes the run. */
  alongside?(tx: Tx, run: { id: string; line: Line; hosts: readonly string[] }): Promise<void>;
}

/** Domain ms for one host; what is put back is files and settings. */
const UNDO = { p50: 60_000, p95: 300_000 };

/** The id a plan has while it is none yet: it is replaced where the run gets its own. */
const UNNAMED = 'R?';

/**
 * Plans a run over these hosts: what is done to each, in which waves, by whose leave. The reply writes it, as `planned` or, where
 * nobody has to be asked, as begun. Throws Refusal when nothing is left to do or the job refuses a host.
 */
export async function planRun(ops: Ops, asked: Asked): Promise<Reply> {
  const { job, targets, actor, mode = 'do' } = asked;
  const config = ops.config();
  const defaults = defaultsOf(config);
  const fleet = ops.fleet();
  const names = targets.hosts.map(({ name }) => name);
  const [known, placed, rules, incidents] = await Promise.all([
    plannedFacts(ops.records, names),
    placementFacts(ops.records),
    exclusionsFor(ops, { job: job.name, hosts: targets.hosts }),
    openIncidents(ops.records),
  ]);
  const foresee = (host: Targets['hosts'][number]): Foreseen => {
    if (mode === 'undo')
      return { does: job.sayUndo?.(host, asked.memories?.get(host.name) ?? {}) ?? 'put back what was recorded', estimate: UNDO, class: 'undo' };
    return job.foresee(host, {
      params: asked.params,
      fleet,
      config,
      now: ops.clock.now(),
      keptOff: rules.keptOff.get(host.name) ?? [],
      ...(known.get(host.name) && { known: known.get(host.name) }),
    });
  };
  const targetsForeseen = targets.hosts.map((host): PlanInput['targets'][number] => {
    const excluded = mode === 'do' ? rules.excluded.get(host.name) : undefined;
    return excluded ? { host, excluded } : { host, foreseen: foresee(host) };
  });
  const major = incidents.find(({ severity }) => severity !== 'minor');
  const made = makePlan({
    run: UNNAMED,
    job: job.name,
    params: asked.params,
    expression: targets.expression,
    mode,
    ...(asked.of !== undefined && { of: asked.of }),
    risk: typeof job.risk === 'function' ? job.risk(asked.params) : job.risk,
    safe: isSafe(job, asked.params) || asked.undoOfOwn === true,
    containment: job.containment === true,
    compare: job.compare === true && mode === 'do',
    targets: targetsForeseen,
    ...(job.pace && { pace: job.pace(defaults, asked.params) }),
    ...(job.halts && { halts: job.halts }),
    ...(asked.batch !== undefined && { batch: asked.batch }),
    ...(asked.byRings && { byRings: true }),
    ...(asked.at !== undefined && { startAt: asked.at }),
    asking: {
      by: actor.name,
      source: asked.place.platform === 'http' ? 'automation' : 'person',
      ...(major && { incident: major.id }),
      ...(asked.undoOfOwn && { undoOfOwn: true }),
    },
    fleet,
    groups: config.groups,
    known: new Map([...placed, ...known]),
    defaults,
  });
  const plan: Plan = asked.words === undefined ? made : { ...made, words: asked.words };
  const estimates = new Map(targetsForeseen.flatMap(({ host, foreseen }) => (foreseen ? [[host.name, foreseen.estimate] as const] : [])));
  const predicted = predict(plan, { history: await durationsOf(ops.records, job.name), estimates, defaults });
  const windows = windowsByHost(config.windows, fleet, config.timezone);
  const fit = windowFit({ plan, prediction: predicted, windows, now: ops.clock.now(), zone: config.timezone });
  const prediction = { ...predicted, ...(fit && { fit: fit.says }) };
  if (asked.planOnly) return onlyShown(plan, prediction, asked, ops);
  return { write: (tx, line) => begin(tx, line, plan, prediction, asked, ops) };
}

function onlyShown(plan: Plan, prediction: Prediction, asked: Asked, ops: Ops): Reply {
  const view = shownPlan(plan, prediction, {
    by: asked.actor.name,
    at: ops.clock.now(),
    hash: hashPlan(plan),
    ...(asked.because !== undefined && { because: asked.because }),
  });
  const told = { now: ops.clock.now(), zone: asked.place.zone, approvers: [], undoable: false, expires: defaultsOf(ops.config())['approval.expires'] };
  return { card: runCard(view, told), json: runJson(view.run, plannedHosts(plan), view.counts) };
}

async function begin(tx: Tx, line: Line, unnamed: Plan, prediction: Prediction, asked: Asked, ops: Ops): ReturnType<NonNullable<Reply['write']>> {
  const id = await nextId(tx, 'R');
  const plan = named(unnamed, id);
  crashPoint('run.planned');
  const hash = await writePlan(tx, {
    id,
    plan,
    prediction,
    line,
    ...(asked.because !== undefined && { because: asked.because }),
    ...(asked.memories && { memories: asked.memories }),
  });
  await asked.alongside?.(tx, { id, line, hosts: hostsOf(plan) });
  await record(tx, {
    thing: id,
    type: 'planned',
    data: { job: plan.job, expression: plan.expression, hash },
    by: line.actor.name,
    at: line.at,
  });
  await recordMaintenance(tx, { id, plan, prediction }, 'planned', line.at, {
    hosts: hostsOf(plan),
    ...(plan.startAt !== undefined && { from: new Date(plan.startAt).toISOString() }),
  });
  await armDailyCard(tx, id, line.at);
  await ops.tell.news(tx, { key: `run:${id}`, news: 'run', what: { thing: { kind: 'run', id } }, at: line.at });
  const waits = (plan.rings[0]?.approval.length ?? 0) > 0;
  await wakeRun(tx, id);
  if (waits) await ops.announce.approval(tx, await runNamed(tx, id), 0, line.at);
  return { kind: 'run', id, ...((waits || plan.startAt !== undefined) && { waits: true as const }) };
}

const hostsOf = (plan: Plan): string[] => plan.hosts.flatMap(({ host, wave }) => (wave === undefined ? [] : [host]));

function named(plan: Plan, id: string): Plan {
  const rename = (budget: string): string => (budget === `run:${UNNAMED}` ? `run:${id}` : budget);
  return {
    ...plan,
    hosts: plan.hosts.map((host) => ({ ...host, claims: plan.pace.unbounded ? [] : host.claims.map(rename) })),
    limits: Object.fromEntries(Object.entries(plan.limits).map(([budget, most]) => [rename(budget), most])),
  };
}
