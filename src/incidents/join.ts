import { type AnsweringConfig, answeringOf, servicesOfHosts } from '../escalation/answering.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { healthFor } from '../incident/health.ts';
import { type About, joins } from '../incident/join.ts';
import { type OpenedData, SEVERITIES } from '../incident/shapes.ts';
import { type ComponentsConfig, componentsOf } from '../status/components.ts';
import type { Queries, Tx } from '../store/db.ts';
import { openIncident } from './begin.ts';
import { moveIncident } from './move.ts';

/** What says which hosts belong together. */
export interface JoinWorld {
  config(): AnsweringConfig & ComponentsConfig;
  fleet(): Fleet;
}

/**
 * Something went wrong by itself: it joins the open incident about the same host, parent or service, or opens one of its own. One writer at a time
 * decides, so that a storm makes one. Answers its incident.
 */
export async function joinOrOpen(
  tx: Tx,
  world: JoinWorld,
  news: OpenedData & { service?: string; by: string; at: number },
): Promise<{ id: string; opened: boolean }> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('holdfast incidents'))`);
  const { hosts, severity, source, by, at } = news;
  const about = aboutOf(world, hosts, news.service);
  const joined = joins(about, await openAbout(tx, world));
  const components = componentsOf(world.config(), world.fleet(), hosts);
  if (!joined) {
    const { service: _, ...data } = news;
    return { id: await openIncident(tx, { components: healthFor(severity, components), ...data }), opened: true };
  }
  const { after } = await moveIncident(tx, joined.id, {
    type: 'affected',
    data: { hosts: [...hosts], ...(source && { source }), because: `${news.title.slice(0, 200)} (${joined.because})` },
    by,
    at,
  });
  const fresh = components.filter((name) => after.components[name] === undefined);
  const worse = SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(after.severity);
  if (worse || fresh.length > 0) {
    const names = worse ? [...new Set([...Object.keys(after.components), ...components])] : fresh;
    await moveIncident(tx, joined.id, {
      type: 'severity',
      data: { severity: worse ? severity : after.severity, components: healthFor(severity, names) },
      by,
      at,
    });
  }
  return { id: joined.id, opened: false };
}

/** What hosts are about, as the configuration and the inventory have them. */
export function aboutOf(world: JoinWorld, hosts: readonly string[], service?: string): About {
  const fleet = world.fleet();
  const services = servicesOfHosts(answeringOf(world.config(), fleet), hosts).map(({ name }) => name);
  return {
    hosts,
    services: [...new Set([...(service === undefined ? [] : [service]), ...services])],
    parents: [...new Set(hosts.flatMap((host) => fleet.hosts.get(host)?.parent ?? []))],
  };
}

/** Open incidents, the first opened first. */
export async function openAbout(db: Queries, world: JoinWorld): Promise<(About & { id: string })[]> {
  const rows = await db.query<{ id: string; hosts: string[]; service: string | null }>(
    `select i.id, (select coalesce(jsonb_agg(distinct host), '[]') from incident_hosts where incident = i.id) as hosts,
            (select data ->> 'service' from events where thing = i.id and rev = 1) as service
     from incidents i where state in ('investigating', 'identified', 'monitoring') and kind = 'incident' order by opened, length(id), id`,
  );
  return rows.map(({ id, hosts, service }) => ({ id, ...aboutOf(world, hosts, service ?? undefined) }));
}
