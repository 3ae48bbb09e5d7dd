import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Db } from '../store/db.ts';
import { GOOD_FOR, makeCode } from './hello-code.ts';

/** What lies in the data directory from `init` until a process that has the database takes it in. */
interface Offered {
  hash: string;
  made: string;
}

const fileIn = (dataDir: string): string => join(dataDir, 'hello.json');

/** Makes a code while no Holdfast runs: its hash waits in the data directory, for its owner alone. Answers the code. */
export async function offerCode(dataDir: string): Promise<string> {
  const { code, hash } = await makeCode();
  const draft = `${fileIn(dataDir)}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, JSON.stringify({ hash, made: new Date().toISOString() } satisfies Offered), { mode: 0o600, flag: 'wx' });
  renameSync(draft, fileIn(dataDir));
  return code;
}

/** Makes a code in a running Holdfast. Answers it. */
export async function openCode(db: Db): Promise<string> {
  const { code, hash } = await makeCode();
  await keep(db, hash, new Date());
  return code;
}

/** Takes a code that waits in the data directory into the database, where every process with that database accepts it. */
export async function takeInCode(db: Db, dataDir: string): Promise<void> {
  const offered = read(dataDir);
  if (!offered) return;
  await keep(db, offered.hash, new Date(offered.made));
  rmSync(fileIn(dataDir), { force: true });
}

/** A code that was taken in before, by a process that died before it could take the file away, is not opened again. */
async function keep(db: Db, hash: string, made: Date): Promise<void> {
  await db.tx(async (tx) => {
    if ((await tx.query(`select 1 from hello_codes where hash = $1`, [hash])).length > 0) return;
    await tx.query(`update hello_codes set state = 'ended', rev = rev + 1 where state = 'open'`);
    await tx.query(`insert into hello_codes (hash, made, expires_until) values ($1, $2, $3)`, [hash, made, new Date(made.getTime() + GOOD_FOR)]);
  });
}

function read(dataDir: string): Offered | undefined {
  try {
    const { hash, made } = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as Partial<Offered>;
    return typeof hash === 'string' && /^scrypt:[0-9a-f]+:[0-9a-f]+$/.test(hash) && !Number.isNaN(Date.parse(made ?? ''))
      ? { hash, made: made as string }
      : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
