import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Linux allows 107 bytes in a socket's path; a longer one stands under a name made from it in the temporary folder. */
const LONGEST = 100;

/** Where the running process of a data directory listens for `holdfast exec` and its siblings. */
export function socketPath(dataDir: string): string {
  const path = join(resolve(dataDir), 'control.sock');
  if (Buffer.byteLength(path) <= LONGEST) return path;
  return join(tmpdir(), `holdfast-${createHash('sha256').update(path).digest('hex').slice(0, 24)}.sock`);
}

/** One frame a line, JSON. */
export type ToServer =
  | { op: 'line'; id: string; text: string; login: string; zone: string }
  | { op: 'got'; n: number }
  | { op: 'export'; file: string }
  | { op: 'ask'; what: 'doctor' };
export type ToClient =
  | { op: 'taken'; id: string }
  | { op: 'show'; n: number; text: string }
  | { op: 'ended'; id: string; outcome: string }
  | { op: 'done'; says: string; ok: boolean; data?: unknown };
