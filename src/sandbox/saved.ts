import { readFile } from 'node:fs/promises';
import { Refusal } from '../lib/refusal.ts';
import { type HostModel, MODES } from './model.ts';
import { replaceFile } from './replace-file.ts';

/** What the simulated hosts have become, by name. Fields are only ever added to it. */
export interface SavedFleet {
  version: 1;
  /** Domain time at which it was saved. */
  at?: number;
  hosts: Record<string, HostModel>;
}

/** `undefined` when there is none yet. Refuses a file that is no saved fleet: better than a fleet that forgot itself. */
export async function readSaved(file: string): Promise<SavedFleet | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const saved = parsed(text);
  if (saved?.version === 1 && Object.values(saved.hosts ?? {}).every((host) => MODES.includes(host.mode))) return saved;
  throw new Refusal(`${file} is no simulated fleet of this version of Holdfast. npm start -- --fresh starts over.`);
}

function parsed(text: string): SavedFleet | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Writes whole files, one after another, each replacing the one before in one step. Calls that come while a write is
 * under way share the next one; a promise resolves when its state, or a later one, is on disk.
 */
export function fleetWriter(file: string, current: () => SavedFleet): () => Promise<void> {
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    const turn = replaceFile(file, `${JSON.stringify(current(), null, 1)}\n`).finally(() => {
      if (writing === turn) writing = undefined;
    });
    writing = turn;
    return turn;
  };
  return () => {
    if (!writing) return begin();
    next ??= writing
      .catch(() => {})
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };
}
