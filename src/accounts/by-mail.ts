import type { Person } from '../people.ts';
import type { Db } from '../store/db.ts';
import { allLinks, putLink, wasRemoved } from './links.ts';

/** What finding accounts by e-mail came to. */
export interface ByMail {
  found: { person: string; user: string }[];
  /** Why it could not be asked; nobody after that was looked for. */
  failed?: unknown;
}

/**
 * Looks on Slack for the people of the configuration who have an e-mail address and no account there. The address counts because
 * an admin wrote it into the configuration and Slack confirmed it. An account that is somebody's already is left with them,
 * and one that an admin took away stays away.
 */
export async function findByMail(
  db: Db,
  world: { declared(): readonly Person[]; lookUp(email: string): Promise<string | undefined>; now(): number },
): Promise<ByMail> {
  const found: ByMail['found'] = [];
  for (const { name, email, slack } of world.declared()) {
    if (email === undefined || slack !== undefined) continue;
    const before = await allLinks(db);
    if (before.some(({ platform, person }) => platform === 'slack' && person === name)) continue;
    try {
      const user = await world.lookUp(email);
      if (user === undefined || world.declared().some((other) => other.slack === user) || before.some((link) => link.user === user)) continue;
      if (await wasRemoved(db, { platform: 'slack', user }, name)) continue;
      await db.tx((tx) => putLink(tx, { platform: 'slack', user, person: name, how: 'email', admin: false, by: 'slack', at: world.now() }));
      found.push({ person: name, user });
    } catch (failed) {
      return { found, failed };
    }
  }
  return { found };
}
