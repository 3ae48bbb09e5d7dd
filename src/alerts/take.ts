import { crashPoint } from '../lib/crash.ts';
import { acknowledge } from '../paging/answer.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb, toText } from '../store/json.ts';
import type { AlertEvent } from './event.ts';
import { WEIGHT } from './group.ts';
import { leavePages } from './rest.ts';
import type { AlertRow } from './rows.ts';
import { type AlertsWorld, lockAlerts, settle } from './settle.ts';
import { subjectOf } from './subject.ts';

/** What came of events: how many alerts are new, were known and sent again, are over, and are in somebody's hands over there. */
export interface TakenAlerts {
  fired: number;
  again: number;
  resolved: number;
  acknowledged: number;
}

/**
 * What other systems, heartbeats and our own look at hosts say, taken in one transaction: the alerts, the pages they make, join or resolve, the
 * incidents, and what is recorded of each. A few statements, however many there are. What is sent again changes nothing, unless it is more pressing
 * than it was: then it asks like a new one.
 * @param now domain ms
 */
export async function takeAlerts(tx: Tx, world: AlertsWorld, events: readonly AlertEvent[], now: number): Promise<TakenAlerts> {
  const taken: TakenAlerts = { fired: 0, again: 0, resolved: 0, acknowledged: 0 };
  if (events.length === 0) return taken;
  await lockAlerts(tx);
  for (const layer of layersOf(events)) await takeLayer(tx, world, layer, now, taken);
  crashPoint('alert.handled');
  return taken;
}

/** Of one alert there is one event in each: what fires and is over in the same breath is done in that order. */
function layersOf(events: readonly AlertEvent[]): AlertEvent[][] {
  const layers: AlertEvent[][] = [];
  const next = new Map<string, number>();
  for (const event of events) {
    const n = next.get(keyOf(event)) ?? 0;
    next.set(keyOf(event), n + 1);
    const layer = layers[n];
    if (layer) layer.push(event);
    else layers[n] = [event];
  }
  return layers;
}

const keyOf = ({ integration, dedup }: Pick<AlertEvent, 'integration' | 'dedup'>): string => `${integration}\n${toText(dedup)}`;

async function takeLayer(tx: Tx, world: AlertsWorld, events: readonly AlertEvent[], now: number, taken: TakenAlerts): Promise<void> {
  const known = new Map((await firing(tx, events)).map((row) => [keyOf(row), row]));
  const of = (state: AlertEvent['state']): AlertRow[] => events.flatMap((event) => (event.state === state ? (known.get(keyOf(event)) ?? []) : []));
  const [again, over, inHand] = [of('firing'), of('resolved'), of('acknowledged')];
  await tx.query(`update alerts set heard = $2 where id = any ($1::bigint[])`, [[...again, ...inHand].map(({ id }) => id), new Date(now)]);
  const fresh = await insert(
    tx,
    world,
    events.filter((event) => event.state === 'firing' && !known.has(keyOf(event))),
    now,
  );
  await resolve(tx, over, now);
  const graver = await becomeGraver(tx, events, known);
  crashPoint('alert.taken');
  await settle(tx, world, [...fresh, ...graver], now);
  const before = graver.flatMap((row) => known.get(keyOf(row)) ?? []);
  await leavePages(tx, before, { state: 'resolved', because: 'it is more pressing now, which is asked about anew', at: now });
  await takeInHand(tx, inHand, now);
  taken.fired += fresh.length;
  taken.again += again.length;
  taken.resolved += over.length;
  taken.acknowledged += inHand.length;
}

const firing = (tx: Tx, events: readonly AlertEvent[]): Promise<AlertRow[]> =>
  tx.query<AlertRow>(
    `select a.* from alerts a join jsonb_to_recordset($1::jsonb) as said (integration text, dedup text) on a.integration = said.integration and a.dedup = said.dedup
     where a.state = 'firing' for update of a`,
    [toJsonb(events.map(({ integration, dedup }) => ({ integration, dedup })))],
  );

/** Takes what is said again as more pressing off its page: nobody who has a warning in hand was asked about that. Answers it as it stands now. */
async function becomeGraver(tx: Tx, events: readonly AlertEvent[], known: ReadonlyMap<string, AlertRow>): Promise<AlertRow[]> {
  const graver = events.flatMap((event) => {
    const row = known.get(keyOf(event));
    return row && event.state === 'firing' && WEIGHT[event.urgency] > WEIGHT[row.urgency]
      ? [{ id: row.id, urgency: event.urgency, summary: summaryOf(event) }]
      : [];
  });
  if (graver.length === 0) return [];
  return tx.query<AlertRow>(
    `update alerts a set urgency = said.urgency, summary = said.summary, acknowledged = null, page = null, grouped = null, rev = a.rev + 1
     from jsonb_to_recordset($1::jsonb) as said (id bigint, urgency text, summary text) where a.id = said.id returning a.*`,
    [toJsonb(graver)],
  );
}

/** Of one summary no more is kept: a page is read at three in the morning. */
const LONGEST = 500;

const summaryOf = ({ summary }: AlertEvent): string => summary.replace(/\s+/g, ' ').trim().slice(0, LONGEST) || 'something is wrong';

async function insert(tx: Tx, world: AlertsWorld, events: readonly AlertEvent[], now: number): Promise<AlertRow[]> {
  if (events.length === 0) return [];
  const rows = events.map((event, n) => ({
    n,
    ...subjectOf(event, world),
    integration: event.integration,
    dedup: event.dedup,
    summary: summaryOf(event),
    urgency: event.urgency,
    link: event.link ?? null,
    // A sender whose clock is ahead of ours does not know the future.
    started: Math.min(event.started ?? now, now),
  }));
  return tx.query<AlertRow>(
    `insert into alerts (integration, dedup, summary, urgency, service, hosts, parent, link, details, started, received, heard)
     select integration, dedup, summary, urgency, service, hosts, parent, link, details, to_timestamp(started / 1000.0), $2, $2
     from jsonb_to_recordset($1::jsonb) as said (n int, integration text, dedup text, summary text, urgency text, service text, hosts jsonb, parent text, link text,
       details jsonb, started float8) order by n returning *`,
    [toJsonb(rows), new Date(now)],
  );
}

async function resolve(tx: Tx, over: readonly AlertRow[], now: number): Promise<void> {
  if (over.length === 0) return;
  await tx.query(`update alerts set state = 'resolved', resolved = $2, heard = $2, rev = rev + 1 where id = any ($1::bigint[])`, [
    over.map(({ id }) => id),
    new Date(now),
  ]);
  const [first] = over;
  await leavePages(tx, over, { state: 'resolved', because: `${first?.integration} says it is over`, at: now });
}

/** A page rests when all that burns of it is in somebody's hands over there. */
async function takeInHand(tx: Tx, alerts: readonly AlertRow[], now: number): Promise<void> {
  if (alerts.length === 0) return;
  await tx.query(`update alerts set acknowledged = coalesce(acknowledged, $2) where id = any ($1::bigint[])`, [alerts.map(({ id }) => id), new Date(now)]);
  const pages = await tx.query<{ id: string }>(
    `select id from pages p where state = 'open' and id = any ($1::text[]) and not exists (
       select 1 from alerts a where a.page = p.id and a.state = 'firing' and a.acknowledged is null) order by id`,
    [alerts.flatMap(({ page, grouped }) => (page === null || grouped === null ? [] : [page]))],
  );
  const by = alerts[0]?.integration ?? '';
  for (const { id } of pages) await acknowledge(tx, { page: id, by, place: { platform: 'http', channel: by, zone: 'UTC' }, at: now });
}
