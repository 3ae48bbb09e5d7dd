import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The address of a person's calendar cannot be guessed, and says nothing of the person. */
export interface Tokens {
  of(person: string): string;
  /** Whose it is; looked for in the same time whether it is one or not. */
  whose(token: string, people: readonly string[]): string | undefined;
}

/** 192 bits: 32 letters. */
const BYTES = 24;
export const TOKEN = /^[A-Za-z0-9_-]{32}$/;

/**
 * Made from a key in the data directory that nobody else reads (0600) and from the name: nothing is kept in the database, and deleting
 * the file ends every address there is.
 */
export function openTokens(dataDir: string): Tokens {
  const key = keyIn(join(dataDir, 'calendar.key'));
  const bytes = (person: string): Buffer => createHmac('sha256', key).update(`calendar\n${person}`).digest().subarray(0, BYTES);
  return {
    of: (person) => bytes(person).toString('base64url'),
    whose(token, people) {
      if (!TOKEN.test(token)) return undefined;
      const sent = Buffer.from(token, 'base64url');
      let found: string | undefined;
      for (const person of people) if (timingSafeEqual(bytes(person), sent)) found = person;
      return found;
    },
  };
}

function keyIn(file: string): Buffer {
  const known = read(file);
  if (known) return known;
  // Whole or not at all, and never over another's: a process beside this one may be at the same.
  const made = `${file}.${process.pid}.new`;
  writeFileSync(made, randomBytes(32), { mode: 0o600 });
  try {
    linkSync(made, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!read(file)) rmSync(file);
  } finally {
    rmSync(made, { force: true });
  }
  return read(file) ?? keyIn(file);
}

/** A file that was cut short is none. */
function read(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    return key.length === 32 ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
