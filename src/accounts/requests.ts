import type { Card } from '../chat/card.ts';
import type { Place } from '../chat/command.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import type { Queries, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import { type Account, nameOf, putLink } from './links.ts';

/** "I am ada", as it waits for an admin's word. */
export interface LinkRequest {
  platform: Account['platform'];
  user: string;
  person: string;
  place: Place;
  state: 'waiting' | 'confirmed' | 'refused';
  rev: number;
  asked: Date;
}

/** Between two requests of one account: each rings every admin. Domain ms. */
const AGAIN_AFTER = 60 * 60_000;
/** An older one is asked for again: the admin should still remember who it was. */
const GOOD_FOR = 7 * 24 * 3_600_000;

export async function requestOf(db: Queries, { platform, user }: Account): Promise<LinkRequest | undefined> {
  const [row] = await db.query<LinkRequest>(
    `select platform, user_id as "user", person, place, state, rev, asked from link_requests where platform = $1 and user_id = $2`,
    [platform, user],
  );
  return row;
}

/** Those who can say yes: admins of everything, and people. */
export const adminsOf = (people: readonly Person[]): Person[] =>
  people.filter(({ machine, roles }) => !machine && roles.some(({ role, scope }) => role === 'admin' && scope === undefined));

/** Refuses a request too soon after the last; the account waits, whatever name it says. */
export function mayAsk(before: LinkRequest | undefined, now: number): void {
  if (!before || before.state === 'confirmed') return;
  const left = before.asked.getTime() + AGAIN_AFTER - now;
  if (left <= 0) return;
  throw new Refusal(
    `This account asked ${Math.max(1, Math.round((AGAIN_AFTER - left) / 60_000))} min ago (as ${before.person}). It can ask again in ${Math.ceil(left / 60_000)} min; an admin confirms or refuses it meanwhile.`,
  );
}

/** Writes it down and rings the admins. */
export async function ask(
  tx: Tx,
  tell: Ops['tell'],
  asked: { account: Account; person: string; place: Place; admins: readonly Person[]; at: number },
): Promise<void> {
  const { account, person, at } = asked;
  await tx.query(
    `insert into link_requests (platform, user_id, person, place, asked) values ($1, $2, $3, $4, $5)
     on conflict (platform, user_id) do update set person = excluded.person, place = excluded.place, asked = excluded.asked, state = 'waiting',
       rev = link_requests.rev + 1, by = null, answered = null`,
    [account.platform, account.user, person, toJsonb(asked.place), new Date(at)],
  );
  const card: Card = {
    title: `Somebody on ${account.platform} says: I am ${person}`,
    tone: 'attention',
    body: [`The account is ${nameOf(account)}. Ask ${person} by another way before you confirm: it will act with their role.`],
    actions: [
      { label: 'Confirm', command: `confirm link ${nameOf(account)} as ${person}`, style: 'primary' },
      { label: 'No', command: `refuse link ${nameOf(account)}`, style: 'danger' },
    ],
  };
  for (const { name } of asked.admins) await tell.tell(tx, { key: `link:${nameOf(account)} ${at} ${name}`, to: { person: name }, card, at });
}

/** An admin's word. Refuses what nobody asked, what was answered meanwhile, and what is too old to remember. */
export async function answer(tx: Tx, given: { account: Account; person: string; yes: boolean; by: Person; at: number }): Promise<LinkRequest> {
  const { account, yes, by, at } = given;
  const [request] = await tx.query<LinkRequest>(
    `update link_requests set state = $3, by = $4, answered = $5, rev = rev + 1
     where platform = $1 and user_id = $2 and state = 'waiting' and person = $6 and asked > $7
     returning platform, user_id as "user", person, place, state, rev, asked`,
    [account.platform, account.user, yes ? 'confirmed' : 'refused', by.name, new Date(at), given.person, new Date(at - GOOD_FOR)],
  );
  if (!request)
    throw new Refusal(`${nameOf(account)} does not wait to be ${given.person} any more: it was answered, or asked again otherwise. Nothing was done.`);
  if (yes) await putLink(tx, { ...account, person: given.person, how: 'confirmed', admin: false, by: by.name, at });
  return request;
}
