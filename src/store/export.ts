import { closeSync, createReadStream, createWriteStream, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { Refusal } from '../lib/refusal.ts';
import { packageRoot } from '../root.ts';
import type { Db, Tx } from './db.ts';

const FORMAT = 1;
const PAGE = 500;
/** Engine's own book-keeping: the target's migrations made its tables. */
const APART = 'holdfast_migrations';

type Line =
  | { holdfast: 'export'; format: number; version: string; at: string; engine: Db['engine']; migrations: string[] }
  | { table: string; columns: string[] }
  | { row: (string | null)[] }
  | { sequence: string; last: string }
  | { end: true; rows: number };

/**
 * Writes every table of Holdfast as it is at one moment: gzipped JSON lines, every value in Postgres' own text form, so
 * that nothing is rounded and any engine and later version reads it. The file appears whole or not at all.
 */
export async function exportTo(db: Db, file: string): Promise<{ tables: number; rows: number }> {
  const half = `${file}.half`;
  const counted = { tables: 0, rows: 0 };
  // Made anew, never written into: in /tmp anybody may have laid a file or a link of that name.
  rmSync(half, { force: true });
  try {
    await db.tx(async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await tx.query('SET LOCAL statement_timeout = 0');
      const lines = Readable.from(linesOf(tx, db.engine, counted));
      await pipeline(lines, createGzip(), createWriteStream(half, { flags: 'wx', mode: 0o600 }));
    });
    onDisk(half);
    renameSync(half, file);
  } finally {
    rmSync(half, { force: true });
  }
  return counted;
}

/**
 * Reads such a file into a database that holds nothing yet, in one transaction. What this version has no place for is a
 * Refusal that names it; with `leaveOut` it is left out and said.
 */
export async function importFrom(db: Db, file: string, { leaveOut = false } = {}): Promise<{ tables: number; rows: number; said: string[] }> {
  const counted = { tables: 0, rows: 0, said: [] as string[] };
  await db.tx(async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    const here = await tablesOf(tx);
    await refuseNonEmpty(tx, here);
    const restore = await withoutChecks(tx, here);
    const put = writer(tx, here, { leaveOut, counted });
    let begun = false;
    let ended = false;
    for await (const line of read(file)) {
      if (!begun) {
        if (!('holdfast' in line) || line.format !== FORMAT) throw new Refusal(`${file} is no export of Holdfast that this version can read.`);
        begun = true;
      } else if ('end' in line) {
        await put.flush();
        ended = line.rows === counted.rows + put.leftOut();
      } else await put.take(line);
    }
    if (!ended) throw new Refusal(`${file} is cut short: nothing was imported. Take another export.`);
    await restore();
  });
  return counted;
}

async function* linesOf(tx: Tx, engine: Db['engine'], counted: { tables: number; rows: number }): AsyncGenerator<string> {
  const say = (line: Line): string => `${JSON.stringify(line)}\n`;
  const migrations = await tx.query<{ name: string }>(`SELECT name FROM ${APART} ORDER BY name`);
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  yield say({ holdfast: 'export', format: FORMAT, version, at: new Date().toISOString(), engine, migrations: migrations.map(({ name }) => name) });
  for (const [table, columns] of await tablesOf(tx)) {
    counted.tables += 1;
    yield say({ table, columns: [...columns.keys()] });
    const wanted = [...columns.keys()].map((column) => `${quote(column)}::text`).join(', ');
    await tx.query(`DECLARE export_rows NO SCROLL CURSOR FOR SELECT json_build_array(${wanted})::text AS row FROM ${quote(table)}`);
    for (;;) {
      const rows = await tx.query<{ row: string }>(`FETCH ${PAGE} FROM export_rows`);
      counted.rows += rows.length;
      yield rows.map(({ row }) => `{"row":${row}}\n`).join('');
      if (rows.length < PAGE) break;
    }
    await tx.query('CLOSE export_rows');
  }
  const sequences = await tx.query<{ name: string; last: string | null }>(
    `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename`,
  );
  for (const { name, last } of sequences) if (last !== null) yield say({ sequence: name, last });
  yield say({ end: true, rows: counted.rows });
}

/** Table → column → type. Generated columns are made again, not carried. */
async function tablesOf(tx: Tx): Promise<Map<string, Map<string, string>>> {
  const columns = await tx.query<{ name: string; column: string; type: string }>(
    `SELECT c.relname AS name, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> $1
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      ORDER BY c.relname, a.attnum`,
    [APART],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { name, column, type } of columns) tables.set(name, (tables.get(name) ?? new Map()).set(column, type));
  return tables;
}

async function refuseNonEmpty(tx: Tx, tables: Map<string, unknown>): Promise<void> {
  const full: string[] = [];
  for (const table of tables.keys()) if ((await tx.query(`SELECT 1 FROM ${quote(table)} LIMIT 1`)).length > 0) full.push(table);
  if (full.length === 0) return;
  throw new Refusal(
    `The database is not empty (${full.slice(0, 5).join(', ')}${full.length > 5 ? ' …' : ''} hold rows), and an import would mix two histories. ` +
      'Import into a new database: another HOLDFAST_DATA directory, or an empty Postgres database.',
  );
}

/** Foreign keys off while rows come in any order, triggers off while history is copied; both back, and checked, at the end. */
async function withoutChecks(tx: Tx, tables: Map<string, unknown>): Promise<() => Promise<void>> {
  const keys = await tx.query<{ table: string; name: string; definition: string }>(
    `SELECT c.relname AS table, k.conname AS name, pg_get_constraintdef(k.oid) AS definition
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace`,
  );
  for (const { table, name } of keys) await tx.query(`ALTER TABLE ${quote(table)} DROP CONSTRAINT ${quote(name)}`);
  for (const table of tables.keys()) await tx.query(`ALTER TABLE ${quote(table)} DISABLE TRIGGER USER`);
  return async () => {
    for (const table of tables.keys()) await tx.query(`ALTER TABLE ${quote(table)} ENABLE TRIGGER USER`);
    for (const { table, name, definition } of keys) await tx.query(`ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(name)} ${definition}`);
  };
}

function writer(
  tx: Tx,
  here: Map<string, Map<string, string>>,
  { leaveOut, counted }: { leaveOut: boolean; counted: { tables: number; rows: number; said: string[] } },
) {
  let into: { table: string; places: { from: number; column: string; type: string }[] } | undefined;
  let rows: (string | null)[][] = [];
  let leftOut = 0;

  const unknown = (what: string): void => {
    if (!leaveOut) {
      throw new Refusal(
        `The export holds ${what}, which this version of Holdfast has no place for, so nothing was imported. ` +
          'Import it with the version that made it or a newer one, or leave that out with --leave-out.',
      );
    }
    counted.said.push(`left out: ${what}`);
  };
  const flush = async (): Promise<void> => {
    if (!into || rows.length === 0) return;
    const { table, places } = into;
    const names = places.map(({ column }) => quote(column)).join(', ');
    const values = places.map(({ type }, i) => `x.c${i}::${type}`).join(', ');
    const arrays = places.map((_, i) => `$${i + 1}::text[]`).join(', ');
    const aliases = places.map((_, i) => `c${i}`).join(', ');
    await tx.query(
      `INSERT INTO ${quote(table)} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM unnest(${arrays}) AS x(${aliases})`,
      places.map(({ from }) => rows.map((row) => row[from] ?? null)),
    );
    counted.rows += rows.length;
    rows = [];
  };
  return {
    flush,
    leftOut: () => leftOut,
    async take(line: Line): Promise<void> {
      if ('table' in line) {
        await flush();
        const columns = here.get(line.table);
        if (!columns) unknown(`the table ${line.table}`);
        for (const column of line.columns) if (columns && !columns.has(column)) unknown(`the column ${line.table}.${column}`);
        const places = line.columns.flatMap((column, from) => (columns?.has(column) ? [{ from, column, type: columns.get(column) as string }] : []));
        into = columns && places.length > 0 ? { table: line.table, places } : undefined;
        if (into) counted.tables += 1;
      } else if ('row' in line) {
        if (into) rows.push(line.row);
        else leftOut += 1;
        if (rows.length >= PAGE) await flush();
      } else if ('sequence' in line) {
        await flush();
        const [known] = await tx.query('SELECT 1 FROM pg_sequences WHERE schemaname = $1 AND sequencename = $2', ['public', line.sequence]);
        if (known) await tx.query('SELECT setval($1::regclass, $2)', [`public.${quote(line.sequence)}`, line.last]);
        else unknown(`the sequence ${line.sequence}`);
      }
    },
  };
}

async function* read(file: string): AsyncGenerator<Line> {
  const source = createReadStream(file);
  const unpacked = source.pipe(createGunzip());
  source.on('error', (error) => unpacked.destroy(error));
  try {
    // Not node:readline: it also ends lines at U+2028, which JSON does not escape.
    let rest = '';
    for await (const text of unpacked.setEncoding('utf8')) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) yield JSON.parse(line) as Line;
    }
  } catch (error) {
    if (error instanceof SyntaxError || 'code' in (error as object)) throw new Refusal(`${file} cannot be read as an export: ${(error as Error).message}.`);
    throw error;
  } finally {
    unpacked.destroy();
    source.destroy();
  }
}

function onDisk(file: string): void {
  const fd = openSync(file, 'r+');
  fsyncSync(fd);
  closeSync(fd);
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
