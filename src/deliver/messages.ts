import { crashPoint } from '../lib/crash.ts';
import type { Db } from '../store/db.ts';
import type { Renderer, Shown } from './shown.ts';
import { textOf } from './text.ts';

/** What lies in a message: an answer, or something told to a person or posted again. */
export interface MessageBody extends Partial<Shown> {
  /** To whom it is told, and on which of their devices. */
  to?: { person: string; by: string };
  /** Says only where the answer is; worth nothing anywhere else. */
  hint?: true;
  /** In the thread under the card of this thing; in the channel itself where that card could not be shown. */
  under?: { kind: string; id: string };
  /** A thing that is rendered as it is when it is sent. */
  thing?: { kind: string; id: string };
}

/** A device, and what it has that could not be noted as shown: while this process lives that is not shown again. */
export interface Shower {
  print(text: string): Promise<void>;
  has: Set<string>;
}

/** Shows a terminal the answers and announcements it has not had, each marked when the device has it. */
export async function showMessages(world: { db: Db; renderers: Record<string, Renderer> }, channel: string, { print, has }: Shower): Promise<void> {
  const { db } = world;
  const rows = await db.query<{ id: string; body: MessageBody; inbox_id: string | null; place: { zone?: string } }>(
    `select id, body, inbox_id, place from messages where platform = 'terminal' and channel = $1 and state = 'waiting' order by id`,
    [channel],
  );
  for (const row of rows) {
    if (!has.has(row.id)) {
      const text = await sayMessage(world, row);
      crashPoint('answer.rendered');
      await print(text);
      has.add(row.id);
      crashPoint('answer.sent');
    }
    await db.tx(async (tx) => {
      await tx.query(`update messages set state = 'sent', wall_sent = now(), provider_id = coalesce(provider_id, $2) where id = $1`, [row.id, `m${row.id}`]);
      await tx.notify('shown', `line:${row.inbox_id}`);
    });
    has.delete(row.id);
    crashPoint('answer.marked');
  }
}

/** `to ada by dm (id m17): …`; its further lines stand in, so that none passes for an answer. */
async function sayMessage(
  world: { db: Db; renderers: Record<string, Renderer> },
  { id, body, place }: { id: string; body: MessageBody; place: { zone?: string } },
): Promise<string> {
  const { thing, to } = body;
  const render = thing && world.renderers[thing.kind];
  const shown = render ? await render(world.db, thing.id, { json: false, final: false, place: { zone: place.zone ?? 'UTC' } }) : body;
  const text = textOf(shown);
  return to ? `to ${to.person} by ${to.by} (id m${id}): ${text.replaceAll('\n', '\n  ')}` : text;
}
