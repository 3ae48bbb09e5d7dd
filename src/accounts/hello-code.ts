import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** A code of six digits is guessed in a million tries: what keeps it is that few are allowed, and that each costs time. */
const DIGITS = 6;
/** Wrong codes before nobody can use it any more, and those one account may send in an hour. */
export const WRONG_IN_ALL = 10;
export const WRONG_BY_ONE = 3;
/** Wall ms. */
export const GOOD_FOR = 24 * 3_600_000;
/** Costs some 60 ms, so that a stolen hash gives the code away only after hours. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

const slow = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** A code as a person types it, and what is kept of it. */
export async function makeCode(): Promise<{ code: string; hash: string }> {
  const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
  const salt = randomBytes(16);
  return { code, hash: `scrypt:${salt.toString('hex')}:${(await slow(code, salt, 32, COST)).toString('hex')}` };
}

export async function isCode(typed: string, hash: string): Promise<boolean> {
  const [, salt = '', kept = ''] = hash.split(':');
  return timingSafeEqual(await slow(typed, Buffer.from(salt, 'hex'), 32, COST), Buffer.from(kept, 'hex'));
}

/** What was typed, without what may still open a door: for the audit and the log. The code may also stand behind the name. */
export const withoutCode = (text: string): string =>
  text.replace(/\bhello\b.*/gis, (said) => said.replace(/^(hello\W*)\S*\d\S*/i, '$1……').replace(/(?<!\d)\d{6}(?!\d)/g, '……'));
