import type { Place } from '../chat/command.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Queries, Tx } from '../store/db.ts';

/** Where accounts are. */
export const PLATFORMS = ['slack', 'discord'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** One account on a platform, by the platform's own id: `slack:U012AB3CD`. */
export interface Account {
  platform: Platform;
  user: string;
}

/** Whose an account is, where the configuration does not say. */
export interface Link extends Account {
  person: string;
  how: 'hello' | 'confirmed' | 'email';
  /** Given by a one-time code: an admin, whatever the configuration says. */
  admin: boolean;
}

export const nameOf = ({ platform, user }: Account): string => `${platform}:${user}`;

/** `slack:U012AB3CD` → its two parts; nothing where it is no account. */
export function readAccount(name: string): Account | undefined {
  const [, platform, user = ''] = /^(slack|discord):([A-Za-z0-9]{5,32})$/.exec(name) ?? [];
  return platform ? { platform: platform as Platform, user: platform === 'slack' ? user.toUpperCase() : user } : undefined;
}

/** The account something was typed with; nothing where it was no account. */
export function accountOf({ platform, user }: Place): Account | undefined {
  return (platform === 'slack' || platform === 'discord') && user !== undefined ? { platform, user } : undefined;
}

/** The same for a command that is about accounts. Refuses elsewhere. */
export function accountIn(place: Place, command: string): Account {
  const found = accountOf(place);
  if (!found) throw new Refusal(`"${command}" is typed on Slack or Discord: it is about the account there.`);
  return found;
}

export function allLinks(db: Queries): Promise<Link[]> {
  return db.query<Link>(`select platform, user_id as "user", person, how, admin from links order by platform, user_id`);
}

/**
 * An account becomes a person's; one they had on that platform is theirs no more. What a one-time code gave stays as long as the
 * account stays the same person's.
 */
export async function putLink(tx: Tx, link: Link & { by: string; at: number }): Promise<void> {
  await tx.query(`delete from links where platform = $1 and person = $2 and user_id <> $3`, [link.platform, link.person, link.user]);
  await tx.query(
    `insert into links (platform, user_id, person, how, by, admin, made) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (platform, user_id) do update set person = excluded.person, how = excluded.how, by = excluded.by, made = excluded.made,
       admin = excluded.admin or (links.admin and links.person = excluded.person)`,
    [link.platform, link.user, link.person, link.how, link.by, link.admin, new Date(link.at)],
  );
  await tx.query(`delete from links_removed where platform = $1 and user_id = $2 and person = $3`, [link.platform, link.user, link.person]);
  await tx.notify('links');
}

/** Whether an admin took this account away from this person, and nobody has given it back. */
export async function wasRemoved(db: Queries, { platform, user }: Account, person: string): Promise<boolean> {
  return (await db.query(`select 1 from links_removed where platform = $1 and user_id = $2 and person = $3`, [platform, user, person])).length > 0;
}

/** False when there was none. An e-mail address does not bring it back. */
export async function removeLink(tx: Tx, { platform, user }: Account): Promise<boolean> {
  const gone = await tx.query(
    `with gone as (delete from links where platform = $1 and user_id = $2 returning platform, user_id, person)
     insert into links_removed select platform, user_id, person from gone on conflict do nothing returning 1`,
    [platform, user],
  );
  await tx.notify('links');
  return gone.length > 0;
}
