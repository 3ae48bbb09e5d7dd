import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyPathOf } from './laid.ts';

/** What a service of a simulated host has in memory, chain and key, PEM. */
export interface Loaded {
  cert: string;
  key: string;
}

/**
 * The service on that port reads its files: until somebody makes it do so again it goes on with these, whatever stands on the disk. Kept
 * below the root of the host, beside its files, so that a restart of the sandbox is none of the service.
 */
export function load(root: string, port: number, path: string): void {
  const file = fileOf(root, port);
  const now: Loaded = { cert: readFileSync(join(root, path), 'utf8'), key: readFileSync(join(root, keyPathOf(path)), 'utf8') };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(now), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** What the service on that port goes on with; `version` changes whenever it has read its files. */
export function loaded(root: string, port: number): Loaded & { version: string } {
  const file = fileOf(root, port);
  const { ino, mtimeMs } = statSync(file);
  return { ...(JSON.parse(readFileSync(file, 'utf8')) as Loaded), version: `${ino}-${mtimeMs}` };
}

const fileOf = (root: string, port: number): string => join(root, 'run/loaded', `${port}.json`);
