import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deed } from './disk.ts';
import { recordFiles } from './record.ts';

/**
 * A process that commits transactions on the embedded store and is told of each; everything it does to its files goes
 * into a record, in one order with what it was told. `shipped` is PGlite without what Holdfast adds.
 * argv: folder, where the record goes, `durable` | `shipped`, how many transactions.
 */
const [folder, recordFile, kind, count] = process.argv.slice(2) as [string, string, string, string];
const deeds: Deed[] = [];
recordFiles(folder, (deed) => deeds.push(deed));

const { loadTemplate, unpack } = await import('../../../src/store/embedded/template.ts');
const dir = join(folder, 'pgdata');
const run = kind === 'durable' ? await bootDurable() : await bootShipped();

await run('CREATE TABLE told (n int PRIMARY KEY, filler text)');
await run('CREATE TABLE other (n int, at timestamptz DEFAULT now())');
for (let n = 1; n <= Number(count); n += 1) {
  await run(`INSERT INTO told VALUES (${n}, repeat('${n % 10}', ${(n * 37) % 900}))`);
  deeds.push({ do: 'acknowledged', n });
  if (n % 10 === 0) await run(`BEGIN; INSERT INTO other (n) SELECT generate_series(1, 50); UPDATE told SET filler = filler || 'x' WHERE n > ${n - 5}; COMMIT`);
  if (n % 60 === 0) await run('VACUUM');
  if (n % 40 === 0) await run('CHECKPOINT');
}
writeFileSync(recordFile, deeds.map((deed) => JSON.stringify(deed)).join('\n'));
process.exit(0);

async function bootDurable(): Promise<(sql: string) => Promise<unknown>> {
  unpack(await loadTemplate(), dir);
  const { bootPglite } = await import('../../../src/store/embedded/pglite.ts');
  const backend = await bootPglite({ dir });
  return async (sql) => {
    const text = Buffer.from(`${sql}\0`);
    const head = Buffer.from([0x51, 0, 0, 0, 0]);
    head.writeInt32BE(text.length + 4, 1);
    const answer = Buffer.from(await backend.run(Buffer.concat([head, text])));
    if (answer.includes('SERROR')) throw new Error(answer.toString('latin1'));
  };
}

async function bootShipped(): Promise<(sql: string) => Promise<unknown>> {
  // The directory itself is made with care, as for the other: what is compared is what a commit is worth.
  unpack(await loadTemplate(), dir);
  const { PGlite } = await import('@electric-sql/pglite');
  const pg = await PGlite.create(dir);
  return (sql) => pg.exec(sql);
}
