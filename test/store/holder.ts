import { openDb } from '../../src/store/open.ts';
import { quiet } from './quiet.ts';

/** A process that holds an embedded store and says each row once it is committed. argv: data directory, migrations. */
const [dataDir, migrations] = process.argv.slice(2) as [string, string];
try {
  const db = await openDb({ dataDir, log: quiet, migrations });
  const [{ last } = { last: 0 }] = await db.query<{ last: number }>('SELECT coalesce(max(n), 0) AS last FROM told');
  for (let n = last + 1; ; n += 1) {
    await db.tx((tx) => tx.query('INSERT INTO told VALUES ($1)', [n]));
    process.stdout.write(`${n}\n`);
  }
} catch (error) {
  process.stdout.write(`${(error as Error).name}: ${(error as Error).message}\n`);
  process.exit(3);
}
