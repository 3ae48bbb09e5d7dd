import type { Calls } from './calls.ts';
import { codeOf } from './failures.ts';

/** What Slack knows of people, for those who link accounts and give roles. Each throws what the SDK throws, where Slack does not answer. */
export interface SlackDirectory {
  /** Whose address this is; `undefined` when nobody's. */
  byEmail(email: string): Promise<{ id: string; name: string; zone?: string } | undefined>;
  /** User ids of the members of a user group; empty when there is no such group. */
  membersOf(group: string): Promise<string[]>;
  /** IANA zone somebody has set in Slack. */
  zoneOf(user: string): Promise<string | undefined>;
}

export function openDirectory(calls: Calls): SlackDirectory {
  return {
    async byEmail(email) {
      const user = (await calls.call((web) => web.users.lookupByEmail({ email })).catch(absent('users_not_found')))?.user;
      if (!user?.id || user.deleted || user.is_bot) return undefined;
      return { id: user.id, name: user.profile?.display_name || user.name || user.id, ...(user.tz !== undefined && { zone: user.tz }) };
    },
    async membersOf(group) {
      const answer = await calls.call((web) => web.usergroups.users.list({ usergroup: group })).catch(absent('no_such_subteam'));
      return answer?.users ?? [];
    },
    async zoneOf(user) {
      const answer = await calls.call((web) => web.users.info({ user })).catch(absent('user_not_found'));
      return answer?.user?.tz;
    },
  };
}

/** One word of Slack's that means nobody; any other is an error. */
function absent(code: string): (error: unknown) => undefined {
  return (error) => {
    if (codeOf(error) === code) return undefined;
    throw error;
  };
}
