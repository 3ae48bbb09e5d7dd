import { Routes } from 'discord-api-types/v10';
import { type Rest, troubleOf } from './rest.ts';

/** Who is on the configured server, as Discord knows it. Undefined where it does not say; never throws for that. */
export interface Directory {
  /** What others read as somebody's name. */
  displayName(user: string): Promise<string | undefined>;
  /** Ids of everybody with a role. Needs the Server Members Intent in the Developer Portal, which nothing else here does. */
  membersOf(role: string): Promise<string[] | { unknown: string }>;
}

interface Member {
  nick?: string | null;
  roles?: string[];
  user?: { id?: string; username?: string; global_name?: string | null };
}

export function openDirectory(rest: Rest, server: string | undefined): Directory {
  return {
    async displayName(user) {
      if (server === undefined) return undefined;
      const member = await rest.call<Member>(Routes.guildMember(server, user)).catch(() => undefined);
      return member?.nick ?? member?.user?.global_name ?? member?.user?.username;
    },
    async membersOf(role) {
      if (server === undefined) return { unknown: 'Which server is asked is not said: put it into holdfast.yaml (discord.server).' };
      const found: string[] = [];
      try {
        for (let after = '0'; ; ) {
          const page = await rest.call<Member[]>(Routes.guildMembers(server), { query: { limit: String(PAGE), after } });
          for (const { roles = [], user } of page) if (user?.id && roles.includes(role)) found.push(user.id);
          const last = page.at(-1)?.user?.id;
          if (page.length < PAGE || last === undefined) return found;
          after = last;
        }
      } catch (error) {
        const trouble = troubleOf(error);
        const closed = trouble.why === 'no' && trouble.code === 50001;
        return { unknown: closed ? 'Discord lists members only to bots with the Server Members Intent (Developer Portal, Bot).' : trouble.says };
      }
    },
  };
}

/** As many as Discord gives at once. */
const PAGE = 1000;
