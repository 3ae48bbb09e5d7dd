import { loadConfig } from '../config/load.ts';
import { openLog } from '../log.ts';
import type { Db } from '../store/db.ts';
import { openDb } from '../store/open.ts';
import type { Invocation } from './invocation.ts';

/** The store of a configuration (or of the sandbox: DATABASE_URL, else the data directory), for commands that need nothing else. */
export async function openStore(call: Invocation, dataDir: string): Promise<Db> {
  const loaded = call.configFile ? await loadConfig(call.configFile, { env: call.env, home: call.home }) : undefined;
  const databaseUrl = loaded ? loaded.config.database?.url.reveal() : call.env.DATABASE_URL;
  return openDb({ dataDir, databaseUrl, log: await openLog('warn') });
}
