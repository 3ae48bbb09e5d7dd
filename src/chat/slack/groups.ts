import type { ChatWorld } from '../room.ts';
import type { SlackDirectory } from './directory.ts';
import { failed } from './failures.ts';

/** Who belongs to the user groups that give roles. Looked up now and then, and at once when Slack says that one changed. */
export interface Groups {
  /** Ids of the groups somebody is in. */
  of(user: string): string[];
  look(): Promise<void>;
  close(): void;
}

/** Wall ms between two looks, and how long what was seen counts when Slack does not answer. */
const BETWEEN = 5 * 60_000;
const GOOD_FOR = 60 * 60_000;

export function keepGroups({ config, log }: Pick<ChatWorld, 'config' | 'log'>, directory: SlackDirectory): Groups {
  const members = new Map<string, { users: Set<string>; at: number }>();
  const look = async (): Promise<void> => {
    const wanted = Object.keys(config().slack?.groups ?? {});
    for (const known of members.keys()) if (!wanted.includes(known)) members.delete(known);
    for (const group of wanted) {
      try {
        members.set(group, { users: new Set(await directory.membersOf(group)), at: Date.now() });
      } catch (error) {
        log.warn({ group, says: failed(error).says }, 'the members of a Slack user group could not be looked up');
      }
    }
  };
  const timer = setInterval(() => void look(), BETWEEN).unref();
  return {
    // What was seen too long ago gives no role any more.
    of: (user) => [...members].filter(([, { users, at }]) => users.has(user) && Date.now() - at < GOOD_FOR).map(([group]) => group),
    look,
    close: () => clearInterval(timer),
  };
}
