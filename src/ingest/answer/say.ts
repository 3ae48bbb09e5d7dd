import type { Person } from '../../people.ts';
import type { Db } from '../../store/db.ts';
import type { LineAnswer } from '../answers.ts';
import type { Spine } from '../ask.ts';
import { inTime } from '../in-time.ts';
import { Wrong } from '../wrong.ts';

/** What answers to pages from outside stand on. */
export interface AnswerWorld {
  spine: Spine;
  db: Db;
  people(): readonly Person[];
  /** The attempt a token is for. */
  attemptOf(token: string): string | undefined;
}

/** One attempt, whom it went to, and the page as it is. */
export interface Asked {
  attempt: string;
  page: string;
  person: Person;
  state: string;
  text: string;
}

/** The attempt a token names. Throws Wrong where it is none, or nobody's any more. */
export async function askedBy(world: AnswerWorld, token: string): Promise<Asked> {
  const attempt = world.attemptOf(token);
  const [row] = attempt === undefined ? [] : await world.db.query<AskedRow>(`${ASKED} where a.id = $1`, [attempt]);
  const person = row && world.people().find(({ name }) => name === row.person);
  if (!row || !person) throw new Wrong(404, 'This link is not known.', { do: 'Answer where you chat: ack, and the number of the page.' });
  return { ...row, person };
}

/** The newest thing somebody was asked by this channel. */
export async function lastAsked(world: AnswerWorld, person: Person, channel: string, page?: string): Promise<Asked | undefined> {
  const [row] = await world.db.query<AskedRow>(
    `${ASKED} where a.person = $1 and a.channel = $2 and a.state in ('sent', 'sending') and ($3::text is null or a.page = $3) order by a.id desc limit 1`,
    [person.name, channel, page ?? null],
  );
  return row && { ...row, person };
}

/**
 * Sends the answer the way of a typed line, as the one who was asked: committed before anything is said to have been done. `event` makes it one
 * line, however often it comes. Throws Wrong (503) where it was not committed in time.
 */
export async function say({ spine }: AnswerWorld, asked: Asked, event: string, text: string): Promise<LineAnswer> {
  const { person, attempt } = asked;
  const place = { platform: 'http' as const, channel: `attempt:${attempt}`, zone: person.zone };
  const line = await inTime(spine.take({ eventId: event, actor: person.name, place, text }), notTaken);
  return (await spine.answers.within(line, person.name, MOMENT).catch(() => undefined)) ?? { line, state: 'taken' };
}

/** What came of it, in one line. */
export const sayWhatCame = (answer: LineAnswer): string => answer.says ?? (answer.state === 'ended' ? 'Done.' : 'Taken. It is written, and being done.');

/** Wall ms. */
const MOMENT = 1_500;
const notTaken = (why: string): Wrong => new Wrong(503, 'Not taken.', { why, do: 'Try again, or answer where you chat.' });

interface AskedRow {
  attempt: string;
  page: string;
  person: string;
  state: string;
  text: string;
}
const ASKED = `select a.id::text as attempt, a.page, a.person, p.state, p.text from page_attempts a join pages p on p.id = a.page`;
