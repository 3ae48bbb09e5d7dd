import { withoutCode } from '../../accounts/hello-code.ts';
import { errorId } from '../../lib/ids.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { Place } from '../command.ts';
import { filledLine, formFor } from '../forms.ts';
import type { ChatWorld } from '../room.ts';
import { sayLine } from '../say-line.ts';
import { type Answer, answers, respond } from './answers.ts';
import { idFor, readId } from './custom-id.ts';
import type { KeptLines } from './kept-lines.ts';
import type { Mentions } from './mentions.ts';
import {
  type CommandInteraction,
  type CompleteInteraction,
  type FormInteraction,
  type Interaction,
  type PressInteraction,
  readInteraction,
} from './payload.ts';
import { ADD_TO_TIMELINE } from './registration.ts';
import type { Rest } from './rest.ts';
import { placeOf } from './threads.ts';
import { chosenIn } from './values.ts';

/** Wall ms in which an asker alone can be answered by the interaction's token; Discord takes it for 15 min. */
const REPLY = 14.5 * 60_000;
/** Of a message that is added to the timeline so much is noted. */
const NOTED = 1500;
const EPHEMERAL = 1 << 6;
/** Buttons that ask for a reason keep the line without it. */
const asksFor = (does: string, line: string): string => (does === 'reason' ? `${line} because …` : line);

/**
 * Commands, presses, forms and half-typed options. A line is committed before its interaction is answered; what is only asked back
 * (a form, "really?", suggestions) is no line. Never throws: whatever comes, the process goes on.
 */
export function openInteractions(world: { chat: ChatWorld; rest: Rest; keep: KeptLines; mentions: Mentions }): { hear(payload: unknown): void } {
  const { chat, rest, keep, mentions } = world;

  const placeIn = (one: Interaction, user: string): { actor: string; place: Place } => {
    const where = placeOf(one.channel_id, one.channel);
    const actor = chat.actorOf('discord', user);
    const place: Place = { platform: 'discord', ...where, user, ...(one.member && { groups: one.member.roles }), zone: chat.zoneOf(actor) };
    return { actor, place: chat.isPublic('discord', where.channel) ? place : { ...place, alone: true } };
  };
  /** Commits the line, and answers only then. */
  const take = async (one: Interaction, user: string, text: string, came: number): Promise<Answer> => {
    const { actor, place } = placeIn(one, user);
    const reply = { by: { application: one.application_id, token: one.token }, until: came + REPLY };
    await chat.take({ eventId: one.id, actor, place, text, ...(place.alone && { reply }) });
    const pressed = 'message' in one ? one.message : undefined;
    if (pressed && (pressed.flags & EPHEMERAL) !== 0) return answers.takenHere(text);
    if (place.alone) return answers.laterAlone();
    // Everybody reads it, but no one-time code.
    return pressed ? answers.silent() : answers.taken(withoutCode(text));
  };
  const context = (user: string) => ({ platform: 'discord' as const, now: chat.now(), zone: chat.zoneOf(chat.actorOf('discord', user)) });

  const typed = (one: CommandInteraction, user: string): string => {
    if (one.data.type === 3) return noted(one, user);
    const chosen = chosenIn(chat.commands(), one.data.name, one.data.options);
    if (!chosen) throw new Refusal('This command is no longer known here: Discord shows an older list. Type / again in a minute.');
    const { json, ...values } = Object.fromEntries(
      Object.entries(chosen.values).map(([name, value]) => [name, typeof value === 'string' ? mentions.inWords(value) : value]),
    );
    return sayLine(chosen.command.name, values, chat.commands(), context(user)) + (json === true ? ' json' : '');
  };
  const noted = (one: CommandInteraction, user: string): string => {
    const message = one.data.name === ADD_TO_TIMELINE ? one.data.resolved?.messages?.[one.data.target_id ?? ''] : undefined;
    const said = mentions.inWords(message?.content ?? '').trim();
    if (!said) throw new Refusal('There is no text in this message to add.');
    const author = message?.author;
    const by = author ? `${mentions.nameOf(author.id) ?? author.global_name ?? author.username ?? author.id}: ` : '';
    const text = said.length > NOTED ? `${said.slice(0, NOTED)}…` : said;
    return sayLine('incident note', { text: by + text }, chat.commands(), context(user));
  };
  const press = async (one: PressInteraction, user: string, came: number): Promise<Answer> => {
    const pressed = readId(one.data.custom_id);
    if (pressed?.does === 'nothing') return answers.nothing();
    const line = pressed && (pressed.line ?? (await keep.get(pressed.kept ?? '')));
    if (!pressed || line === undefined) throw new Refusal('What this button stood for is no longer known. Type the command instead.');
    const form = pressed.does === 'reason' || pressed.does === 'words' ? formFor(asksFor(pressed.does, line)) : undefined;
    if (form) return answers.form(form, line, one.data.custom_id);
    if (pressed.does === 'run') return take(one, user, line, came);
    const asked = answers.confirm(line);
    await keep.keep(asked.keep);
    return asked.answer;
  };
  const form = async (one: FormInteraction, user: string, came: number): Promise<Answer> => {
    const pressed = readId(one.data.custom_id);
    const line = pressed && (pressed.line ?? (await keep.get(pressed.kept ?? '')));
    const asked = line === undefined ? '' : asksFor(pressed?.does ?? 'words', line);
    const asks = formFor(asked);
    const inputs = one.data.components.flatMap(({ component, components = [] }) => [component, ...components]);
    const values = inputs.map((input): [string, string | undefined] => [input?.custom_id ?? '', input?.value ?? input?.values?.[0]]);
    const filled = asks && filledLine(asked, asks, Object.fromEntries(values.map(([name, value]) => [name, value && mentions.inWords(value)])));
    if (filled === undefined) throw new Refusal('The form came back empty. Nothing was done; press the button again.');
    return take(one, user, filled, came);
  };
  const complete = async (one: CompleteInteraction, user: string): Promise<Answer> => {
    const chosen = chosenIn(chat.commands(), one.data.name, one.data.options);
    if (!chosen?.focused) return answers.choices([]);
    const { command, focused } = chosen;
    return answers.choices(await chat.suggest({ command, ...focused, actor: chat.actorOf('discord', user) }));
  };
  const answerTo = async (one: Interaction, user: string, came: number): Promise<Answer> => {
    if (one.type === 4) return complete(one, user);
    if (one.type === 3) return press(one, user, came);
    if (one.type === 5) return form(one, user, came);
    const line = typed(one, user);
    const asks = formFor(line);
    return asks ? answers.form(asks, line, idFor('words', line).id) : take(one, user, line, came);
  };
  const handle = async (one: Interaction, user: string, came: number): Promise<void> => {
    const answer = await answerTo(one, user, came).catch((error: unknown) => {
      if (one.type === 4) return answers.choices([]);
      if (error instanceof Refusal) return answers.alone(error.message);
      const id = errorId();
      chat.log.error({ err: error, id, interaction: one.id }, 'an interaction could not be handled');
      return answers.alone(`Something of ours failed (${id}). Nothing was done; the log has the details under that id.`);
    });
    await respond(rest, chat.log, { id: one.id, token: one.token, came }, answer);
  };
  return {
    hear(payload) {
      const came = Date.now();
      const one = readInteraction(payload);
      const user = one?.member?.user?.id ?? one?.user?.id;
      if (!one || user === undefined) {
        chat.log.warn({}, 'Discord sent an interaction that is none; nothing was done');
        return;
      }
      handle(one, user, came).catch((error: unknown) => chat.log.error({ err: error, interaction: one.id }, 'an interaction could not be answered'));
    },
  };
}
