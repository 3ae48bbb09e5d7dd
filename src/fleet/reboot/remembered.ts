import type { Memory } from '../../jobs.ts';

/** What the steps of a reboot leave for each other. Times are domain milliseconds. */
export interface RebootMemory {
  /** Under which the host was looked at first: it is called off, and its drains are taken back, by this name. */
  intent?: string;
  /** Why it is not rebooted again: it has just booted. */
  recent?: string;
  /** As boot.sh tells one boot from another; the act is refused on any other boot. */
  boot?: string;
  boot_before?: string;
  kernelBefore?: string;
  /** By group: what the drain hook said last. */
  drains: Record<string, 'begun' | 'done' | 'back'>;
  /** Looks at a drain in a row that were not answered. */
  misses: number;
  /** When it was looked at first. */
  lookedAt?: number;
  /** When the host was drained and could go down. */
  readyAt?: number;
  /** When it was told to reboot, and is to go down. */
  toldAt?: number;
  downAt?: number;
  /** It was to be told and did not answer. */
  unanswered?: true;
  /** Whether it was told is not known: nobody heard the end of the act. */
  unsure: boolean;
  /** How often it was called off: each time it is told again under another name, for the host refuses the one before. */
  calledOff: number;
  /** First seen gone. */
  goneAt?: number;
  boot_after?: string;
  kernelAfter?: string;
}

export function readRebootMemory(memory: Memory): RebootMemory {
  const said = memory as Partial<RebootMemory>;
  return { ...said, drains: said.drains ?? {}, misses: said.misses ?? 0, unsure: said.unsure ?? false, calledOff: said.calledOff ?? 0 };
}

/** What the host remembers the doing by, and refuses the second time: `R1-kvm01-1`, after it was called off `R1-kvm01-1.1`. */
export function fenceOf({ intent, calledOff }: RebootMemory, otherwise: string): string {
  return `${intent ?? otherwise}${calledOff > 0 ? `.${calledOff}` : ''}`;
}
