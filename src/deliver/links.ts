import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Db } from '../store/db.ts';

/**
 * What stands for one attempt in an address: whoever was sent it answers with one tap, and whoever guesses answers nothing. The key lies in the
 * database, so that every process reads what any of them made.
 */
export interface Links {
  token(attempt: string): string;
  /** The attempt a token is for; looked at in the same time whether it is one or not. */
  read(token: string): string | undefined;
}

/** 144 bits: 24 letters. */
const BYTES = 18;

export async function openLinks(db: Db): Promise<Links> {
  const [row] = await db.query<{ key: string }>(
    `with made as (insert into meta (key, value) values ('link key', to_jsonb($1::text)) on conflict (key) do nothing returning value)
     select value #>> '{}' as key from made union all select value #>> '{}' from meta where key = 'link key' limit 1`,
    [randomBytes(32).toString('hex')],
  );
  const key = Buffer.from((row as { key: string }).key, 'hex');
  const mac = (attempt: string): Buffer => createHmac('sha256', key).update(`attempt\n${attempt}`).digest().subarray(0, BYTES);
  return {
    token: (attempt) => `${attempt}.${mac(attempt).toString('base64url')}`,
    read(token) {
      const [, attempt = '0', sent = ''] = /^([1-9]\d{0,17})\.([A-Za-z0-9_-]{24})$/.exec(token) ?? [];
      const given = Buffer.from(sent.padEnd(24, 'A'), 'base64url');
      return timingSafeEqual(given, mac(attempt)) ? attempt : undefined;
    },
  };
}
