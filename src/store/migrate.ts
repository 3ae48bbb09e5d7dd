import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../root.ts';
import type { Db } from './db.ts';

export const MIGRATIONS = join(packageRoot, 'src/store/migrations');

const LOCK = 4_871_001;

/**
 * Runs the files `NNN-name.sql` of a folder that this database has not seen, in order, each in a transaction of its
 * own under one advisory lock: of several processes that start together one does it and the others wait. Returns the
 * names it ran. Files of a newer version that ran before are no concern: two versions share a database during a deploy.
 */
export async function migrate(db: Db, folder: string = MIGRATIONS): Promise<string[]> {
  await locked(db, async (tx) => {
    await tx.query(`CREATE TABLE IF NOT EXISTS holdfast_migrations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`);
  });
  const seen = new Set((await db.query<{ name: string }>('SELECT name FROM holdfast_migrations')).map(({ name }) => name));
  const ran: string[] = [];
  for (const name of filesIn(folder)) {
    if (seen.has(name)) continue;
    const sql = readFileSync(join(folder, `${name}.sql`), 'utf8');
    await locked(db, async (tx) => {
      const [already] = await tx.query('SELECT 1 FROM holdfast_migrations WHERE name = $1', [name]);
      if (already) return;
      await tx.query(sql).catch((error: Error) => {
        throw new Error(`migration ${name} failed: ${error.message}`, { cause: error });
      });
      await tx.query('INSERT INTO holdfast_migrations (name) VALUES ($1)', [name]);
      ran.push(name);
    });
  }
  return ran;
}

function locked(db: Db, work: Parameters<Db['tx']>[0]): Promise<unknown> {
  return db.tx(async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    return work(tx);
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^\d{3}-[a-z0-9-]+\.sql$/.test(file))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}
