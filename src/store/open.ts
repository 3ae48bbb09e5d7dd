import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';
import type { Store } from './db.ts';
import { migrate } from './migrate.ts';

export interface OpenOptions {
  /** Where the embedded store lives; needed without `databaseUrl`. */
  dataDir?: string;
  /** A Postgres server instead. */
  databaseUrl?: string;
  log: Log;
  /** The folder of migrations; Holdfast's own unless said. */
  migrations?: string;
  /** Embedded only: starts over, deleting what was there. */
  fresh?: boolean;
  /** For tests: the embedded store without a disk. */
  memory?: boolean;
}

/** Opens the database, checked and migrated. Throws Refusal for what the operator can mend: unreachable, in use, not durable. */
export async function openDb({ dataDir, databaseUrl, log, migrations, fresh, memory }: OpenOptions): Promise<Store> {
  if (databaseUrl) {
    const { openPostgres } = await import('./postgres.ts');
    return migrated(await openPostgres({ databaseUrl, log }), migrations);
  }
  const { openEmbedded, openInMemory } = await import('./embedded/open.ts');
  if (memory) return migrated(await openInMemory(log), migrations);
  if (!dataDir) throw new Refusal('There is no place for the database: set HOLDFAST_DATA to a directory, or DATABASE_URL to a Postgres server.');
  const store = await migrated(await openEmbedded({ dataDir, log, fresh }), migrations);
  const { startUpkeep } = await import('./upkeep.ts');
  const upkeep = startUpkeep({ db: store, dataDir, log });
  let closing: Promise<void> | undefined;
  return {
    ...store,
    close() {
      closing ??= upkeep.close().then(() => store.close());
      return closing;
    },
  };
}

async function migrated(store: Store, folder: string | undefined): Promise<Store> {
  try {
    await migrate(store, folder);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
