import { z } from 'zod';
import type { Outgoing, Sent } from '../../deliver/messenger.ts';
import type { Log } from '../../ops.ts';
import { renderSlack } from './blocks.ts';
import type { Calls } from './calls.ts';
import { connectionFailed, statusFailed } from './failures.ts';
import { attach } from './files.ts';

/** Kept beside a line, to answer its asker alone. */
export const ReplyBy = z.object({ url: z.url({ protocol: /^https?$/ }), user: z.string(), thread: z.string().optional() });
export type ReplyBy = z.infer<typeof ReplyBy>;

/** A response URL is good five times within 30 minutes; the last minute is left to those who send. */
export const REPLY_LIFE = 29 * 60_000;

/** Posts by a response URL: only the asker sees it. A file goes to their direct message, for there are none for one person alone. */
export async function answerAlone(calls: Calls, log: Log, by: unknown, message: Outgoing): Promise<Sent> {
  const reply = ReplyBy.safeParse(by);
  if (!reply.success) return { sent: false, why: 'no', says: 'it is not known any more how to answer alone' };
  const { url, user, thread } = reply.data;
  const { text, blocks, file } = renderSlack(message.shown, message.mentions);
  const body = { text, blocks, response_type: 'ephemeral', replace_original: false, ...(thread !== undefined && { thread_ts: thread }) };
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(calls.timeout),
    });
    if (!answer.ok) return laterBy(answer) ?? statusFailed(answer.status);
  } catch (error) {
    return connectionFailed(error);
  }
  if (file) await attachAlone(calls, log, user, file);
  return { sent: true, id: message.marker };
}

function laterBy(answer: Response): Sent | undefined {
  const seconds = Number(answer.headers.get('retry-after'));
  if (answer.status !== 429 || !(seconds > 0)) return undefined;
  return { sent: false, why: 'later', says: 'Slack asks to wait', after: seconds * 1000, scope: 'channel' };
}

async function attachAlone(calls: Calls, log: Log, user: string, file: { name: string; text: string }): Promise<void> {
  try {
    const { channel } = await calls.call((web) => web.conversations.open({ users: user }));
    if (channel?.id) await attach(calls, log, { channel: channel.id }, file);
  } catch (error) {
    log.warn({ err: error }, 'a file could not be given to one person alone');
  }
}
