import type { Tell } from '../deliver/tell.ts';
import { foldNames } from '../fleet/target/fold.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson, record } from '../store/events.ts';
import { toJsonb } from '../store/json.ts';
import { endIfOver } from './end.ts';
import { findDrift } from './findings.ts';
import type { Looked } from './judge-look.ts';
import { type HoldHostRow, type HoldRow, holdRow } from './rows.ts';

/** Writes what looking brought: states, events, findings; who drifted asks for a person, once for each time it begins. */
export async function keepLooks(
  tx: Tx,
  world: { clock: Clock; tell: Tell },
  hold: HoldRow,
  before: readonly HoldHostRow[],
  looks: ReadonlyMap<string, Looked>,
): Promise<void> {
  const now = world.clock.now();
  // One after the other: whether somebody is asked depends on what others found.
  const current = await holdRow(tx, hold.id, 'for update');
  if (!current) return;
  const rows = before.flatMap((row) => {
    const looked = looks.get(row.host);
    return looked ? [{ host: row.host, was: row.state, state: looked.state, detail: looked.detail, lines: looked.lines ?? null }] : [];
  });
  const written = await tx.query<{ host: string }>(
    // A run may have ended with the host meanwhile: then what it says counts.
    `update hold_hosts hh set state = l.state, detail = l.detail, looked = $3,
       recorded = case when l.lines is null then hh.recorded else jsonb_build_object('lines', l.lines) end
     from jsonb_to_recordset($2::jsonb) as l (host text, was text, state text, detail text, lines jsonb)
     where hh.hold = $1 and hh.host = l.host and hh.state = l.was returning hh.host`,
    [hold.id, toJsonb(rows), new Date(now)],
  );
  const kept = new Set(written.map(({ host }) => host));
  const told = new Map([...looks].filter(([host]) => kept.has(host)));
  await keepNews(tx, hold, told, now);
  await keepDrift(tx, world.tell, hold, told, now);
  if (current.state === 'open') await endIfOver(tx, hold.id, false, now);
}

async function keepNews(tx: Tx, hold: HoldRow, looks: ReadonlyMap<string, Looked>, at: number): Promise<void> {
  const news = new Map<string, { host: string; detail: string | null }[]>();
  for (const [host, { news: type, detail }] of looks) if (type) news.set(type, [...(news.get(type) ?? []), { host, detail }]);
  for (const [type, hosts] of news) await record(tx, { thing: hold.id, type, data: { hosts }, by: 'holdfast', at });
}

async function keepDrift(tx: Tx, tell: Tell, hold: HoldRow, looks: ReadonlyMap<string, Looked>, at: number): Promise<void> {
  const found = [...looks].filter(([, { state }]) => state !== 'unverified');
  await findDrift(tx, new Map(found.map(([host, { state, detail }]) => [host, state === 'drifted' ? `paused by ${hold.id}, and ${detail}` : undefined])), at);
  const fresh = [...looks].filter(([, { state, news }]) => news === 'came back unpaused' || (state === 'drifted' && news === 'drifted'));
  const [first] = fresh;
  if (!first) return;
  // A person who was asked about the first is not asked again for each that follows.
  const hosts = fresh.map(([host]) => host);
  const [others] = await tx.query<{ others: number }>(
    `select count(*)::int as others from hold_hosts where hold = $1 and state = 'drifted' and host not in (select jsonb_array_elements_text($2::jsonb))`,
    [hold.id, JSON.stringify(hosts)],
  );
  if ((others?.others ?? 0) > 0) return;
  const text = `${hold.id}: updates are paused and ${hosts.length === 1 ? `${hosts[0]} updates` : `${foldNames(hosts)} update`} all the same: ${first[1].detail}`;
  await askForPerson(tx, { text, urgency: 'high', about: hold.id, by: 'holdfast', at });
  const card = { title: text, tone: 'bad' as const, actions: [{ label: 'Look', command: `show ${hold.id}` }] };
  await tell.tell(tx, { key: `hold:${hold.id} drift ${at}`, to: { person: hold.owner }, card, asked: hold.place, paged: true, at });
}
