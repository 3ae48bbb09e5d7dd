import { defaultsOf } from '../config/defaults.ts';
import type { Severity } from '../incident/shapes.ts';
import { hostsSeen } from '../incidents/heard.ts';
import { joinOrOpen } from '../incidents/join.ts';
import { moveIncident } from '../incidents/move.ts';
import type { Next } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson, record } from '../store/events.ts';
import type { RunRow } from './rows.ts';
import type { RunsWorld } from './world.ts';

/** What a halt brings about besides the halt: its event, and, unless a person wanted it, an incident and a page. Answers the run's incident. */
export async function recordHalt(tx: Tx, world: RunsWorld, run: RunRow, halt: NonNullable<Next['halt']>, at: number): Promise<string | null> {
  await record(tx, { thing: run.id, type: 'halted', data: { reason: halt.reason, because: halt.because, hosts: halt.hosts }, by: 'holdfast', at });
  if (halt.reason === 'stop' || halt.reason === 'person') return run.incident;
  const defaults = defaultsOf(world.config());
  const severity = defaults['incident.halted_run'] as Severity;
  const text = halt.ask ?? `${halt.because}${await why(tx, run, halt)}`;
  const incident = await incidentOf(tx, world, run, halt, severity, at);
  await world.announce.owner(
    tx,
    run,
    `halt ${at}`,
    { title: `${run.id} halted: ${text}`.slice(0, 300), tone: 'bad', actions: [{ label: 'Look', command: `show ${run.id}` }] },
    at,
  );
  const page = await askForPerson(tx, {
    text: `${run.id} halted: ${text}`,
    urgency: defaults[`incident.page_${severity}`] as 'high',
    about: incident,
    more: { halt: true },
    by: 'holdfast',
    at,
  });
  await record(tx, { thing: incident, type: 'paged', data: { page }, by: 'holdfast', at });
  return incident;
}

/** What the host said of itself, for whoever is woken by it; the title of an incident goes into lists and channels, and has none of it. */
async function why(tx: Tx, run: RunRow, { hosts }: NonNullable<Next['halt']>): Promise<string> {
  if (hosts.length !== 1) return '';
  const [row] = await tx.query<{ detail: string | null }>(`select detail from run_hosts where run = $1 and host = $2 and outcome in ('failed', 'unverified')`, [
    run.id,
    hosts[0],
  ]);
  return row?.detail ? `: ${row.detail}` : '';
}

/** The run's own incident while it is open; else the one this trouble belongs to, or a new one. Hosts that were lost are down in it. */
async function incidentOf(tx: Tx, world: RunsWorld, run: RunRow, halt: NonNullable<Next['halt']>, severity: Severity, at: number): Promise<string> {
  const by = { by: 'holdfast', at };
  const [open] = await tx.query<{ id: string }>(`select id from incidents where id = $1 and state in ('investigating', 'identified', 'monitoring')`, [
    run.incident,
  ]);
  const title = `${run.id} halted${open ? ' again' : ''}: ${halt.because}`;
  if (open) await moveIncident(tx, open.id, { type: 'affected', data: { hosts: halt.hosts, source: 'run', because: title }, ...by });
  const id = open?.id ?? (await joinOrOpen(tx, world, { title, severity, hosts: halt.hosts, source: 'run', zone: world.config().timezone, ...by })).id;
  // No cause: how it did not answer is for us (an address of ours may stand in it), and the public reads the table.
  const lost = await tx.query<{ host: string; finished: Date | null }>(
    `select host, finished from run_hosts where run = $1 and outcome = 'lost' and ended is null and host = any ($2::text[])`,
    [run.id, halt.hosts],
  );
  await hostsSeen(
    tx,
    world,
    lost.map(({ host, finished }) => ({ host, up: false, at: finished?.getTime() ?? at })),
    'run',
  );
  return id;
}
