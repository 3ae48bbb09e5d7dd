import { createHash, randomBytes } from 'node:crypto';
import type { Db, Queries, Tx } from '../../store/db.ts';

/** 256 bits: 43 letters. */
const BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** What stands in an address or a cookie is kept as this only: who reads the database opens nothing with it. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const newToken = (): string => randomBytes(BYTES).toString('base64url');

/** Makes room for a link of a person, good for `lasts` wall ms; what stands in it is made when it is shown. Answers its id. */
export async function makeLink(tx: Tx, person: string, lasts: number): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into board_links (person, wall_until) values ($1, now() + make_interval(secs => $2::float8 / 1000)) returning id`,
    [person, lasts],
  );
  return (row as { id: string }).id;
}

/** A token for a link, made anew each time it is shown: the one before opens nothing any more. Absent when it was spent or is over. */
export async function tokenFor(db: Queries, id: string): Promise<{ token: string; person: string; until: Date } | undefined> {
  const token = newToken();
  const [row] = await db.query<{ person: string; until: Date }>(
    `update board_links set hash = $2 where id = $1 and wall_spent is null and wall_until > now() returning person, wall_until as until`,
    [id, hashOf(token)],
  );
  return row && { token, ...row };
}

/** Whether a link can still be spent. Changes nothing. */
export async function isGood(db: Queries, token: string): Promise<boolean> {
  if (!TOKEN.test(token)) return false;
  return (await db.query(`select 1 from board_links where hash = $1 and wall_spent is null and wall_until > now()`, [hashOf(token)])).length > 0;
}

/** Spends a link, once whoever asks at the same moment, and begins a session of `lasts` wall ms. Absent when it was spent or is over. */
export async function spend(db: Db, token: string, lasts: number): Promise<{ session: string; person: string } | undefined> {
  if (!TOKEN.test(token)) return undefined;
  return db.tx(async (tx) => {
    const [link] = await tx.query<{ person: string }>(
      `update board_links set wall_spent = now() where hash = $1 and wall_spent is null and wall_until > now() returning person`,
      [hashOf(token)],
    );
    if (!link) return undefined;
    const session = newToken();
    await tx.query(`insert into board_sessions (hash, person, wall_until) values ($1, $2, now() + make_interval(secs => $3::float8 / 1000))`, [
      hashOf(session),
      link.person,
      lasts,
    ]);
    return { session, person: link.person };
  });
}

/** A browser in which somebody opened the board. */
export interface Session {
  /** Its hash: names it, opens nothing. */
  id: string;
  person: string;
}

/** The session of a cookie, while it lasts. */
export async function sessionOf(db: Queries, token: string | undefined): Promise<Session | undefined> {
  if (token === undefined || !TOKEN.test(token)) return undefined;
  const [row] = await db.query<Session>(`select hash as id, person from board_sessions where hash = $1 and wall_ended is null and wall_until > now()`, [
    hashOf(token),
  ]);
  return row;
}

/** Those of these sessions that still last. */
export async function stillGood(db: Queries, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ hash: string }>(`select hash from board_sessions where hash = any ($1::text[]) and wall_ended is null and wall_until > now()`, [
    [...new Set(ids)],
  ]);
  return new Set(rows.map(({ hash }) => hash));
}

export function endSession(db: Db, id: string): Promise<void> {
  return db.tx(async (tx) => {
    await tx.query(`update board_sessions set wall_ended = now() where hash = $1 and wall_ended is null`, [id]);
    await tx.notify('shown', 'board');
  });
}

/** Ends every browser in which a person has the board open, and the links of theirs that nobody used. How many browsers. */
export async function endAllOf(tx: Tx, person: string): Promise<number> {
  await tx.query(`update board_links set wall_spent = now() where person = $1 and wall_spent is null`, [person]);
  const ended = await tx.query(`update board_sessions set wall_ended = now() where person = $1 and wall_ended is null and wall_until > now() returning hash`, [
    person,
  ]);
  // Whoever shows the board looks again who may see it.
  await tx.notify('shown', 'board');
  return ended.length;
}
