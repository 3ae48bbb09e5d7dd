import { alertsJoin } from '../incidents/alerts.ts';
import { joinOrOpen } from '../incidents/join.ts';
import { touchPages } from '../paging/touch.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson, record, recordAll } from '../store/events.ts';
import { isOfParent, WEIGHT } from './group.ts';
import type { Covered } from './lost-by-runs.ts';
import { rewordPages } from './reword.ts';
import type { AlertRow } from './rows.ts';
import { sayAlerts } from './say.ts';
import type { AlertsWorld } from './settle.ts';
import { serviceOf } from './subject.ts';

/** Where alerts were found to belong. */
export interface Placed {
  /** By what they have in common. */
  fresh: ReadonlyMap<string, readonly AlertRow[]>;
  /** By the page. */
  joined: ReadonlyMap<string, readonly AlertRow[]>;
  /** To the page of a run. */
  covered: readonly ({ alert: AlertRow } & Covered)[];
}

/** Makes the pages and incidents, and writes which alert each asks about. */
export async function askAbout(tx: Tx, world: AlertsWorld, { fresh, joined, covered }: Placed, now: number): Promise<void> {
  const written: Written[] = covered.map(({ alert, page, incident }) => ({ id: alert.id, page, incident, grouped: null }));
  for (const [grouped, alerts] of fresh) {
    const { page, incident } = await newPage(tx, world, { grouped, alerts, now });
    written.push(...alerts.map(({ id }) => ({ id, page, incident, grouped })));
  }
  const old = await known(tx, [...joined.keys()]);
  for (const [page, alerts] of joined) written.push(...alerts.map(({ id }) => ({ id, page, incident: null, grouped: null, ...old.get(page) })));
  await write(tx, written);
  await alertsJoin(tx, written, now);
  await recordAll(tx, [
    ...[...joined].map(([page, alerts]) => ({
      thing: page,
      type: 'joined',
      data: { alerts: sayAlerts(alerts), count: alerts.length },
      by: 'holdfast',
      at: now,
    })),
    ...covered.map(({ alert, page }) => ({ thing: page, type: 'joined', data: { alerts: sayAlerts([alert]), count: 1 }, by: 'holdfast', at: now })),
  ]);
  await rewordPages(tx, [...joined.keys()]);
  await touchPages(
    tx,
    covered.map(({ page }) => page),
  );
}

interface Written {
  id: string;
  page: string;
  incident: string | null;
  grouped: string | null;
}

async function newPage(
  tx: Tx,
  world: AlertsWorld,
  { grouped, alerts, now }: { grouped: string; alerts: readonly AlertRow[]; now: number },
): Promise<{ page: string; incident: string }> {
  const [first] = alerts as [AlertRow];
  const hosts = [...new Set(alerts.flatMap((alert) => alert.hosts))];
  const parent = isOfParent(grouped) ? grouped.slice('parent:'.length) : undefined;
  const service = (parent === undefined ? null : serviceOf(world, [parent])) ?? first.service;
  const urgency = alerts.reduce((most, alert) => (WEIGHT[alert.urgency] > WEIGHT[most] ? alert.urgency : most), first.urgency);
  const text = sayAlerts(alerts, parent);
  const by = OURS.has(first.integration) ? 'holdfast' : first.integration;
  const incident = await incidentOf(tx, world, alerts, {
    title: text.slice(0, 200),
    severity: SEVERITY[urgency],
    hosts,
    source: 'alert',
    ...(service !== null && { service }),
    zone: world.config().timezone,
    because: text,
    by,
    at: now,
  });
  const page = await askForPerson(tx, {
    text,
    urgency,
    about: parent ?? (hosts.length === 1 ? (hosts[0] as string) : (first.service ?? first.integration)),
    ...(service !== null && { to: `service:${service}` }),
    by,
    at: now,
  });
  await record(tx, { thing: incident, type: 'paged', data: { page }, by: 'holdfast', at: now });
  return { page, incident };
}

/** That of the alerts, while it is open; else the open one they belong to, or a new one. */
async function incidentOf(tx: Tx, world: AlertsWorld, alerts: readonly AlertRow[], news: Parameters<typeof joinOrOpen>[2]): Promise<string> {
  const [began] = await tx.query<{ id: string }>(
    `select id from incidents where id = any ($1::text[]) and state in ('investigating', 'identified', 'monitoring') order by opened limit 1`,
    [alerts.flatMap(({ incident }) => incident ?? [])],
  );
  return began?.id ?? (await joinOrOpen(tx, world, news)).id;
}

/** Integrations that are Holdfast itself. */
const OURS: ReadonlySet<string> = new Set(['down', 'heartbeat']);

const SEVERITY = { critical: 'critical', high: 'major', low: 'minor' } as const;

/** What the alerts of these pages have in common, and their incident. */
async function known(tx: Tx, pages: readonly string[]): Promise<Map<string, Pick<Written, 'grouped' | 'incident'>>> {
  if (pages.length === 0) return new Map();
  const rows = await tx.query<{ page: string } & Pick<Written, 'grouped' | 'incident'>>(
    `select distinct on (page) page, grouped, incident from alerts where page = any ($1::text[]) and state = 'firing' order by page, id`,
    [pages],
  );
  return new Map(rows.map(({ page, ...row }) => [page, row]));
}

async function write(tx: Tx, written: readonly Written[]): Promise<void> {
  if (written.length === 0) return;
  await tx.query(
    `update alerts a set page = w.page, grouped = w.grouped, incident = coalesce(w.incident, a.incident), silenced_by = null, rev = a.rev + 1
     from jsonb_to_recordset($1::jsonb) as w (id bigint, page text, grouped text, incident text) where a.id = w.id`,
    [JSON.stringify(written)],
  );
}
