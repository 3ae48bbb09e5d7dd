import type { ReceiverEvent } from '@slack/bolt';
import { forgetGroups } from '../../accounts/groups.ts';
import { withoutCode } from '../../accounts/hello-code.ts';
import { Refusal } from '../../lib/refusal.ts';
import { liesHere } from '../../store/inbox.ts';
import type { Place } from '../command.ts';
import type { ChatWorld, Incoming } from '../room.ts';
import { asTyped } from './buttons.ts';
import type { Calls } from './calls.ts';
import { codeOf, failed } from './failures.ts';
import { wordsForm } from './form.ts';
import type { Heard, HeardLine } from './heard.ts';
import { note } from './note.ts';
import { marksOf, readDelivery } from './read-delivery.ts';

export interface ReceiveWorld {
  chat: ChatWorld;
  calls: Calls;
}

/**
 * What a receiver is given to do with each delivery. Bolt's own app would acknowledge events before anybody has read them; here
 * nothing is acknowledged before it is a row of the inbox. Throws what has to stay without acknowledgement, so that Slack sends it
 * again or shows that it failed.
 */
export function receiving(world: ReceiveWorld): (event: ReceiverEvent) => Promise<void> {
  const { chat, calls } = world;
  return async ({ body, ack }) => {
    const heard = readDelivery(body, {
      now: Date.now(),
      reaction: chat.config().slack?.reaction ?? '',
      bot: calls.bot().user,
      nameOf: (user) => chat.actorOf('slack', user),
    });
    switch (heard.kind) {
      case 'line':
        return takeLine(world, heard, ack);
      case 'ask':
        await ack();
        return ask(world, heard);
      case 'marked':
        return takeMarked(world, heard, ack);
      case 'groups':
        // Members are asked for when next somebody types whom it may concern.
        await forgetGroups(chat.db);
        return ack();
      case 'nothing':
        chat.log.info({ why: heard.why }, 'a delivery from Slack is nothing for us');
        return ack();
    }
  };
}

async function takeLine(world: ReceiveWorld, heard: HeardLine, ack: ReceiverEvent['ack']): Promise<void> {
  try {
    await world.chat.take(incoming(world, heard));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return sayNotTaken(world.calls, heard, error, ack);
  }
  // In a channel where answers are for everybody, everybody sees what was typed; but no one-time code.
  const open = heard.by === 'command' && world.chat.isPublic('slack', heard.channel) && withoutCode(heard.text) === heard.text;
  await ack(open ? { response_type: 'in_channel' } : undefined);
}

function incoming({ chat }: ReceiveWorld, { eventId, user, channel, thread, dm, text, reply }: HeardLine): Incoming {
  const actor = chat.actorOf('slack', user);
  const alone = !dm && !chat.isPublic('slack', channel);
  const place: Place = {
    platform: 'slack',
    channel,
    ...(thread !== undefined && { thread }),
    user,
    ...(alone && { alone: true }),
    zone: chat.zoneOf(actor),
  };
  return { eventId, actor, place, text, ...(reply && { reply }) };
}

/** In words where the acknowledgement carries some; by its absence, and by the response URL, where it does not. */
async function sayNotTaken(calls: Calls, { by, block = 'text', reply }: HeardLine, { message }: Refusal, ack: ReceiverEvent['ack']): Promise<void> {
  if (by === 'command') return ack({ response_type: 'ephemeral', text: message });
  if (by === 'form') return ack({ response_action: 'errors', errors: { [block]: message.slice(0, 500) } });
  if (reply) await tellAlone(calls, reply.by.url, message);
  throw new Error(message);
}

/** The trigger of a form is good for three seconds from the press, and once. */
async function ask({ chat, calls }: ReceiveWorld, { trigger, command, line }: Extract<Heard, { kind: 'ask' }>): Promise<void> {
  const url = line.reply?.by.url;
  const view = wordsForm(command, line);
  if (!view) return void (url && (await tellAlone(calls, url, `Type it, with your words in place of the dots: ${asTyped(command)}`)));
  try {
    await calls.call((web) => web.views.open({ trigger_id: trigger, view }));
  } catch (error) {
    chat.log.warn({ says: failed(error).says }, 'a form could not be opened in Slack');
    const late = codeOf(error) === 'expired_trigger_id' || codeOf(error) === 'exchanged_trigger_id';
    // The same press, delivered twice, has its form open already.
    if (codeOf(error) === 'exchanged_trigger_id' || !url) return;
    await tellAlone(calls, url, `The form could not be opened${late ? ' in time' : ''}; nothing was done. Press again, or type: ${asTyped(command)}`);
  }
}

async function takeMarked(world: ReceiveWorld, marked: Extract<Heard, { kind: 'marked' }>, ack: ReceiverEvent['ack']): Promise<void> {
  const { channel, ts, eventId, user } = marked;
  // However many mark a message: it goes to the timeline once. A mark that was refused is none.
  if (await liesHere(world.chat.db, 'slack', marksOf(marked))) return ack();
  const { messages = [] } = await world.calls.call((web) => web.conversations.replies({ channel, ts, latest: ts, oldest: ts, inclusive: true, limit: 1 }));
  const found = messages.find((message) => message.ts === ts);
  // It was taken away again.
  if (!found) return ack();
  const text = note(found.text ?? '', found.user === undefined ? undefined : world.chat.actorOf('slack', found.user));
  const thread = found.thread_ts;
  return takeLine(
    world,
    { kind: 'line', by: 'event', eventId, user, channel, dm: channel.startsWith('D'), ...(thread !== undefined && { thread }), text },
    ack,
  );
}

/** Words for one person, outside of anything that has to arrive. */
async function tellAlone(calls: Calls, url: string, text: string): Promise<void> {
  const safe = text
    .replace(/&(?!(?:amp|lt|gt);)/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: safe.slice(0, 3000), response_type: 'ephemeral', replace_original: false }),
    redirect: 'error',
    signal: AbortSignal.timeout(calls.timeout),
  }).catch(() => {});
}
