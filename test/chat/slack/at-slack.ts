import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ChatRoom, ChatWorld, Incoming } from '../../../src/chat/room.ts';
import { openSlack } from '../../../src/chat/slack/open.ts';
import { type SlackTimes, TIMES } from '../../../src/chat/slack/times.ts';
import { secret } from '../../../src/config/secret.ts';
import { type Connections, openConnections } from '../../../src/deliver/connections.ts';
import { Refusal } from '../../../src/lib/refusal.ts';
import { type FakeClock, wallClock } from '../../fake/slack/clock.ts';
import { type FakeSlack, openFakeSlack } from '../../fake/slack/open.ts';
import { quietLog } from '../../quiet-log.ts';

/** The Slack room on a stand-in, with an inbox of its own: what is taken, once for each event id. */
export interface AtSlack {
  slack: FakeSlack;
  room: ChatRoom;
  /** #ops is bound (answers are for everybody), #random is not. */
  ops: string;
  random: string;
  taken: Incoming[];
  /** While set, lines are refused with it. */
  refuses: string | undefined;
  /** Whose lines are taken and refused when they are handled. */
  mayNot: Set<string>;
  connections: Connections;
  gaveUp: string[];
}

/** Times in which a test does not wait. */
export const QUICK: SlackTimes = { ...TIMES, call: 400, hello: 600, look: 50, again: [20, 200] };

export async function atSlack(
  options: { transport?: 'socket' | 'http'; clock?: FakeClock; times?: SlackTimes; before?(slack: FakeSlack): void; connected?: boolean } = {},
): Promise<AtSlack> {
  const { transport = 'socket', clock = wallClock(), times = QUICK, before, connected = true } = options;
  const slack = await openFakeSlack({ clock });
  onTestFinished(() => slack.close());
  slack.user('ada', { email: 'ada@example.org' });
  slack.user('pepe', { tz: 'America/New_York' });
  const ops = slack.channel('ops', ['ada', 'pepe']);
  const random = slack.channel('random', ['ada', 'pepe']);
  const port = transport === 'http' ? await freePort() : 0;
  const slackConfig = {
    bot_token: secret(slack.botToken),
    api_url: slack.apiUrl,
    reaction: 'pushpin',
    ...(transport === 'socket' ? { app_token: secret(slack.appToken) } : { signing_secret: secret(slack.signingSecret), http: { host: '127.0.0.1', port } }),
  };
  const world: Omit<AtSlack, 'room'> = { slack, ops, random, taken: [], refuses: undefined, mayNot: new Set(), connections: openConnections(), gaveUp: [] };
  const names = new Map([...slack.workspace.users.values()].map(({ id, name }) => [id, name]));
  const chat = {
    config: () => ({ slack: slackConfig }),
    log: quietLog,
    now: Date.now,
    commands: () => [],
    async take(line: Incoming) {
      if (world.refuses !== undefined) throw new Refusal(world.refuses);
      if (!world.taken.some(({ eventId }) => eventId === line.eventId)) world.taken.push(line);
      slack.workspace.changed();
      return line.eventId;
    },
    actorOf: (_: string, user: string) => names.get(user) ?? `slack:${user}`,
    zoneOf: () => 'Europe/Berlin',
    isPublic: (_: string, channel: string) => channel === ops,
    suggest: async () => [],
    db: {
      query: async (_: string, [, begin]: string[]) =>
        world.taken.filter(({ eventId, actor }) => eventId.startsWith(begin as string) && !world.mayNot.has(actor)),
    },
    connections: world.connections,
    giveUp: (why: string) => void world.gaveUp.push(why),
  } as unknown as ChatWorld;
  world.connections.onTurn(() => slack.workspace.changed());
  before?.(slack);
  const room = await openSlack(chat, times);
  onTestFinished(() => room.close());
  if (transport === 'http') slack.deliveries.http = `http://127.0.0.1:${port}/slack/events`;
  else if (connected) await slack.until(() => slack.sockets.count() === 2);
  return Object.assign(world, { room });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
