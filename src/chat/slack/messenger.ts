import { createHash } from 'node:crypto';
import type { Destination, Messenger, Outgoing, Sent } from '../../deliver/messenger.ts';
import type { Log } from '../../ops.ts';
import { renderSlack } from './blocks.ts';
import type { Calls } from './calls.ts';
import { codeOf, failed } from './failures.ts';
import { attach } from './files.ts';
import { lookUp } from './look-up.ts';
import { openBeside } from './open-beside.ts';
import { answerAlone } from './reply.ts';

/** As a message of ours is found again: Slack keeps it with the message, and nobody sees it. */
export const EVENT_TYPE = 'holdfast_message';

/** Messages of which is remembered what was attached to them. */
const MOST_REMEMBERED = 1000;

/** Nobody's link is opened for a preview, and nothing in a text is looked for that could be a mention. */
const QUIET = { unfurl_links: false, unfurl_media: false, parse: 'none' } as const;

/** Slack for the one sender: each call one try. A dropped connection may have posted, and `find` says. */
export function openMessenger(calls: Calls, log: Log): Messenger {
  const dms = new Map<string, string>();
  /** What was attached to which message, by its text: an edit that brings the same file attaches none. */
  const attached = new Map<string, string>();

  /** The channel of a destination; a direct message is opened once. Throws what the SDK throws. */
  const channelOf = async (to: Exclude<Destination, { reply: unknown }>): Promise<string> => {
    if ('channel' in to) return to.channel;
    const known = dms.get(to.person);
    if (known !== undefined) return known;
    const { channel } = await calls.call((web) => web.conversations.open({ users: to.person }));
    if (!channel?.id) throw new Error('Slack opened a direct message without saying where');
    dms.set(to.person, channel.id);
    return channel.id;
  };
  const attachOnce = async (to: { channel: string; thread: string }, ts: string, file: { name: string; text: string }): Promise<void> => {
    const hash = createHash('sha256').update(file.text).digest('base64');
    if (attached.get(`${to.channel} ${ts}`) === hash) return;
    attached.set(`${to.channel} ${ts}`, hash);
    const oldest = attached.size > MOST_REMEMBERED ? attached.keys().next().value : undefined;
    if (oldest !== undefined) attached.delete(oldest);
    await attach(calls, log, to, file);
  };
  const failure = (to: Destination, error: unknown): Extract<Sent, { sent: false }> => {
    // A direct message that is no more is opened anew the next time.
    if ('person' in to && codeOf(error) === 'channel_not_found') dms.delete(to.person);
    return failed(error, calls.bot().name);
  };

  return {
    platform: 'slack',
    async post(to, message) {
      if ('reply' in to) return answerAlone(calls, log, to.reply, message);
      try {
        const channel = await channelOf(to);
        const { text, blocks, file } = renderSlack(message.shown, message.mentions);
        const thread = 'thread' in to ? to.thread : undefined;
        const { ts } = await calls.call((web) =>
          web.chat.postMessage({ channel, text, blocks, metadata: metadataOf(message), ...QUIET, ...(thread !== undefined && { thread_ts: thread }) }),
        );
        if (ts === undefined) return { sent: false, why: 'unsure', says: 'Slack took it without saying where it stands' };
        if (file) await attachOnce({ channel, thread: thread ?? ts }, ts, file);
        return { sent: true, id: ts, ...('person' in to && { channel }) };
      } catch (error) {
        return failure(to, error);
      }
    },
    async edit(to, id, message) {
      if ('reply' in to) return { sent: false, why: 'no', says: 'an answer for one person alone cannot be changed' };
      try {
        const channel = await channelOf(to);
        const { text, blocks, file } = renderSlack(message.shown, message.mentions);
        await calls.call((web) => web.chat.update({ channel, ts: id, text, blocks, metadata: metadataOf(message), parse: 'none' }));
        if (file) await attachOnce({ channel, thread: 'thread' in to && to.thread !== undefined ? to.thread : id }, id, file);
        return { sent: true, id };
      } catch (error) {
        return failure(to, error);
      }
    },
    async pin(to, id, on) {
      if ('reply' in to) return { sent: false, why: 'no', says: 'an answer for one person alone cannot be pinned' };
      try {
        const channel = await channelOf(to);
        await calls.call((web) => (on ? web.pins.add({ channel, timestamp: id }) : web.pins.remove({ channel, timestamp: id })));
        return { sent: true, id };
      } catch (error) {
        if (codeOf(error) === (on ? 'already_pinned' : 'no_pin')) return { sent: true, id };
        return failure(to, error);
      }
    },
    async open(beside, wanted) {
      try {
        return await openBeside(calls, log, beside, wanted);
      } catch (error) {
        return failure({ channel: beside }, error);
      }
    },
    async find(to, marker) {
      // What one person alone was shown is in no history.
      if ('reply' in to) return 'unsure';
      try {
        return await lookUp(calls, { channel: await channelOf(to), ...('thread' in to && { thread: to.thread }) }, marker);
      } catch (error) {
        const { why, says } = failure(to, error);
        if (why === 'no' && codeOf(error) !== 'missing_scope') return undefined;
        log.warn({ says, to }, 'whether a message stands in Slack cannot be looked up now');
        return 'unsure';
      }
    },
  };
}

const metadataOf = ({ marker }: Outgoing) => ({ event_type: EVENT_TYPE, event_payload: { marker } });
