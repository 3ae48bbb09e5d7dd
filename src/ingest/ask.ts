import { z } from 'zod';
import { Refusal } from '../lib/refusal.ts';
import type { Person } from '../people.ts';
import { toText } from '../store/json.ts';
import type { Answers, LineAnswer } from './answers.ts';
import { inTime } from './in-time.ts';
import { Wrong } from './wrong.ts';

/** What this room needs of the spine, to send a line the way a typed one goes. */
export interface Spine {
  /** Resolves to the line's id once it is committed. */
  take(line: { eventId: string; actor: string; place: HttpPlace; text: string }): Promise<string>;
  answers: Answers;
}

export interface HttpPlace {
  platform: 'http';
  channel: string;
  zone: string;
}

/** Wall ms for which what a line comes to is waited for. */
const MOMENT = 1_500;

export const placeOf = (actor: Person): HttpPlace => ({ platform: 'http', channel: actor.name, zone: actor.zone });

export const eventKey = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'must be printable characters without spaces');

/** The sender's own id of this request: the header, else the body's `event`. Sent again under it, nothing is done twice. */
export function keyOf(header: string | undefined, event: string | undefined): string | undefined {
  const said = header?.trim().replace(/^"(.*)"$/, '$1') ?? event;
  if (said === undefined) return undefined;
  const read = eventKey.safeParse(said);
  if (read.success) return read.data;
  throw new Wrong(400, 'The Idempotency-Key is none.', { why: 'It has 1 to 200 printable characters without spaces.' });
}

/** Commits a line under the sender's key, and waits a moment for what it comes to. Throws Wrong (503) when it is not committed in time. */
export async function send(spine: Spine, actor: Person, key: string, text: string): Promise<LineAnswer> {
  const taking = spine.take({ eventId: `${actor.name}:${key}`, actor: actor.name, place: placeOf(actor), text });
  const line = await inTime(taking, notTaken).catch((error: unknown) => {
    throw error instanceof Refusal ? notTaken(error.message) : error;
  });
  // It is taken: what it comes to can be asked for later, also when the database is gone by now.
  const unknown: LineAnswer = { line, state: 'taken' };
  const late = new Promise<LineAnswer>((resolve) => setTimeout(resolve, MOMENT + 500, unknown).unref());
  const looked = lookFor(spine.answers, actor, line, text).catch((error: unknown) => {
    if (error instanceof Wrong) throw error;
    return unknown;
  });
  return Promise.race([looked, late]);
}

async function lookFor(answers: Answers, actor: Person, line: string, text: string): Promise<LineAnswer> {
  const known = await answers.of(line, actor.name);
  if (known && known.text !== toText(text))
    throw new Wrong(422, 'This Idempotency-Key was used for another request.', {
      why: `It stands for "${known.text.slice(0, 200)}".`,
      do: 'Use a key of its own for each request.',
      more: { line },
    });
  return (await answers.within(line, actor.name, MOMENT)) ?? { line, state: 'taken' };
}

const notTaken = (why: string): Wrong =>
  new Wrong(503, 'Not taken.', {
    why,
    do: 'Send it again with the same Idempotency-Key: it is done once. To stop everything, POST /v1/stop works without the database.',
  });
