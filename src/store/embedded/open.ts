import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../lib/refusal.ts';
import type { Log } from '../../ops.ts';
import type { Store } from '../db.ts';
import { lockDirectory } from '../lock.ts';
import { openStore } from '../pool.ts';
import { makeCheckout } from './checkout.ts';
import type { Place } from './pglite.ts';
import { loadTemplate, unpack } from './template.ts';
import { startThread } from './thread.ts';
import { Wire } from './wire.ts';

/** The Postgres in the pinned PGlite; it reads no other major version's files. */
export const POSTGRES_MAJOR = '18';

export interface EmbeddedOptions {
  dataDir: string;
  log: Log;
  /** Starts over: what the directory held is deleted, exports are kept. */
  fresh?: boolean;
}

/** The embedded store in `<dataDir>/pgdata`, for this process alone. Refuses when another one has it. */
export async function openEmbedded({ dataDir, log, fresh }: EmbeddedOptions): Promise<Store> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = await lockDirectory(dataDir);
  try {
    const dir = join(dataDir, 'pgdata');
    if (fresh) rmSync(dir, { recursive: true, force: true });
    if (existsSync(dir)) refuseOtherVersion(dir, dataDir);
    else unpack(await loadTemplate(), dir);
    return await speakTo({ dir }, log, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The same store in memory, for tests that need no disk: nothing is locked and nothing is kept. */
export async function openInMemory(log: Log): Promise<Store> {
  return speakTo({ memory: await loadTemplate() }, log, () => {});
}

async function speakTo(place: Place, log: Log, unlock: () => void): Promise<Store> {
  const thread = await startThread(place, log);
  const wires = new Set<Wire>();
  const shared = { thread, wires, checkout: makeCheckout(log) };
  thread.onDeath = (error) => {
    for (const wire of wires) wire.lost(error);
  };
  return openStore({
    engine: 'embedded',
    log,
    config: (schema) => ({
      stream: () => new Wire(shared, schema) as never,
      // Not from the environment: PGSSLMODE and its kind are about servers.
      ssl: false,
      user: 'postgres',
      password: '',
      database: 'postgres',
      keepAlive: true,
      idleTimeoutMillis: 0,
      allowExitOnIdle: true,
    }),
    async closed() {
      for (const wire of wires) wire.destroy();
      await thread.close();
      unlock();
    },
  });
}

function refuseOtherVersion(dir: string, dataDir: string): void {
  const file = join(dir, 'PG_VERSION');
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : 'unknown';
  if (version === POSTGRES_MAJOR) return;
  throw new Refusal(
    `The data in ${dir} was written by Postgres ${version}, and this Holdfast embeds Postgres ${POSTGRES_MAJOR}, which cannot read it. ` +
      `Run npx holdfast export with the version before, or take the newest file in ${join(dataDir, 'exports')}; move ${dir} away and run npx holdfast import with this version.`,
  );
}
