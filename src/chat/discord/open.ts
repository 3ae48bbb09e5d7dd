import { Refusal } from '../../lib/refusal.ts';
import type { ChatRoom, ChatWorld } from '../room.ts';
import { openGateway } from './gateway.ts';
import { openInteractions } from './interactions.ts';
import { keptLines } from './kept-lines.ts';
import { mentionsIn } from './mentions.ts';
import { openMessenger } from './messenger.ts';
import { PATIENCE, type Patience } from './patience.ts';
import { INTENTS } from './permissions.ts';
import { register } from './registration.ts';
import { openRest, troubleOf } from './rest.ts';
import { knownThreads } from './threads.ts';
import { openTyped } from './typed.ts';

/**
 * Connects to Discord: commands, presses, forms and typed lines become lines of the inbox, and the sender gets its messenger. A Discord
 * that cannot be reached now is connected to when it can; one that refuses what is configured is said, and the rest of Holdfast starts without it: it
 * pages by other ways.
 */
export async function openDiscord(chat: ChatWorld, patience: Patience = PATIENCE): Promise<ChatRoom> {
  const { log, connections } = chat;
  const entry = chat.config().discord;
  if (!entry) throw new Refusal('There is no section `discord` in the configuration.');
  const token = entry.token.reveal();
  let started = false;
  let refuse: (why: string) => void = () => undefined;
  const refused = new Promise<string>((resolve) => {
    refuse = resolve;
  });
  const giveUp = (why: string): void => {
    connections.report({ name: 'discord gateway', platform: 'discord', ok: false, says: why });
    if (started) chat.giveUp(why);
    else refuse(why);
  };
  let self: string | undefined;
  let application: string | undefined;
  let again: NodeJS.Timeout | undefined;
  let closed = false;

  const rest = openRest({ api: entry.api_url, token, patience, log, refused: giveUp });
  const keep = keptLines(chat.db);
  const messenger = openMessenger({ rest, keep, self: () => self });
  const threads = knownThreads(rest);
  const mentions = mentionsIn(chat);
  const interactions = openInteractions({ chat, rest, keep, mentions });
  const typed = openTyped({ chat, rest, messenger, threads, mentions, self: () => self });

  const registerNow = async (): Promise<void> => {
    if (application === undefined || closed) return;
    try {
      await register({ rest, application, server: entry.server, commands: chat.commands(), log });
      connections.report({ name: 'discord commands', platform: 'discord', ok: true, says: 'registered' });
    } catch (error) {
      const trouble = troubleOf(error);
      const says =
        trouble.why === 'no' && trouble.code === 50001
          ? `Discord does not let Holdfast register its commands on server ${entry.server}: invite it again, with the scope applications.commands.`
          : `the commands could not be registered: ${trouble.says}`;
      connections.report({ name: 'discord commands', platform: 'discord', ok: false, says });
      again = setTimeout(() => void registerNow(), REGISTER_AGAIN);
    }
  };
  const server = (type: string, payload: unknown): void => {
    const { id, unavailable } = (payload ?? {}) as { id?: unknown; unavailable?: unknown };
    if (entry.server === undefined || id !== entry.server || unavailable === true) return;
    const there = type === 'GUILD_CREATE';
    const says = there ? 'the bot is on the server' : `the bot was taken off server ${entry.server}: invite it again`;
    connections.report({ name: 'discord server', platform: 'discord', ok: there, says });
  };
  const gateway = openGateway({
    rest,
    token,
    intents: INTENTS,
    patience,
    log,
    connections,
    giveUp,
    ready(fresh, data) {
      if (data) {
        self = data.user.id;
        application = data.application.id;
        clearTimeout(again);
        void registerNow();
      }
      if (fresh) typed.catchUp().catch((error: unknown) => log.warn({ err: error }, 'what was written during a gap could not be read'));
    },
    heard({ t, d }) {
      threads.heard(t, d);
      if (t === 'INTERACTION_CREATE') interactions.hear(d);
      else if (t === 'MESSAGE_CREATE') typed.hear(d);
      else if (t === 'GUILD_CREATE' || t === 'GUILD_DELETE') server(t, d);
    },
  });
  const close = async (): Promise<void> => {
    closed = true;
    clearTimeout(again);
    await gateway.close();
  };
  const why = await Promise.race([refused, gateway.started]);
  if (why === undefined) started = true;
  else {
    await close();
    log.error({}, `Holdfast starts without Discord. ${why} Then start it again.`);
    connections.report({ name: 'discord gateway', platform: 'discord', ok: false, says: why });
  }
  return { messenger, close };
}

/** Wall ms. */
const REGISTER_AGAIN = 60_000;
