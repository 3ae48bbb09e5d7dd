import type { types } from '@slack/bolt';
import { z } from 'zod';
import { quoted } from '../words.ts';
import { asTyped, plain } from './buttons.ts';
import type { Heard, HeardLine } from './heard.ts';
import type { Submitted } from './payloads.ts';
import { ReplyBy } from './reply.ts';

const CALLBACK = 'because';
/** The block and the field of the reason: refusals are shown below it. */
export const BLOCK = 'because';
const FIELD = 'text';
/** @slack/types: characters of private_metadata. */
const MOST_KEPT = 3000;
/** A reason, not a report. */
const LONGEST = 500;

const Kept = z.object({
  command: z.string(),
  channel: z.string(),
  thread: z.string().optional(),
  dm: z.boolean(),
  reply: z.object({ by: ReplyBy, until: z.number() }).optional(),
});

/** The form that asks why; `undefined` where the command is too long to be kept in one. `said` is as typed in Slack, with entities. */
export function reasonForm(said: string, line: Pick<HeardLine, 'channel' | 'thread' | 'dm' | 'reply'>): types.ModalView | undefined {
  const { channel, thread, dm, reply } = line;
  const kept = JSON.stringify({ command: said, channel, ...(thread !== undefined && { thread }), dm, ...(reply && { reply }) } satisfies z.infer<typeof Kept>);
  if (kept.length > MOST_KEPT) return undefined;
  return {
    type: 'modal',
    callback_id: CALLBACK,
    private_metadata: kept,
    title: plain('Why?', 24),
    submit: plain('Do it', 24),
    close: plain('Not now', 24),
    blocks: [
      // As somebody would have typed it: these entities are Slack's already.
      { type: 'section', text: { type: 'plain_text', text: asTyped(said).slice(0, 2900), emoji: false } },
      {
        type: 'input',
        block_id: BLOCK,
        label: plain('Because', 50),
        element: { type: 'plain_text_input', action_id: FIELD, multiline: false, max_length: LONGEST, focus_on_load: true },
      },
    ],
  };
}

/** A form that came back, as the line it stands for. */
export function readForm({ user, view }: typeof Submitted._output): Heard {
  if (view.callback_id !== CALLBACK) return { kind: 'nothing', why: `a form "${view.callback_id.slice(0, 40)}" is not known here` };
  const kept = Kept.safeParse(parsed(view.private_metadata));
  if (!kept.success) return { kind: 'nothing', why: 'a form that does not say what it is for' };
  const { command, ...place } = kept.data;
  const reason = (view.state.values[BLOCK]?.[FIELD]?.value ?? '').replace(/\s+/g, ' ').trim();
  // What is typed into a form comes without entities; as a line of Slack's it has them.
  const because = quoted(reason.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'));
  return { kind: 'line', by: 'form', eventId: `form:${view.id}:${view.hash}`, user: user.id, ...place, text: asTyped(command.replace(/…$/, () => because)) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
