import type { Memory } from '../../jobs.ts';
import type { Judged } from './judge.ts';
import type { KeptFile } from './kept.ts';

/** What a rotation goes through once its first renewal was begun; each is written down before the next. */
export type Stage = 'renew' | 'judge' | 'reload' | 'served' | 'back' | 'back reload' | 'back judge';

/** What the steps of a rotation leave for the later ones. */
export interface RotateMemory {
  /** Under which the host keeps what there was; an undo goes by it, too. */
  store: string;
  kept: KeptFile[];
  /** PEM of the authorities that signed the leaves, by the pin of their key. */
  signers: Record<string, string>;
  /** What each listener served before, in the order of the leaves and theirs; null = nothing. */
  served: (string | null)[];
  stage: Stage;
  /** Which renewal or reload. */
  at: number;
  /** Domain time at which the stage began. */
  since: number;
  /** Why it is put back. */
  why?: string;
  /** What serves it was told to read it again. */
  reloaded?: boolean;
  /** What reloads it wrote an authority: it is not run once more. */
  reloadWrites?: boolean;
  /** The intent of an undo, which puts back what was written and ends well by it. */
  undo?: string;
  /** How many files were put back. */
  put?: number;
  /** Files that are another now. */
  written: string[];
  renewed: Judged['renewed'];
  silentSince?: number | null;
}

/** Absent where nothing was kept. */
export function readRotateMemory(memory: Memory): RotateMemory | undefined {
  const { rotation } = memory as { rotation?: RotateMemory };
  return typeof rotation?.store === 'string' ? rotation : undefined;
}

export const rememberRotation = (rotation: RotateMemory): Memory => ({ rotation });
