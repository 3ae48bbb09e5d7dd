import { defaultsOf } from '../config/defaults.ts';
import type { RunView, World } from '../rollout/shapes.ts';
import { windowAt, windowsByHost } from '../rollout/windows.ts';
import { exclusionsFor } from '../rules/exclusions.ts';
import type { Tx } from '../store/db.ts';
import { heldSlots } from '../store/slots.ts';
import { freeMemory } from './capacity.ts';
import { openIncidents } from './incidents.ts';
import type { RunRow } from './rows.ts';
import type { RunsWorld } from './world.ts';

/** What else is true while a run is decided about; read under the fleet's lock. */
export async function seen(tx: Tx, world: RunsWorld, run: RunRow, view: RunView): Promise<World> {
  const now = world.clock.now();
  const config = world.config();
  const stop = world.stop.state();
  const waiting = view.hosts.filter(({ state }) => state === 'waiting');
  const hosts = waiting.flatMap(({ host }) => world.fleet().hosts.get(host) ?? []);
  const rules = hosts.length > 0 && run.plan.mode === 'do' ? await exclusionsFor({ records: tx, fleet: world.fleet }, { job: run.job, hosts }) : undefined;
  return {
    now,
    ...(stop.stopped && { stopped: { by: stop.by, ...(stop.because !== undefined && { because: stop.because }) } }),
    held: await heldSlots(tx),
    incidents: await incidentsOn(tx, run, view),
    windows: windowsNow(world, run, waiting, now),
    ...(await freeMemory(tx, world.fleet(), waiting)),
    excluded: Object.fromEntries(rules?.excluded ?? []),
    zone: config.timezone,
    defaults: defaultsOf(config),
    ...(asksToContinue(run, view) && { untouched: await untouched(tx, world, run) }),
  };
}

function windowsNow(world: RunsWorld, run: RunRow, waiting: RunView['hosts'], now: number): World['windows'] {
  const config = world.config();
  if (config.windows.length === 0 || run.plan.safe) return {};
  const windows = windowsByHost(config.windows, world.fleet(), config.timezone);
  const found: World['windows'] = {};
  for (const host of waiting) {
    const at = windowAt(windows.get(host.host), now, run.prediction.host[host.class]?.p95 ?? 0);
    if (at) found[host.host] = at;
  }
  return found;
}

/** Open ones of weight on hosts of this run. Its own is not in its way, nor one that a person saw and said `go` to. */
async function incidentsOn(tx: Tx, run: RunRow, view: RunView): Promise<World['incidents']> {
  const open = (await openIncidents(tx)).filter(({ id, severity }) => severity !== 'minor' && id !== run.incident && !view.said.includes(`incident:${id}`));
  const found: World['incidents'] = [];
  for (const { id, severity, title, hosts } of open) {
    const [touched] = await tx.query(`select 1 from run_hosts where run = $1 and host = any ($2) and state <> 'ended' limit 1`, [run.id, hosts]);
    if (touched) found.push({ id, severity: severity as 'major', title });
  }
  return found;
}

/** Every host is looked at for it, so only where the question is about to be asked. */
function asksToContinue({ plan, state }: RunRow, { counts, forgiven }: RunView): boolean {
  return plan.containment && plan.risk === 'disrupt' && state === 'running' && (counts.lost ?? 0) - (forgiven.lost ?? 0) >= plan.thresholds.lost;
}

/** How those fare that this run has not touched: for a question with numbers. */
async function untouched(tx: Tx, world: RunsWorld, run: RunRow): Promise<{ hosts: number; died: number }> {
  const [row] = await tx.query<{ touched: number; died: number }>(
    `select (select count(*)::int from run_hosts where run = $1 and started is not null) as touched,
            (select count(*)::int from facts f where f.reach <> 'ok' and f.answered is not null and f.asked >= $2
               and not exists (select 1 from run_hosts h where h.run = $1 and h.host = f.host and h.started is not null)) as died`,
    [run.id, run.begun_at ?? run.planned_at],
  );
  return { hosts: world.fleet().hosts.size - (row?.touched ?? 0), died: row?.died ?? 0 };
}
