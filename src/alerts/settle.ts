import { defaultsOf } from '../config/defaults.ts';
import type { Ops } from '../ops.ts';
import type { Queries, Tx } from '../store/db.ts';
import { askAbout, type Placed } from './ask-about.ts';
import { failingAmong } from './failing.ts';
import { type Asking, group, type Loud, WEIGHT } from './group.ts';
import { type Covered, type Left, lostByRuns } from './lost-by-runs.ts';
import { leavePages } from './rest.ts';
import type { AlertRow } from './rows.ts';
import { silencedBy } from './silence.ts';
import { silencesNow } from './silences.ts';
import { standsOn } from './stands-on.ts';
import { hostsOfService } from './subject.ts';
import { wakeAlerts } from './wake.ts';

/** What alerts need of the rest. */
export type AlertsWorld = Pick<Ops, 'config' | 'fleet'>;

/** Domain ms after which what a run or a maintenance silences is looked at in any case. */
const AGAIN = 5 * 60_000;

/** Whoever decides about alerts sees all of them: two at once would make two pages of one trouble. */
const ALERTS = 4_871_003;

export async function lockAlerts(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock($1)`, [ALERTS]);
}

/**
 * Decides about alerts that burn and that no page asks about (or that are to be silenced), all in one go: silenced, covered by the page of the
 * run that did it, joined to a page, or a page of their own. The caller holds the lock.
 */
export async function settle(tx: Tx, world: AlertsWorld, alerts: readonly AlertRow[], now: number): Promise<void> {
  await place(tx, world, await quieten(tx, world, alerts, now), now);
}

/** Silences those of these alerts that something silences now. Answers the others. The caller holds the lock. */
export async function quieten(tx: Tx, world: AlertsWorld, alerts: readonly AlertRow[], now: number): Promise<AlertRow[]> {
  if (alerts.length === 0) return [];
  const silences = await silencesNow(tx, world, now);
  const quiet: { alert: AlertRow; by: string; named: boolean }[] = [];
  const heard: AlertRow[] = [];
  for (const alert of alerts) {
    const silence = silencedBy(alert, hostsOfService(world, alert), silences, now);
    if (silence) quiet.push({ alert, ...silence });
    else heard.push(alert);
  }
  await silence(tx, quiet, now);
  // What a person named ends by its own timer. A run tells when a host of it ends, a maintenance may be over early: looked at all the same.
  const ends = quiet.flatMap(({ named, by }) =>
    named ? [] : silences.flatMap((one) => (one.by === by ? [Math.min(one.until ?? Number.POSITIVE_INFINITY, now + AGAIN)] : [])),
  );
  if (ends.length > 0) await wakeAlerts(tx, Math.min(...ends));
  return heard;
}

const togetherFor = ({ config }: AlertsWorld): number => defaultsOf(config())['alerts.together'];

async function place(tx: Tx, world: AlertsWorld, heard: readonly AlertRow[], now: number): Promise<void> {
  if (heard.length === 0) return;
  const stands = standsOn(world.fleet());
  const loud = heard.map((alert): AlertRow & Loud => ({ ...alert, standsOn: stands.common(alert.hosts) }));
  const lost = await lostByRuns(tx, world);
  const covered = new Map(
    loud.flatMap((alert): [string, Covered][] => {
      const cover = coverOf(alert, lost);
      return cover ? [[alert.id, cover]] : [];
    }),
  );
  const open = loud.filter(({ id }) => !covered.has(id));
  const failing = await failingAmong(tx, open);
  const guests = (await guestsAsking(tx, world, open, failing, now)).map((alert): AlertRow & Loud => ({ ...alert, standsOn: stands.common(alert.hosts) }));
  const { joined, fresh } = group([...open, ...guests], await pagesAsking(tx), failing, { now, within: togetherFor(world) });
  const placed: Placed = {
    fresh,
    joined,
    covered: loud.filter(({ id }) => covered.has(id)).map((alert) => ({ alert, ...(covered.get(alert.id) as Covered) })),
  };
  await askAbout(tx, world, placed, now);
  await leavePages(tx, guests, { state: 'resolved', because: 'it is what it stands on that failed, and that has a page of its own', at: now });
}

/** The page of the runs that lost all of its hosts; of those that answer and are not well, while that page asks and nothing more pressing hides in it. */
function coverOf({ hosts, urgency }: AlertRow, left: ReadonlyMap<string, Left>): Covered | undefined {
  const all = hosts.map((host) => left.get(host));
  const [first] = all;
  if (!first || all.some((one) => one?.page !== first.page)) return undefined;
  const fits = all.every((one) => one?.lost) || (first.asks && WEIGHT[first.urgency] >= WEIGHT[urgency]);
  return fits ? { page: first.page, incident: first.incident } : undefined;
}

async function silence(tx: Tx, quiet: readonly { alert: AlertRow; by: string; named: boolean }[], now: number): Promise<void> {
  if (quiet.length === 0) return;
  await tx.query(
    `update alerts a set silenced_by = q.by, silenced = coalesce(a.silenced, $2), page = null, grouped = null, rev = a.rev + 1
     from jsonb_to_recordset($1::jsonb) as q (id bigint, by text) where a.id = q.id and a.silenced_by is distinct from q.by`,
    [JSON.stringify(quiet.map(({ alert, by }) => ({ id: alert.id, by }))), new Date(now)],
  );
  const [first] = quiet;
  await leavePages(
    tx,
    quiet.map(({ alert }) => alert),
    { state: 'silenced', because: `${first?.by} silences it for now`, at: now },
  );
}

/** Pages about alerts that still ask or that somebody has; locked, so that nobody answers one while something joins it. */
async function pagesAsking(tx: Tx): Promise<Asking[]> {
  const rows = await tx.query<{ page: string; grouped: string; incident: string | null }>(
    `select distinct on (page) page, grouped, incident from alerts where state = 'firing' and page is not null and grouped is not null order by page, id`,
  );
  const pages = await tx.query<Pick<Asking, 'state' | 'urgency'> & { id: string; opened: Date }>(
    `select id, state, urgency, opened from pages where id = any ($1::text[]) and state in ('open', 'acked') order by opened, length(id), id for update`,
    [rows.map(({ page }) => page)],
  );
  const of = new Map(rows.map((row) => [row.page, row]));
  return pages.map(({ id, opened, ...page }) => ({ ...page, ...(of.get(id) as (typeof rows)[number]), opened: opened.getTime() }));
}

/** Alerts of guests that pages of other services asked about within minutes, before what they stand on was known to fail. */
async function guestsAsking(tx: Queries, world: AlertsWorld, alerts: readonly Loud[], failing: ReadonlySet<string>, now: number): Promise<AlertRow[]> {
  const stands = standsOn(world.fleet());
  const parents = alerts.flatMap(({ hosts, urgency }) => (hosts.length === 1 && urgency !== 'low' && failing.has(hosts[0] as string) ? hosts : []));
  if (parents.length === 0) return [];
  const below = new Set(parents.flatMap((parent) => stands.withGuests(parent)));
  const rows = await tx.query<AlertRow>(
    `select a.* from alerts a join pages p on p.id = a.page
     where a.state = 'firing' and a.grouped is not null and not starts_with(a.grouped, 'parent:') and p.state = 'open' and p.opened > $1
       and a.hosts ?| $2::text[] order by a.id`,
    [new Date(now - togetherFor(world)), [...below]],
  );
  const ours = new Set(alerts.map(({ id }) => id));
  return rows.filter((row) => !ours.has(row.id) && row.hosts.every((host) => below.has(host)));
}
