import { onTestFinished } from 'vitest';
import type { Attempt, Paging } from '../../src/deliver/attempt.ts';
import { type Attempts, runAttempts } from '../../src/deliver/attempts.ts';
import type { Channel, ChannelName, Delivery, PageMessage } from '../../src/deliver/channel.ts';
import { openConnections } from '../../src/deliver/connections.ts';
import { openGate } from '../../src/deliver/gate.ts';
import { uniqueId } from '../../src/lib/ids.ts';
import type { Person } from '../../src/people.ts';
import type { Db, Tx } from '../../src/store/db.ts';
import { kept } from '../store/quiet.ts';

interface NewAttempt {
  person: string;
  channel: ChannelName;
  /** Domain time. */
  due: number;
  notice: boolean;
  rank: number;
}

/** Order in which a person of these tests is tried. */
const ORDER: ChannelName[] = ['slack', 'discord', 'ntfy', 'email', 'sms', 'voice', 'webhook'];

export const person = (name: string, more: Partial<Person> = {}): Person => ({ name, display: name, roles: [{ role: 'operator' }], zone: 'UTC', ...more });

export const messageOf = (page: string, n: number, text = `${page}: db down`): PageMessage => ({
  key: `${page}-${n}`,
  page,
  urgency: 'high',
  text,
  card: { title: text, tone: 'bad', body: ['since 12:00'] },
});

/** A policy as short as can be: whatever is not sent begins the person's next channel, at once. */
export function nextChannel(
  channels: () => readonly Channel[],
  people: () => readonly Person[],
): Paging & { heardOf: { attempt: Attempt; delivery: Delivery }[] } {
  const heardOf: { attempt: Attempt; delivery: Delivery }[] = [];
  return {
    heardOf,
    async say(db, { page, n }) {
      const [row] = await db.query<{ state: string; text: string }>('select state, text from pages where id = $1', [page]);
      return row?.state === 'open' ? messageOf(page, n, `${page}: ${row.text}`) : undefined;
    },
    async heard(tx: Tx, attempt, delivery) {
      heardOf.push({ attempt, delivery });
      if (delivery.sent) return;
      await tx.query('select 1 from pages where id = $1 for update', [attempt.page]);
      const tried = await tx.query<{ channel: ChannelName }>('select channel from page_attempts where page = $1 and person = $2', [
        attempt.page,
        attempt.person,
      ]);
      const who = people().find(({ name }) => name === attempt.person) as Person;
      const next = ORDER.find((name) => !tried.some(({ channel }) => channel === name) && channels().some((one) => one.name === name && one.reaches(who)));
      if (next) await putAttempts(tx, attempt.page, [{ person: attempt.person, channel: next, due: attempt.due.getTime() }]);
    },
  };
}

export async function putPage(
  db: Db,
  id: string,
  attempts: readonly Partial<NewAttempt>[],
  more: { recipient?: string; text?: string; opened?: number } = {},
): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(`insert into pages (id, text, urgency, recipient, by, opened) values ($1, $2, 'high', $3, 'kim', $4)`, [
      id,
      more.text ?? 'db down',
      more.recipient ?? 'service:db',
      new Date(more.opened ?? Date.now()),
    ]);
    await putAttempts(tx, id, attempts);
  });
}

/** One process that sends pages. It ends with the test. */
export async function sending(db: Db, channels: readonly Channel[], people: readonly Person[], more: { paging?: Paging; holder?: string } = {}) {
  const paging =
    more.paging ??
    nextChannel(
      () => channels,
      () => people,
    );
  const connections = openConnections();
  const log = kept();
  const attempts: Attempts = await runAttempts({
    db,
    log,
    people: () => people,
    channels: () => channels,
    paging,
    gate: openGate(connections),
    holder: more.holder ?? `here:${uniqueId()}`,
    now: Date.now,
  });
  onTestFinished(() => attempts.close());
  return { attempts, paging, connections, log };
}

export interface Row {
  page: string;
  n: number;
  person: string;
  channel: string;
  state: string;
  tries: number;
  says: string | null;
  unsure: boolean;
}

export const rowsOf = (db: Db): Promise<Row[]> =>
  db.query<Row>('select page, n, person, channel, state, tries, says, unsure from page_attempts order by length(page), page, n');

/** A device of a test's own: what it got, and what it answers. */
export function device(
  name: ChannelName,
  answer: (person: Person, message: PageMessage, nth: number) => Promise<Delivery> | Delivery,
  more: Partial<Channel> = {},
) {
  const got: { person: string; key: string }[] = [];
  const channel: Channel = {
    name,
    timeout: 1_000,
    reaches: () => true,
    async send(who, message) {
      got.push({ person: who.name, key: message.key });
      return answer(who, message, got.length);
    },
    ...more,
  };
  return { channel, got };
}

export const yes = (_: Person, { key }: PageMessage): Delivery => ({ sent: true, id: `id of ${key}` });

/** Tries as the room of pages writes them: numbered in their page, with a word to whoever sends. */
async function putAttempts(tx: Tx, page: string, attempts: readonly Partial<NewAttempt>[]): Promise<void> {
  for (const one of attempts) {
    const { person: who, channel, due, notice, rank } = { person: 'ada', channel: 'ntfy', due: Date.now(), notice: false, rank: 0, ...one };
    await tx.query(
      `insert into page_attempts (page, n, round, step, person, channel, due, notice, rank)
       values ($1, (select coalesce(max(n), 0) + 1 from page_attempts where page = $1), 0, 0, $2, $3, $4, $5, $6)`,
      [page, who, channel, new Date(due), notice, rank],
    );
  }
  await tx.notify('attempts');
}
