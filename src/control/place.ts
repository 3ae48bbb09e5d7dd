import { createHash } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Refusal } from '../lib/refusal.ts';

/** Linux allows 107 bytes in a socket's path; a longer one stands under a name made from it in the temporary folder. */
const LONGEST = 100;

/** Where the running process of a data directory listens for `holdfast exec` and its siblings. */
export function socketPath(dataDir: string): string {
  const path = join(resolve(dataDir), 'control.sock');
  if (Buffer.byteLength(path) <= LONGEST) return path;
  return join(tmpdir(), `holdfast-${createHash('sha256').update(path).digest('hex').slice(0, 24)}.sock`);
}

/**
 * The same, once a process listens there. Refuses a socket that is neither ours, root's nor of whoever owns the data
 * directory: in the temporary folder, or in a directory others may write to, anybody can listen and answer in our stead.
 */
export function trustedSocket(dataDir: string): string | undefined {
  const path = socketPath(dataDir);
  const socket = lstatSync(path, { throwIfNoEntry: false });
  if (!socket) return undefined;
  const trusted = [0, process.getuid?.(), statSync(dataDir, { throwIfNoEntry: false })?.uid];
  if (trusted.includes(socket.uid)) return path;
  throw new Refusal(
    `${path} belongs to user ${socket.uid}, who is neither you nor the owner of ${dataDir}: somebody else may listen there. Nothing was sent. Find out who made it, and delete it.`,
  );
}

/** One frame a line, JSON. */
export type ToServer =
  | { op: 'line'; id: string; text: string; login: string; zone: string }
  | { op: 'got'; n: number }
  | { op: 'export'; file: string }
  | { op: 'publish'; dir: string }
  | { op: 'ask'; what: 'doctor' | 'hello' };
export type ToClient =
  | { op: 'taken'; id: string }
  | { op: 'show'; n: number; text: string }
  | { op: 'ended'; id: string; outcome: string }
  | { op: 'done'; says: string; ok: boolean; data?: unknown };
