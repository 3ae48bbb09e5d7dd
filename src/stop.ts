import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Who stopped everything, when (wall, ISO) and why. */
export interface Stopped {
  by: string;
  at: string;
  because?: string;
}

/**
 * The global halt is a file in the data directory, so that it can be set with the database, the queue and the chat all
 * down: nothing of risk change or disrupt begins while it is there. `holdfast stop` and `/ops stop` write it.
 */
export const stopFile = (dataDir: string): string => join(dataDir, 'stop.json');

export function writeStop(dataDir: string, stopped: Stopped): void {
  const file = stopFile(dataDir);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(stopped)}\n`);
  renameSync(`${file}.new`, file);
}

export function liftStop(dataDir: string): void {
  rmSync(stopFile(dataDir), { force: true });
}

/** A file that cannot be read still stops: somebody meant it. */
export function readStop(dataDir: string): Stopped | undefined {
  const file = stopFile(dataDir);
  if (!existsSync(file)) return undefined;
  try {
    const said = JSON.parse(readFileSync(file, 'utf8')) as Stopped;
    if (typeof said.by === 'string' && Number.isFinite(Date.parse(said.at))) return said;
  } catch {
    // Empty, half written, not JSON: below.
  }
  // When the file was made, not now: read twice, it must be the same stop.
  return { by: 'somebody', at: madeAt(file), because: `${file} is there but cannot be read` };
}

function madeAt(file: string): string {
  try {
    return statSync(file).mtime.toISOString();
  } catch {
    return new Date(0).toISOString();
  }
}

/** Calls `changed` when the halt was set or lifted by any process, within the file system's event. */
export function watchStop(dataDir: string, changed: (stopped: Stopped | undefined) => void): { close(): void } {
  let last = JSON.stringify(readStop(dataDir));
  const watcher = watch(dataDir, (_, name) => {
    if (name !== null && name !== 'stop.json') return;
    const now = readStop(dataDir);
    if (JSON.stringify(now) === last) return;
    last = JSON.stringify(now);
    changed(now);
  });
  // A directory that cannot be watched any more: the row still carries the halt.
  watcher.on('error', () => {});
  return watcher;
}
