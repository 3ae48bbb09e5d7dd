import type { Config } from '../config/schema.ts';
import type { Log } from '../ops.ts';
import type { Db, Queries } from '../store/db.ts';
import type { Account, Platform } from './links.ts';
import type { GroupRole } from './merge.ts';

/** So long what Slack said of the members of a group is believed; wall seconds. */
const BELIEVED = 600;

/** Members of a Slack user group. Throws when Slack does not say. */
export type AskMembers = (group: string) => Promise<string[]>;

/** The roles that groups give, by what was last heard of their members; good for knowing whom to ask, not for letting somebody act. */
export async function rolesHeardOf(db: Queries, config: Config): Promise<GroupRole[]> {
  const rows = await db.query<Account & { group: string }>(`select platform, user_id as "user", group_id as "group" from group_members`);
  return rows.flatMap((row) => rolesOf(config, row.platform, row.group).map((role) => ({ platform: row.platform, user: row.user, role })));
}

/**
 * The roles the groups of one account give it now. Discord names the groups with what was typed; Slack is asked when what it said
 * is too old, and when it cannot be asked then, its groups give nothing.
 */
export async function rolesNow(
  world: { db: Db; log: Log; config: Config; members: AskMembers },
  account: Account,
  named: readonly string[] | undefined,
): Promise<GroupRole[]> {
  const configured = Object.keys(world.config[account.platform]?.groups ?? {});
  if (configured.length === 0) return [];
  const groups = account.platform === 'discord' ? configured.filter((group) => named?.includes(group)) : await slackGroups(world, account.user, configured);
  // Alone with the bot no roles are named: that says nothing of them.
  if (account.platform === 'discord' && named) await keepNamed(world.db, account, groups);
  return groups.flatMap((group) => rolesOf(world.config, account.platform, group).map((role) => ({ ...account, role })));
}

/** Members of some user group changed: Slack is asked when next somebody types. */
export async function forgetGroups(db: Queries): Promise<void> {
  await db.query(`delete from group_looks where platform = 'slack'`);
}

const rolesOf = (config: Config, platform: Platform, group: string): GroupRole['role'][] => config[platform]?.groups?.[group] ?? [];

async function slackGroups(world: { db: Db; log: Log; members: AskMembers }, user: string, configured: string[]): Promise<string[]> {
  const { db, log } = world;
  const fresh = await db.query<{ group: string }>(
    `select group_id as "group" from group_looks where platform = 'slack' and group_id = any($1) and wall_at > now() - make_interval(secs => ${BELIEVED})`,
    [configured],
  );
  const believed = new Set(fresh.map(({ group }) => group));
  await Promise.all(
    configured
      .filter((group) => !believed.has(group))
      .map(async (group) => {
        try {
          await keepMembers(db, group, await world.members(group));
          believed.add(group);
        } catch (error) {
          log.warn({ err: error, group }, 'Slack does not say who is in a user group; until it does, the group gives nobody a role');
        }
      }),
  );
  const rows = await db.query<{ group: string }>(`select group_id as "group" from group_members where platform = 'slack' and user_id = $1`, [user]);
  return rows.map(({ group }) => group).filter((group) => believed.has(group));
}

async function keepMembers(db: Db, group: string, members: string[]): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(`delete from group_members where platform = 'slack' and group_id = $1 and not user_id = any($2)`, [group, members]);
    await tx.query(
      `insert into group_members (platform, group_id, user_id) select 'slack', $1, member from unnest($2::text[]) as member on conflict do nothing`,
      [group, members],
    );
    await tx.query(
      `insert into group_looks (platform, group_id, wall_at) values ('slack', $1, now()) on conflict (platform, group_id) do update set wall_at = excluded.wall_at`,
      [group],
    );
    await tx.notify('links');
  });
}

/** Written only when it differs: most lines are typed by whoever is in the same groups as before. */
async function keepNamed(db: Db, { user }: Account, groups: string[]): Promise<void> {
  const rows = await db.query<{ group: string }>(`select group_id as "group" from group_members where platform = 'discord' and user_id = $1`, [user]);
  if (rows.length === groups.length && rows.every(({ group }) => groups.includes(group))) return;
  await db.tx(async (tx) => {
    await tx.query(`delete from group_members where platform = 'discord' and user_id = $1 and not group_id = any($2)`, [user, groups]);
    await tx.query(
      `insert into group_members (platform, group_id, user_id) select 'discord', named, $1 from unnest($2::text[]) as named on conflict do nothing`,
      [user, groups],
    );
    await tx.notify('links');
  });
}
