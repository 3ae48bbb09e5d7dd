import type { ChatWorld } from '../room.ts';

/** `<@123>` as words: the person's name here, else the id. */
export interface Mentions {
  inWords(text: string): string;
  nameOf(user: string): string | undefined;
}

export function mentionsIn(chat: Pick<ChatWorld, 'actorOf'>): Mentions {
  const nameOf = (user: string): string | undefined => {
    const actor = chat.actorOf('discord', user);
    return actor.startsWith('discord:') ? undefined : actor;
  };
  return {
    nameOf,
    inWords: (text) =>
      text
        .replace(/<@!?(\d{15,21})>/g, (_, id: string) => `@${nameOf(id) ?? id}`)
        .replace(/<@&(\d{15,21})>/g, '@role $1')
        .replace(/<#(\d{15,21})>/g, '#$1')
        .replace(/<(\/[^:<>]+):\d{15,21}>/g, '$1')
        .replace(/<a?(:\w+:)\d{15,21}>/g, '$1'),
  };
}
