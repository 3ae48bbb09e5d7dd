import { healthFor } from '../incident/health.ts';
import { joins } from '../incident/join.ts';
import type { OutageSource } from '../incident/shapes.ts';
import type { HostResult } from '../jobs.ts';
import type { Clock } from '../lib/clocks.ts';
import type { HostEnd } from '../runs/world.ts';
import { componentsOf } from '../status/components.ts';
import type { Tx } from '../store/db.ts';
import { aboutOf, type JoinWorld, openAbout } from './join.ts';
import { moveIncident } from './move.ts';
import { incidentNamed } from './rows.ts';

export type HeardWorld = JoinWorld & { clock: Pick<Clock, 'now'> };

/** A host that does not answer, or answers again, as somebody saw it. Times are domain ms. */
export interface Sighting {
  host: string;
  up: boolean;
  at: number;
  cause?: string;
  /** Of one that answers: since when it runs. */
  booted?: number;
}

/**
 * Hosts went down or came back: whoever looked tells it, in the transaction that writes what was seen. A host that went down is written into the
 * incident that has it, or that it joins by parent or service; where there is none, nothing is: what opens incidents is a halt, an alert, a person.
 */
export async function hostsSeen(tx: Tx, world: HeardWorld, seen: readonly Sighting[], source: OutageSource): Promise<void> {
  await goneDown(
    tx,
    world,
    seen.filter(({ up }) => !up),
    source,
  );
  await cameBack(
    tx,
    world,
    seen.filter(({ up }) => up),
    source,
  );
}

/** What a check says of its hosts: nothing but the words on a console is the cause of anything. */
export function sightingsOf(results: readonly HostResult[], now: number): Sighting[] {
  return results.flatMap((result): Sighting[] => {
    const { host, reach, facts } = result;
    if (reach === 'ok') {
      const { uptime } = facts ?? {};
      return [{ host, up: true, at: now, ...(typeof uptime === 'number' && { booted: now - uptime * 1000 }) }];
    }
    if (!GONE.has(reach)) return [];
    const words = result.findings?.find(({ hazard }) => hazard === 'last-words')?.text;
    return [{ host, up: false, at: now, ...(words !== undefined && { cause: words.slice(0, 300) }) }];
  });
}

/** Of these nobody knows that it runs; a host whose key or login is refused is up. */
const GONE: ReadonlySet<string> = new Set(['unroutable', 'refused', 'half-dead']);

/** One host of a run has its outcome. */
export async function incidentHostEnded(tx: Tx, world: HeardWorld, { host, outcome, at }: HostEnd): Promise<void> {
  if (outcome === 'lost') return hostsSeen(tx, world, [{ host, up: false, at }], 'run');
  if (outcome === 'ok' || outcome === 'already') return hostsSeen(tx, world, [{ host, up: true, at }], 'run');
}

async function goneDown(tx: Tx, world: HeardWorld, all: readonly Sighting[], source: OutageSource): Promise<void> {
  if (all.length === 0) return;
  const open = await openAbout(tx, world);
  if (open.length === 0) return;
  const seen = source === 'run' ? all : await notInHand(tx, all);
  const known = await tx.query<{ host: string }>(
    `select h.host from incident_hosts h join incidents i on i.id = h.incident
     where h.host = any ($1::text[]) and h.down is not null and h.up is null and h.cause is not null and i.state in ('investigating', 'identified', 'monitoring')`,
    [seen.map(({ host }) => host)],
  );
  const said = new Set(known.map(({ host }) => host));
  const into = new Map<string, Sighting[]>();
  for (const one of seen) {
    const incident = said.has(one.host) ? undefined : joins(aboutOf(world, [one.host]), open)?.id;
    if (incident !== undefined) into.set(incident, [...(into.get(incident) ?? []), one]);
  }
  for (const [id, hosts] of [...into].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const rows = await tx.query<{ host: string }>(
      `select host from incident_hosts where incident = $1 and host = any ($2::text[]) and down is not null and up is null`,
      [id, hosts.map(({ host }) => host)],
    );
    const down = new Set(rows.map(({ host }) => host));
    // One that is down already is news only with a cause.
    const news = hosts.filter(({ host, cause }) => !down.has(host) || cause !== undefined);
    if (news.length === 0) continue;
    const { incident } = await incidentNamed(tx, id, 'for update');
    const names = componentsOf(
      world.config(),
      world.fleet(),
      news.map(({ host }) => host),
    );
    const fresh = names.filter((name) => (incident.components[name]?.health ?? 'operational') === 'operational');
    const data = { source, hosts: news.map(write), ...(fresh.length > 0 && { components: healthFor(incident.severity, fresh) }) };
    await moveIncident(tx, id, { type: 'hosts down', data, by: 'holdfast', at: world.clock.now() });
  }
}

/** A host a run is at is down because of that; if it stays away, the run says so. */
async function notInHand(tx: Tx, seen: readonly Sighting[]): Promise<readonly Sighting[]> {
  const rows = await tx.query<{ host: string }>(`select host from run_hosts where state = 'going' and host = any ($1::text[])`, [seen.map(({ host }) => host)]);
  const going = new Set(rows.map(({ host }) => host));
  return seen.filter(({ host }) => !going.has(host));
}

/** Also after the end: an outage that outlasted its incident is over some time. */
async function cameBack(tx: Tx, world: HeardWorld, seen: readonly Sighting[], source: OutageSource): Promise<void> {
  if (seen.length === 0) return;
  const rows = await tx.query<{ incident: string; host: string; down: Date }>(
    `select h.incident, h.host, h.down from incident_hosts h join incidents i on i.id = h.incident
     where h.host = any ($1::text[]) and h.down is not null and h.up is null and i.state <> 'merged' order by h.incident, h.host`,
    [seen.map(({ host }) => host)],
  );
  for (const id of new Set(rows.map(({ incident }) => incident))) {
    const hosts = rows
      .filter(({ incident }) => incident === id)
      .flatMap(({ host, down }) => {
        const one = seen.find((each) => each.host === host);
        // One that booted since says itself when it was back, whenever somebody looks.
        return one ? [{ ...one, at: one.booted !== undefined && one.booted > down.getTime() ? Math.min(one.booted, one.at) : one.at }] : [];
      });
    await moveIncident(tx, id, { type: 'hosts up', data: { source, hosts: hosts.map(write) }, by: 'holdfast', at: world.clock.now() });
  }
}

const write = ({ host, at, cause }: Sighting) => ({ host, at: new Date(at).toISOString(), ...(cause !== undefined && { cause }) });
