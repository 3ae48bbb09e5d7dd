import type { ChatRoom, ChatWorld } from '../room.ts';
import { openCalls } from './calls.ts';
import { openDirectory } from './directory.ts';
import { keepGroups } from './groups.ts';
import { serveHttp } from './http.ts';
import { openMessenger } from './messenger.ts';
import { receiving } from './receive.ts';
import { type KeptSocket, keepSocket, type SocketTimes } from './socket.ts';

/** Wall ms between two looks at whether Slack still knows us. */
const BETWEEN_TESTS = 60_000;
/** No connection for so long while Slack answers: what is wrong is in this process. */
const GIVEN_UP_AFTER = 10 * 60_000;

/**
 * Connects to Slack: two connections in Socket Mode, so that one is there while the other is renewed, and signed HTTP where it is
 * configured. What Slack refuses now is said and tried again: a Holdfast whose Slack is gone still pages by everything else.
 */
export async function openSlack(chat: ChatWorld, times?: SocketTimes): Promise<ChatRoom> {
  const calls = openCalls(chat);
  const groups = keepGroups(chat, openDirectory(calls));
  const hear = receiving({ chat, calls, groups });
  const { app_token: appToken, http: listens } = chat.config().slack ?? {};
  // Who we are has to be known before somebody mentions us; without an answer it is asked again.
  await calls.test();
  await groups.look();
  const http = listens && (await serveHttp({ ...chat, hear }));
  const sockets: KeptSocket[] = appToken ? [1, 2].map((n) => keepSocket({ ...chat, name: `slack socket ${n}`, hear, ...(times && { times }) })) : [];
  const testing = setInterval(() => void look(), BETWEEN_TESTS).unref();

  async function look(): Promise<void> {
    const known = await calls.test();
    const gone = sockets.map(({ downSince }) => downSince() ?? Number.POSITIVE_INFINITY);
    if (known && sockets.length > 0 && gone.every((since) => Date.now() - since > GIVEN_UP_AFTER))
      chat.giveUp(`Slack answers, and no connection in Socket Mode could be opened for ${GIVEN_UP_AFTER / 60_000} min`);
  }

  return {
    messenger: openMessenger(calls, chat.log),
    async close() {
      clearInterval(testing);
      groups.close();
      for (const socket of sockets) socket.close();
      await http?.close();
    },
  };
}
