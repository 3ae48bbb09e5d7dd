import type { Queries } from '../store/db.ts';
import type { Command, Place } from './command.ts';
import { fieldsOf, type IdKind } from './options.ts';
import { ownedBy } from './own-channels.ts';

/**
 * The options of a command with the id its place is about, where it may be given one and none was said: a thread hangs under the card of
 * one thing, and a channel may have been made for one. Elsewhere, and where the thing is of another kind, the options as they are.
 */
export async function impliedHere<Options extends Record<string, unknown>>(db: Queries, command: Command, options: Options, place: Place): Promise<Options> {
  const field = fieldsOf(command).find(({ kind }) => kind === 'id');
  if (!field || options[field.name] !== undefined) return options;
  const thing = (await ofThread(db, place)) ?? (await ownedBy(db, place));
  return thing && field.ids?.includes(thing.kind as IdKind) ? { ...options, [field.name]: thing.id } : options;
}

async function ofThread(db: Queries, { platform, channel, thread }: Place): Promise<{ kind: string; id: string } | undefined> {
  if (thread === undefined) return undefined;
  // Discord's thread has the id of the message it was begun from; Slack's is named by that message's time.
  const [card] = await db.query<{ kind: string; id: string }>(
    `select thing_kind as kind, thing_id as id from cards where platform = $1 and message_id = $2 and $3 in (channel, stands_in) limit 1`,
    [platform, thread, channel],
  );
  return card;
}
