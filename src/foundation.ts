import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Loaded, loadConfig, type Surroundings } from './config/load.ts';
import type { SettableClock } from './lib/clocks.ts';
import type { Sandbox } from './sandbox/start.ts';
import type { StartOptions } from './start-options.ts';
import { keepClock, startStoredClock } from './store/clock.ts';
import { makeDataDir } from './store/data-dir.ts';
import type { Store } from './store/db.ts';
import { claimForKind, refuseToForget } from './store/kind.ts';
import { lockDirectory } from './store/lock.ts';
import { openDb } from './store/open.ts';
import { joinSandbox, tellSandbox } from './store/sandbox-clock.ts';

/** What every room stands on. */
export interface Foundation {
  loaded: Loaded;
  dataDir: string;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  db: Store;
  clock: SettableClock;
  /** The simulated fleet, where it runs in this process. */
  sandbox?: Sandbox;
  /** Names this data directory on this machine, in what it holds in a shared database. */
  home: string;
  /** Everything that would reach a person is printed on the one terminal. */
  simulated: boolean;
}

/** Configuration → data directory → database → clock, and the sandbox where nothing is configured. What has to be closed again is put on `closing`. */
export async function layFoundation(options: StartOptions, closing: (() => unknown)[]): Promise<Foundation> {
  const { log, env } = options;
  const surroundings = surroundingsOf(options);
  const configured = options.configFile ? await loadConfig(options.configFile, surroundings) : undefined;
  const dataDir = options.dataDir ?? configured?.config.data ?? resolve('data');
  makeDataDir(dataDir, log);
  const databaseUrl = configured ? configured.config.database?.url.reveal() : env.DATABASE_URL;
  const redisUrl = configured ? configured.config.redis?.url.reveal() : env.REDIS_URL;
  // The embedded store locks its directory itself. A worker shares it with others and needs no control socket.
  const chat = options.role !== 'worker';
  if (databaseUrl && chat) closing.push(await lockDirectory(dataDir));
  const fresh = options.fresh && !configured && !databaseUrl;
  if (fresh) refuseToForget(dataDir);
  const db = await openDb({ dataDir, databaseUrl, log, fresh });
  closing.push(() => db.close());
  // A worker of the sandbox: its hosts, its time, and its terminal.
  const joined = chat || !options.configFile ? undefined : await joinSandbox(db, resolve(options.configFile), log);
  if (joined) closing.push(() => joined.leave());
  else await claimForKind(db, configured ? 'fleet' : 'sandbox', dataDir);

  const clock = joined?.clock ?? (await startStoredClock(db, configured ? 1 : options.speed));
  closing.push(keepClock(db, clock));
  const ground = { dataDir, databaseUrl, redisUrl, db, clock, home: joined?.home ?? placeId(dataDir) };
  if (configured) return { ...ground, loaded: configured, simulated: joined !== undefined };
  const { startSandbox } = await import('./sandbox/start.ts');
  const sandbox = await startSandbox({ dataDir, clock, log, fresh: options.fresh, watchDown: env.HOLDFAST_DOWN === 'yes' });
  closing.push(() => sandbox.close());
  closing.push(await tellSandbox(db, clock, { configFile: sandbox.configFile, home: placeId(dataDir) }));
  return { ...ground, loaded: await loadConfig(sandbox.configFile, surroundings), sandbox, simulated: true };
}

export const surroundingsOf = ({ env, home }: StartOptions): Surroundings => ({ env, home });

function placeId(dataDir: string): string {
  return createHash('sha256')
    .update(`${hostname()}\n${resolve(dataDir)}`)
    .digest('hex')
    .slice(0, 16);
}
