import { onTestFinished } from 'vitest';
import { commands } from '../../../commands/index.ts';
import type { Command } from '../../../src/chat/command.ts';
import { openDiscord } from '../../../src/chat/discord/open.ts';
import type { Patience } from '../../../src/chat/discord/patience.ts';
import { openLines } from '../../../src/chat/lines.ts';
import type { ChatWorld, Incoming } from '../../../src/chat/room.ts';
import { secret } from '../../../src/config/secret.ts';
import { type Connections, openConnections } from '../../../src/deliver/connections.ts';
import type { Store } from '../../../src/store/db.ts';
import { kept } from '../../store/quiet.ts';
import type { FakeDiscord } from './open.ts';

export interface InboxLine {
  event_id: string;
  actor: string;
  place: Record<string, unknown>;
  text: string;
}

/** Waits short enough for a test, long enough for a machine that does ten other things. */
export const QUICK: Patience = { call: 3000, connect: 2500, roundTrip: 300, answer: 1500, again: 50, longest: 400, identify: 100, start: 10_000 };

/** Discord's room over a database and a stand-in, without dispatch and sender: what comes in is a row, what goes out is handed over by the test. */
export async function roomOn(
  discord: FakeDiscord,
  db: Store,
  options: {
    people?: Record<string, string>;
    bound?: readonly string[];
    server?: boolean;
    patience?: Partial<Patience>;
    take?: (line: Incoming, take: ChatWorld['take']) => Promise<string>;
    suggest?: ChatWorld['suggest'];
    token?: string;
    commands?: readonly Command[];
  } = {},
) {
  const log = kept();
  const connections: Connections = openConnections();
  const gaveUp: string[] = [];
  const lines = await openLines({ db, log, now: Date.now, wakeDispatch: () => discord.state.changed.emit('changed') });
  const bound = new Set(options.bound ?? []);
  const known = commands.filter(({ sandboxOnly }) => !sandboxOnly);
  const chat: ChatWorld = {
    config: () =>
      ({
        discord: { token: secret(options.token ?? discord.token), api_url: discord.url, ...(options.server !== false && { server: discord.server }) },
        channels: Object.fromEntries([...bound].map((id, n) => [`bound${n}`, { discord: id }])),
        timezone: 'UTC',
      }) as never,
    log,
    now: Date.now,
    commands: () => options.commands ?? known,
    take: (line) => (options.take ? options.take(line, lines.take) : lines.take(line)),
    actorOf: (_platform, user) => options.people?.[user] ?? `discord:${user}`,
    zoneOf: () => 'UTC',
    isPublic: (_platform, channel) => bound.has(channel),
    suggest: options.suggest ?? (async () => []),
    db,
    connections,
    giveUp: (why) => {
      gaveUp.push(why);
      discord.state.changed.emit('changed');
    },
  };
  connections.onTurn(() => discord.state.changed.emit('changed'));
  const room = await openDiscord(chat, { ...QUICK, ...options.patience });
  const close = async (): Promise<void> => {
    await room.close();
    await lines.close();
  };
  onTestFinished(close);
  const inbox = (): Promise<InboxLine[]> => db.query<InboxLine>(`select event_id, actor, place, text from inbox order by id`);
  return {
    room,
    messenger: room.messenger,
    connections,
    gaveUp,
    log,
    inbox,
    /** The row an interaction or a message became. */
    async line(id: string): Promise<InboxLine | undefined> {
      return (await inbox()).find(({ event_id }) => event_id === id);
    },
    /** What came beside a line to answer its asker alone. */
    async reply(id: string): Promise<unknown> {
      const [row] = await db.query<{ reply: unknown }>(`select reply from inbox where event_id = $1`, [id]);
      return row?.reply;
    },
    /** Wall ms until the Gateway is connected again, counted from now. */
    async connectedAgain(ms = 10_000): Promise<number> {
      const began = performance.now();
      await discord.until(() => connections.all().some(({ name, ok }) => name === 'discord gateway' && ok) && discord.gateway.ready(), ms);
      return performance.now() - began;
    },
    close,
  };
}
