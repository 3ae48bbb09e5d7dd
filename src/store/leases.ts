import type { Db, Queries } from './db.ts';

/** How long a process holds what there is only one of without renewing it; wall seconds. Whoever takes it over waits that long at most. */
const LEASE = 10;

/** Takes the lease, or renews it: 0. Held by another: in how many wall ms it may be free. */
export async function takeLease(db: Queries, name: string, holder: string): Promise<number> {
  const [mine] = await db.query(
    `insert into leases (name, holder, held_until) values ($1, $2, now() + make_interval(secs => ${LEASE}))
     on conflict (name) do update set holder = excluded.holder, held_until = excluded.held_until
     where leases.holder = excluded.holder or leases.held_until < now() returning name`,
    [name, holder],
  );
  if (mine) return 0;
  const [other] = await db.query<{ ms: number }>(`select extract(epoch from held_until - now())::float8 * 1000 as ms from leases where name = $1`, [name]);
  return Math.max(1, other?.ms ?? 1);
}

/** Gives it back, and wakes whoever waits for it. */
export async function releaseLease(db: Db, name: string, holder: string): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(`delete from leases where name = $1 and holder = $2`, [name, holder]);
    await tx.notify('shown', `lease:${name}`);
  });
}

/** At a start: what processes of this place held that are no more. */
export async function releaseLeasesOf(db: Queries, place: string): Promise<void> {
  await db.query(`delete from leases where starts_with(holder, $1)`, [`${place}:`]);
}
