import { defaultsOf } from '../config/defaults.ts';
import { freezePolicy } from '../escalation/policy.ts';
import type { Recipient, Roster } from '../escalation/roster.ts';
import type { Queries } from '../store/db.ts';
import type { Decided } from './look.ts';
import { type PageRow, recipientOf } from './rows.ts';
import type { PagingWorld } from './world.ts';

/** Domain ms within which pages of one recipient are counted together. */
export const LATELY = 10 * 60_000;

/** Of pages nobody was looked for yet: whom they are for, and their policy as it is now. The others as they are. */
export async function beginPages(db: Queries, world: PagingWorld, roster: Roster, rows: readonly PageRow[], now: number): Promise<Decided['page'][]> {
  const fresh = rows.filter(({ round, state }) => round === 0 && state === 'open');
  if (fresh.length === 0) return rows as Decided['page'][];
  const defaults = defaultsOf(world.config());
  const answering = await answeringFor(
    db,
    world,
    roster,
    fresh.filter(({ recipient }) => recipient === null),
  );
  const begun = new Map(
    fresh.map((page) => {
      const recipient = page.recipient ?? answering.get(page.id) ?? null;
      return [page.id, { ...page, recipient, policy: page.policy ?? freezePolicy(recipientOf(recipient), page.urgency, roster, defaults) }];
    }),
  );
  const before = await countLately(db, [...begun.values()], now);
  for (const page of begun.values()) {
    const key = page.recipient ?? '';
    page.nth = before.get(key) ?? 0;
    before.set(key, page.nth + 1);
  }
  return rows.map((page) => begun.get(page.id) ?? (page as Decided['page']));
}

/** How many pages of these recipients began within the last minutes, these not counted. */
async function countLately(db: Queries, pages: readonly PageRow[], now: number): Promise<Map<string, number>> {
  const rows = await db.query<{ recipient: string; pages: number }>(
    `select recipient, count(*)::int as pages from pages where recipient = any ($1::text[]) and opened > $2 and round > 0 group by recipient`,
    [[...new Set(pages.flatMap(({ recipient }) => recipient ?? []))], new Date(now - LATELY)],
  );
  return new Map(rows.map(({ recipient, pages: count }) => [recipient, count]));
}

/** Whoever answers for what a page is about: the owner of a run, a hold or a rule, the service of its hosts; `null` where nobody does. */
async function answeringFor(db: Queries, world: PagingWorld, roster: Roster, pages: readonly PageRow[]): Promise<Map<string, string | null>> {
  const about = [...new Set(pages.flatMap((page) => page.about ?? []))];
  if (about.length === 0) return new Map();
  const owners = await db.query<{ id: string; owner: string }>(
    `select id, owner from runs where id = any ($1::text[]) union all select id, owner from holds where id = any ($1::text[])
     union all select id, owner from rules where id = any ($1::text[])`,
    [about],
  );
  const hosts = await db.query<{ id: string; hosts: string[] }>(
    `select distinct on (thing) thing as id, data -> 'hosts' as hosts from events
     where thing = any ($1::text[]) and type = 'opened' and jsonb_typeof(data -> 'hosts') = 'array' order by thing, rev`,
    [about],
  );
  const known = new Set(world.people().map(({ name }) => name));
  const found = new Map<string, Recipient | undefined>();
  for (const name of about) found.set(name, serviceFor(roster, [name]));
  for (const { id, hosts: named } of hosts) found.set(id, serviceFor(roster, named));
  for (const { id, owner } of owners) if (known.has(owner)) found.set(id, { person: owner });
  return new Map(
    pages.map(({ id, about: thing }) => {
      const recipient = thing === null ? undefined : found.get(thing);
      return [
        id,
        recipient === undefined ? null : 'person' in recipient ? `person:${recipient.person}` : 'service' in recipient ? `service:${recipient.service}` : null,
      ];
    }),
  );
}

function serviceFor(roster: Roster, hosts: readonly string[]): Recipient | undefined {
  const service = roster.serviceOf(hosts);
  return service === undefined ? undefined : { service };
}
