import type { Queries, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import type { Sight } from './judge.ts';
import type { Missed } from './seen.ts';

interface MissedRow extends Omit<Missed, 'went' | 'since'> {
  place: string;
  went: Date | null;
  since: Date;
}

/** What a place knows of hosts it missed. */
export async function missedFrom(db: Queries, place: string): Promise<Map<string, Missed>> {
  const rows = await db.query<MissedRow>(`select * from down_misses where place = $1`, [place]);
  return new Map(
    rows.map(({ host, misses, well, down, downs, went, since, reach, detail }) => [
      host,
      { host, misses, well, down, downs, reach, detail, since: since.getTime(), ...(went && { went: went.getTime() }) },
    ]),
  );
}

/** Writes what changed, and that the place has looked. `after`: `undefined` for one that is well or gone. */
export async function writeLook(
  tx: Tx,
  { place, hosts, missing, now }: { place: string; hosts: number; missing: number; now: number },
  changed: ReadonlyMap<string, Missed | undefined>,
): Promise<void> {
  await tx.query(
    `insert into down_places (place, looked, wall_looked, hosts, missing) values ($1, $2, now(), $3, $4)
     on conflict (place) do update set looked = excluded.looked, wall_looked = excluded.wall_looked, hosts = excluded.hosts, missing = excluded.missing`,
    [place, new Date(now), hosts, missing],
  );
  const gone = [...changed].filter(([, after]) => after === undefined).map(([host]) => host);
  if (gone.length > 0) await tx.query(`delete from down_misses where place = $1 and host = any ($2::text[])`, [place, gone]);
  const rows = [...changed.values()].filter((after) => after !== undefined);
  if (rows.length === 0) return;
  await tx.query(
    `insert into down_misses (place, host, misses, well, down, downs, went, since, reach, detail)
     select $2, host, misses, well, down, downs, to_timestamp(went / 1000.0), to_timestamp(since / 1000.0), reach, detail
     from jsonb_to_recordset($1::jsonb) as m (host text, misses int, well int, down boolean, downs int, went float8, since float8, reach text, detail text)
     on conflict (place, host) do update set misses = excluded.misses, well = excluded.well, down = excluded.down, downs = excluded.downs, went = excluded.went,
       since = excluded.since, reach = excluded.reach, detail = excluded.detail`,
    [toJsonb(rows), place],
  );
}

/** What all places see that have looked within `fresh` wall ms, and of each host that is down why. */
export async function sightsOf(
  db: Queries,
  hosts: ReadonlySet<string>,
  fresh: number,
): Promise<{ sights: Sight[]; missed: Map<string, Missed & { places: string[] }> }> {
  const places = await db.query<{ place: string }>(`select place from down_places where wall_looked > now() - make_interval(secs => $1) order by place`, [
    fresh / 1000,
  ]);
  const rows = await db.query<MissedRow>(`select * from down_misses where down and place = any ($1::text[]) order by place`, [
    places.map(({ place }) => place),
  ]);
  const missed = new Map<string, Missed & { places: string[] }>();
  for (const { place, went, since, ...row } of rows) {
    const before = missed.get(row.host);
    if (before) before.places.push(place);
    else missed.set(row.host, { ...row, since: since.getTime(), ...(went && { went: went.getTime() }), places: [place] });
  }
  const sights = places.map(({ place }) => ({ place, looked: hosts, down: new Set(rows.filter((row) => row.place === place).map(({ host }) => host)) }));
  return { sights, missed };
}
