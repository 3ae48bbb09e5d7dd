import { formFor } from '../forms.ts';
import { asksWords, asTyped } from './buttons.ts';
import { fromValue } from './escape.ts';
import { readForm } from './form.ts';
import type { Heard } from './heard.ts';
import { note } from './note.ts';
import { Callback, Pressed, Reacted, Said, Shortcut, Slash, Submitted } from './payloads.ts';
import { REPLY_LIFE } from './reply.ts';

/** The callback of the shortcut in a message's menu; contact writes it into the manifest. */
export const TIMELINE_SHORTCUT = 'add_to_timeline';

/** What a delivery of Slack's means; `now` is wall time. `said`: the name of somebody, for whom a note quotes. */
export function readDelivery(body: unknown, { now, reaction, bot, nameOf }: Reading): Heard {
  const slash = Slash.safeParse(body);
  if (slash.success) return readSlash(slash.data, now);
  const pressed = Pressed.safeParse(body);
  if (pressed.success) return readPress(pressed.data, now);
  const submitted = Submitted.safeParse(body);
  if (submitted.success) return readForm(submitted.data);
  const shortcut = Shortcut.safeParse(body);
  if (shortcut.success) return readShortcut(shortcut.data, now, nameOf);
  const callback = Callback.safeParse(body);
  if (callback.success) return readEvent(callback.data, { reaction, bot: bot ?? callback.data.authorizations?.[0]?.user_id ?? undefined });
  return { kind: 'nothing', why: `a delivery of type ${String((body as { type?: unknown } | null)?.type).slice(0, 40)} is not known here` };
}

export interface Reading {
  now: number;
  /** The emoji that marks a message for the timeline. */
  reaction: string;
  /** Our own user id, where it is known. */
  bot: string | undefined;
  nameOf(user: string): string;
}

function readSlash({ command, text, channel_id: channel, user_id: user, trigger_id: trigger, response_url: url }: typeof Slash._output, now: number): Heard {
  const line = `${command} ${text}`.trim();
  const place = { user, channel, dm: false, reply: { by: { url, user }, until: now + REPLY_LIFE } };
  if (formFor(line)) return { kind: 'ask', trigger, command: line, line: { kind: 'line', ...place } };
  return {
    kind: 'line',
    by: 'command',
    eventId: `command:${trigger}`,
    user,
    channel,
    // A direct message may be one between two people, where Holdfast cannot write: answered by the response URL.
    dm: false,
    text: line,
    reply: { by: { url, user }, until: now + REPLY_LIFE },
  };
}

function readPress({ user, channel, container, message, trigger_id: trigger, response_url: url, actions }: typeof Pressed._output, now: number): Heard {
  const [action] = actions;
  const value = action?.value ?? action?.selected_option?.value;
  const at = channel?.id ?? container.channel_id;
  if (!action || value === undefined || at === undefined) return { kind: 'nothing', why: 'a button without a command' };
  const thread = container.thread_ts ?? message?.thread_ts;
  const place = { user: user.id, channel: at, dm: at.startsWith('D'), ...(thread !== undefined && { thread }) };
  const reply = url === undefined ? {} : { reply: { by: { url, user: user.id, ...(thread !== undefined && { thread }) }, until: now + REPLY_LIFE } };
  const command = fromValue(value);
  if (asksWords(command)) return { kind: 'ask', trigger, command, line: { kind: 'line', ...place, ...reply } };
  const eventId = `press:${container.message_ts ?? container.view_id}:${action.action_ts}:${action.action_id}:${user.id}`;
  return { kind: 'line', by: 'press', eventId, ...place, text: asTyped(command), ...reply };
}

function readShortcut(
  { callback_id: callback, user, channel, trigger_id: trigger, response_url: url, message }: typeof Shortcut._output,
  now: number,
  nameOf: Reading['nameOf'],
): Heard {
  if (callback !== TIMELINE_SHORTCUT) return { kind: 'nothing', why: `a shortcut "${callback.slice(0, 40)}" is not known here` };
  return {
    kind: 'line',
    by: 'press',
    eventId: `shortcut:${trigger}`,
    user: user.id,
    channel: channel.id,
    dm: channel.id.startsWith('D'),
    ...(message.thread_ts !== undefined && { thread: message.thread_ts }),
    text: note(message.text, message.user === undefined ? undefined : nameOf(message.user)),
    ...(url !== undefined && { reply: { by: { url, user: user.id }, until: now + REPLY_LIFE } }),
  };
}

function readEvent({ event_id: eventId, event }: typeof Callback._output, { reaction, bot }: { reaction: string; bot: string | undefined }): Heard {
  const said = Said.safeParse(event);
  if (said.success) {
    const { type, channel, channel_type: kind, user, text, thread_ts: thread } = said.data;
    const dm = kind === 'im' || channel.startsWith('D');
    if (user === bot) return { kind: 'nothing', why: 'our own words' };
    if (type === 'message' && !dm) return { kind: 'nothing', why: 'nobody spoke to us' };
    // A mention in a direct message comes twice, once of each kind; the message is the line.
    if (type === 'app_mention' && dm) return { kind: 'nothing', why: 'it comes as a message too' };
    return { kind: 'line', by: 'event', eventId, user, channel, dm, ...(thread !== undefined && { thread }), text: withoutMention(text, bot) };
  }
  const reacted = Reacted.safeParse(event);
  if (reacted.success && reacted.data.reaction === reaction) {
    const { user, item } = reacted.data;
    return { kind: 'marked', eventId: `${marksOf(item)}${eventId}`, user, channel: item.channel, ts: item.ts };
  }
  if (event.type === 'subteam_members_changed' || event.type === 'subteam_updated') return { kind: 'groups' };
  return { kind: 'nothing', why: `an event of type ${event.type.slice(0, 40)} is not ours` };
}

/** How the event ids of all marks of a message begin. */
export const marksOf = ({ channel, ts }: { channel: string; ts: string }): string => `marked:${channel}:${ts}:`;

/** `<@U0BOT> check @web` → `/ops check @web`. */
function withoutMention(text: string, bot: string | undefined): string {
  const rest = bot === undefined ? text : text.replace(new RegExp(`<@${bot}(?:\\|[^<>]*)?>[,:]?`, 'g'), ' ');
  const line = rest.trim();
  return line.startsWith('/') ? line : `/ops ${line}`.trim();
}
