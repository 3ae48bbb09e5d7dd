import type { types } from '@slack/bolt';
import { z } from 'zod';
import { filledLine, formFor, type Input } from '../forms.ts';
import { asTyped, plain } from './buttons.ts';
import type { Heard, HeardLine } from './heard.ts';
import type { Submitted } from './payloads.ts';
import { ReplyBy } from './reply.ts';

const CALLBACK = 'words';
/** What forms were called that somebody may still have open. */
const KNOWN: readonly string[] = [CALLBACK, 'because'];
const FIELD = 'text';
/** @slack/types: characters of private_metadata, and of a placeholder. */
const MOST_KEPT = 3000;

const Kept = z.object({
  command: z.string(),
  channel: z.string(),
  thread: z.string().optional(),
  dm: z.boolean(),
  reply: z.object({ by: ReplyBy, until: z.number() }).optional(),
});

/** The form that asks for the words a line is without; `undefined` where it needs none, or is too long to be kept in one. `said` is as typed in Slack, with entities. */
export function wordsForm(said: string, line: Pick<HeardLine, 'channel' | 'thread' | 'dm' | 'reply'>): types.ModalView | undefined {
  const { channel, thread, dm, reply } = line;
  const form = formFor(said);
  const kept = JSON.stringify({ command: said, channel, ...(thread !== undefined && { thread }), dm, ...(reply && { reply }) } satisfies z.infer<typeof Kept>);
  if (!form || kept.length > MOST_KEPT) return undefined;
  return {
    type: 'modal',
    callback_id: CALLBACK,
    private_metadata: kept,
    title: plain(form.title, 24),
    submit: plain('Do it', 24),
    close: plain('Not now', 24),
    blocks: [
      // As somebody would have typed it: these entities are Slack's already.
      { type: 'section', text: { type: 'plain_text', text: asTyped(said).slice(0, 2900), emoji: false } },
      ...form.inputs.map((input, n) => inputBlock(input, n === 0)),
    ],
  };
}

function inputBlock({ name, label, help, required, long, choices, most }: Input, first: boolean): types.InputBlock {
  return {
    type: 'input',
    block_id: name,
    label: plain(label, 50),
    ...(help !== undefined && { hint: plain(help, 150) }),
    optional: !required,
    element: choices
      ? { type: 'static_select', action_id: FIELD, options: choices.map((choice) => ({ text: plain(choice, 75), value: choice })) }
      : { type: 'plain_text_input', action_id: FIELD, multiline: long === true, max_length: most, focus_on_load: first },
  };
}

/** A form that came back, as the line it stands for. */
export function readForm({ user, view }: typeof Submitted._output): Heard {
  if (!KNOWN.includes(view.callback_id)) return { kind: 'nothing', why: `a form "${view.callback_id.slice(0, 40)}" is not known here` };
  const kept = Kept.safeParse(parsed(view.private_metadata));
  const form = kept.success ? formFor(kept.data.command) : undefined;
  if (!kept.success || !form) return { kind: 'nothing', why: 'a form that does not say what it is for' };
  const { command, ...place } = kept.data;
  const values = Object.fromEntries(
    form.inputs.map(({ name }) => {
      const field = view.state.values[name]?.[FIELD];
      return [name, field?.value ?? field?.selected_option?.value ?? undefined];
    }),
  );
  // What is typed into a form comes without entities; as a line of Slack's it has them.
  const line = filledLine(command, form, values, (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'));
  if (line === undefined) return { kind: 'nothing', why: 'a form that came back empty' };
  const block = form.inputs[0]?.name ?? FIELD;
  return { kind: 'line', by: 'form', block, eventId: `form:${view.id}:${view.hash}`, user: user.id, ...place, text: asTyped(line) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
