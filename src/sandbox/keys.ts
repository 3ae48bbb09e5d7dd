import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { replaceFile } from './replace-file.ts';

/** Private half in OpenSSH's own form, public half as one line `ssh-ed25519 AAAA…`. */
export interface KeyPair {
  private: string;
  public: string;
}

/**
 * A new ed25519 key pair; a quarter of a millisecond. ssh2 1.17 spoils one in 256, those whose public half begins with
 * a zero byte (github.com/mscdex/ssh2/issues/1513): these are made again.
 */
export function newKeyPair(): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  const spoilt = [pair.private, pair.public].some((half) => ssh2.utils.parseKey(half) instanceof Error);
  return spoilt ? newKeyPair() : pair;
}

/**
 * Key pairs by name out of one file (mode 0600), made and added where a name has none, so that a host keeps its key
 * across restarts. A file that cannot be read as such is ours to mend and throws.
 */
export async function keyPairs(file: string, names: readonly string[]): Promise<Map<string, KeyPair>> {
  const kept = await readKept(file);
  const missing = names.filter((name) => !(name in kept));
  for (const name of missing) kept[name] = newKeyPair();
  if (missing.length > 0) await replaceFile(file, `${JSON.stringify(kept, null, 1)}\n`);
  return new Map(names.map((name) => [name, kept[name] as KeyPair]));
}

async function readKept(file: string): Promise<Record<string, KeyPair>> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
