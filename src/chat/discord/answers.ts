import { DiscordAPIError } from '@discordjs/rest';
import { ButtonStyle, ComponentType, InteractionResponseType as Is, MessageFlags, Routes, TextInputStyle } from 'discord-api-types/v10';
import type { Log } from '../../ops.ts';
import type { Form, Input } from '../forms.ts';
import { idFor, NOTHING } from './custom-id.ts';
import { code, cut, plain } from './markdown.ts';
import { type Rest, troubleOf } from './rest.ts';

/** The first answer to an interaction, as Discord takes it. */
export interface Answer {
  type: number;
  data?: Record<string, unknown>;
}

const ALONE = MessageFlags.Ephemeral;
const NOBODY = { parse: [] };

/** What is said at once, apart from the answer of the command. */
export const answers = {
  /** The answer follows in the place of "thinking…", for the asker alone. */
  laterAlone: (): Answer => ({ type: Is.DeferredChannelMessageWithSource, data: { flags: ALONE } }),
  /** Everybody reads which line was sent; options are not shown by Discord itself. */
  taken: (line: string): Answer => ({ type: Is.ChannelMessageWithSource, data: { content: cut(code(`/ops ${line}`), 1900), allowed_mentions: NOBODY } }),
  /** Nothing changes on the screen; the answer is a message of its own. */
  silent: (): Answer => ({ type: Is.DeferredMessageUpdate }),
  /** In the place of the question that only the presser sees. */
  takenHere: (line: string): Answer => ({
    type: Is.UpdateMessage,
    data: { content: cut(`${code(`/ops ${line}`)} was taken.`, 1900), embeds: [], components: [], allowed_mentions: NOBODY },
  }),
  nothing: (): Answer => ({ type: Is.UpdateMessage, data: { content: 'Nothing was done.', embeds: [], components: [], allowed_mentions: NOBODY } }),
  alone: (text: string): Answer => ({
    type: Is.ChannelMessageWithSource,
    data: { content: cut(`! ${plain(text)}`, 2000), flags: ALONE, allowed_mentions: NOBODY },
  }),
  choices: (values: readonly string[]): Answer => ({
    type: Is.ApplicationCommandAutocompleteResult,
    data: {
      choices: values
        .filter((value) => value.length > 0 && value.length <= 100)
        .slice(0, 25)
        .map((value) => ({ name: value, value })),
    },
  }),
  /** Asked once more, for the presser alone; `keep` when the line is too long for a button. */
  confirm(line: string): { answer: Answer; keep: { key: string; line: string }[] } {
    const { id, keep } = idFor('run', line);
    const button = (label: string, custom_id: string, style: ButtonStyle): object => ({ type: ComponentType.Button, label, custom_id, style });
    const rows = [{ type: ComponentType.ActionRow, components: [button('Yes, do it', id, ButtonStyle.Danger), button('No', NOTHING, ButtonStyle.Secondary)] }];
    const content = cut(`Really ${code(`/ops ${line}`)}? Nothing was done yet.`, 1900);
    return {
      answer: { type: Is.ChannelMessageWithSource, data: { content, components: rows, flags: ALONE, allowed_mentions: NOBODY } },
      keep: keep ? [keep] : [],
    };
  },
  /** Asks for the words a line is without. */
  form: ({ inputs }: Form, line: string, customId: string): Answer => ({
    type: Is.Modal,
    data: { custom_id: customId, title: cut(line, 45), components: inputs.map(labelled) },
  }),
};

const labelled = ({ name, label, help, required, choices, long, most }: Input) => ({
  type: ComponentType.Label,
  label: cut(label, 45),
  ...(help !== undefined && { description: cut(help, 100) }),
  component: choices
    ? {
        type: ComponentType.StringSelect,
        custom_id: name,
        required,
        options: choices.map((choice) => ({ label: choice, value: choice })),
        min_values: required ? 1 : 0,
        max_values: 1,
      }
    : {
        type: ComponentType.TextInput,
        custom_id: name,
        style: long ? TextInputStyle.Paragraph : TextInputStyle.Short,
        required,
        min_length: required ? 1 : 0,
        max_length: most,
      },
});

/** Wall ms for one try, and until no further try makes sense: Discord takes the first answer for 3 s. */
const ONE_TRY = 1_200;
const LAST_TRY = 2_400;

/**
 * Gives the first answer. It may be tried again, because Discord takes the first one only. What stands behind it is committed: an
 * answer that is not taken loses nothing, and the command's own answer comes another way.
 */
export async function respond(rest: Rest, log: Log, to: { id: string; token: string; came: number }, answer: Answer): Promise<void> {
  for (;;) {
    try {
      await rest.reply(Routes.interactionCallback(to.id, to.token), { method: 'POST', body: answer, within: ONE_TRY });
      return;
    } catch (error) {
      // Delivered twice, or an earlier try arrived.
      if (error instanceof DiscordAPIError && error.code === 40060) return;
      const trouble = troubleOf(error);
      const wait = trouble.why === 'later' ? trouble.after : PAUSE;
      if (trouble.why === 'no' || Date.now() - to.came + wait > LAST_TRY) {
        log.warn(
          { interaction: to.id, says: trouble.says, after: Date.now() - to.came },
          'Discord did not take the first answer; the person reads that it failed, and the answer comes all the same',
        );
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 0)));
    }
  }
}

/** Wall ms between two tries. */
const PAUSE = 150;
