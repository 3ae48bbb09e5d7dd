import type { Config } from '../config/schema.ts';
import type { Log } from '../ops.ts';
import { directory, type Person } from '../people.ts';
import type { Db } from '../store/db.ts';
import type { InboxRow } from '../store/inbox.ts';
import { findByMail } from './by-mail.ts';
import { type AskMembers, rolesHeardOf, rolesNow } from './groups.ts';
import { type Account, accountOf, allLinks, type Link, nameOf } from './links.ts';
import { type GroupRole, withAccounts } from './merge.ts';

/** Wall ms between two looks for accounts by e-mail. */
const BETWEEN_LOOKS = 60_000;

/** Who is who: the people of the configuration, with their accounts. */
export interface Accounts {
  /** As of the last change any process made known. */
  people(): Person[];
  /** Whose line this is, as it stands in the database now: whether an account is somebody's, and what they may, is never remembered. */
  acting(row: Pick<InboxRow, 'actor' | 'place'>): Promise<Person>;
  /** Whom a unix login stands for. */
  ofLogin(login: string): string;
  /** After a new configuration: reads again what was linked, and looks for accounts by e-mail. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export async function openAccounts(world: {
  db: Db;
  log: Log;
  config(): Config;
  /** The people of the configuration, and the machines. */
  declared(): readonly Person[];
  machines(): readonly Person[];
  members: AskMembers;
  /** The account on Slack with an e-mail address; absent where this process speaks to no platform. */
  lookUp?(email: string): Promise<string | undefined>;
  now(): number;
}): Promise<Accounts> {
  const { db, log } = world;
  let links: Link[] = [];
  let groups: GroupRole[] = [];
  const merged = (known: { links: readonly Link[]; groups: readonly GroupRole[] }): Person[] =>
    withAccounts(world.declared(), { ...known, zone: world.config().timezone });
  const refresh = async (): Promise<void> => {
    [links, groups] = await Promise.all([allLinks(db), rolesHeardOf(db, world.config())]);
  };
  const named = (name: string, people: readonly Person[]): Person => directory(() => [...people, ...world.machines()]).named(name);
  const unlisten = await db.listen('links', () => {
    refresh().catch((error: unknown) => log.warn({ err: error }, 'whose accounts are whose could not be read; what was known goes on being used'));
  });
  let lookedAt = Number.NEGATIVE_INFINITY;
  /** Answers whether somebody was found. Not more often than now and then: a stranger may type what they like. */
  const byMail = async (): Promise<boolean> => {
    if (!world.lookUp || !world.config().slack || performance.now() - lookedAt < BETWEEN_LOOKS) return false;
    lookedAt = performance.now();
    const { found, failed } = await findByMail(db, { declared: world.declared, lookUp: world.lookUp, now: world.now });
    for (const one of found) log.info(one, 'an account on Slack was found by e-mail address and is theirs now');
    if (failed !== undefined) log.warn({ err: failed }, 'Slack could not be asked for accounts by e-mail address');
    return found.length > 0;
  };
  const ownerOf = async (account: Account): Promise<Person | undefined> =>
    merged({ links: await allLinks(db), groups: [] }).find((person) => person[account.platform] === account.user);
  await refresh();
  return {
    people: () => merged({ links, groups }),
    async acting({ actor, place }) {
      const account = accountOf(place);
      if (!account) return named(actor, merged({ links: await allLinks(db), groups: [] }));
      const owner = (await ownerOf(account)) ?? (account.platform === 'slack' && (await byMail()) ? await ownerOf(account) : undefined);
      if (!owner) return named(nameOf(account), []);
      const roles = await rolesNow({ db, log, config: world.config(), members: world.members }, account, place.groups);
      return { ...owner, roles: [...owner.roles, ...roles.map(({ role }) => role)] };
    },
    ofLogin: (login) => directory(() => merged({ links, groups: [] })).ofLogin(login),
    async refresh() {
      await refresh();
      lookedAt = Number.NEGATIVE_INFINITY;
      if (await byMail()) await refresh();
    },
    close: unlisten,
  };
}
