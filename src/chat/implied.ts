import type { Queries } from '../store/db.ts';
import type { Command, Place } from './command.ts';
import { fieldsOf, type IdKind } from './options.ts';

/**
 * The options of a command with the id its thread is about, where it may be given one and none was said: a thread hangs under the card of
 * one thing. Elsewhere, and where the thing is of another kind, the options as they are.
 */
export async function impliedHere<Options extends Record<string, unknown>>(db: Queries, command: Command, options: Options, place: Place): Promise<Options> {
  const field = fieldsOf(command).find(({ kind }) => kind === 'id');
  if (place.thread === undefined || !field || options[field.name] !== undefined) return options;
  // Discord's thread has the id of the message it was begun from; Slack's is named by that message's time.
  const [card] = await db.query<{ thing_kind: string; thing_id: string }>(
    `select thing_kind, thing_id from cards where platform = $1 and message_id = $2 and $3 in (channel, stands_in) limit 1`,
    [place.platform, place.thread, place.channel],
  );
  return card && field.ids?.includes(card.thing_kind as IdKind) ? { ...options, [field.name]: card.thing_id } : options;
}
