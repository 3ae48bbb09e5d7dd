import { PGlite } from '@electric-sql/pglite';
import { DurableFiles } from './durable.ts';

/** Postgres in this thread, spoken to in Postgres' wire protocol. One session; the caller sees to it that one speaks at a time. */
export interface Backend {
  /** Runs whole protocol messages and gives back whole protocol messages, the last of them ReadyForQuery. */
  run(messages: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type Place = { dir: string } | { memory: Uint8Array };

/**
 * Boots from a data directory that exists (see template.ts), or from a tar into memory (tests: nothing is durable there).
 * Throws when a commit does not reach the disk.
 */
export async function bootPglite(place: Place): Promise<Backend> {
  const files = 'dir' in place ? new DurableFiles(place.dir) : undefined;
  const pg = await PGlite.create({
    startParams: [...PGlite.defaultStartParams.filter((param) => param !== '-F'), ...settings(files !== undefined)],
    ...(files ? { fs: files } : { loadDataDir: new Blob([(place as { memory: Uint8Array }).memory]) }),
  });
  if (files) await checkDurable(pg, files);
  return {
    async run(messages) {
      const chunks: Uint8Array[] = [];
      // The raw stream: execProtocolRaw would parse every answer a second time and keep it for ever.
      await pg.execProtocolRawStream(messages, { syncToFs: false, onRawData: (data) => chunks.push(data.slice()) });
      return chunks.length === 1 ? (chunks[0] as Uint8Array) : new Uint8Array(Buffer.concat(chunks));
    },
    close: () => pg.close(),
  };
}

function settings(durable: boolean): string[] {
  const wanted: Record<string, string> = {
    fsync: durable ? 'on' : 'off',
    // fdatasync, the default, does nothing in Emscripten.
    wal_sync_method: 'fsync',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: '16MB',
    // Recycled WAL is kept up to this; nothing checkpoints by itself (see upkeep.ts).
    min_wal_size: '16MB',
    max_wal_size: '64MB',
    TimeZone: 'UTC',
  };
  return Object.entries(wanted).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Commits once and looks whether the hook ran: the only proof that "committed" means "on the disk" with this PGlite. */
async function checkDurable(pg: PGlite, files: DurableFiles): Promise<void> {
  const before = files.walSyncs;
  await pg.query(`SELECT pg_logical_emit_message(true, 'holdfast', 'is it on the disk?')`);
  const {
    rows: [is],
  } = await pg.query<Record<string, string>>(
    `SELECT current_setting('fsync') AS fsync, current_setting('wal_sync_method') AS method,
            current_setting('synchronous_commit') AS commits, current_setting('full_page_writes') AS pages`,
  );
  const right = is?.fsync === 'on' && is.method === 'fsync' && is.commits === 'on' && is.pages === 'on';
  if (right && files.walSyncs > before) return;
  await pg.close().catch(() => {});
  throw new NotDurable(`WAL syncs seen: ${files.walSyncs - before}, settings: ${JSON.stringify(is)}`);
}

/** This build of the embedded database does not put commits on the disk. */
export class NotDurable extends Error {
  override name = 'NotDurable';
}
