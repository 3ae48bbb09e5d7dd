import type { ChatRoom, ChatWorld } from '../room.ts';
import { openCalls } from './calls.ts';
import { serveHttp } from './http.ts';
import { openMessenger } from './messenger.ts';
import { receiving } from './receive.ts';
import { type KeptSocket, keepSocket } from './socket.ts';
import { type SlackTimes, TIMES } from './times.ts';

/**
 * Connects to Slack: two connections in Socket Mode, so that one is there while the other is renewed, and signed HTTP where it is
 * configured. What Slack refuses now is said and tried again: a Holdfast whose Slack is gone still pages by everything else.
 */
export async function openSlack(chat: ChatWorld, times: SlackTimes = TIMES): Promise<ChatRoom> {
  const calls = openCalls(chat, times.call);
  const hear = receiving({ chat, calls });
  const { app_token: appToken, http: listens } = chat.config().slack ?? {};
  // Who we are is good to know before somebody mentions us; what else starts does not wait long for it.
  await Promise.race([calls.test(), new Promise((resolve) => void setTimeout(resolve, times.first).unref())]);
  const http = listens && (await serveHttp({ ...chat, hear }));
  const sockets: KeptSocket[] = appToken ? [1, 2].map((n) => keepSocket({ ...chat, name: `slack socket ${n}`, hear, times })) : [];
  const testing = setInterval(() => void look(), times.test).unref();

  async function look(): Promise<void> {
    const known = await calls.test();
    const gone = sockets.map(({ downSince }) => downSince() ?? Number.POSITIVE_INFINITY);
    if (known && sockets.length > 0 && gone.every((since) => Date.now() - since > times.giveUp))
      chat.giveUp(`Slack answers, and no connection in Socket Mode could be opened for ${times.giveUp / 60_000} min`);
  }

  return {
    messenger: openMessenger(calls, chat.log),
    async close() {
      clearInterval(testing);
      for (const socket of sockets) socket.close();
      await http?.close();
    },
  };
}
