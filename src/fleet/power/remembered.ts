import type { Memory } from '../../jobs.ts';
import type { PowerEvidence } from './evidence.ts';
import type { PowerSwitch } from './power.ts';

/** What the steps of `power` leave for each other. */
export interface PowerMemory {
  doing: PowerSwitch;
  evidence: PowerEvidence;
  bootBefore?: string;
  /** Domain time. */
  switchedAt: number;
  /** Whether it was switched is not known. */
  unsure: boolean;
}

export function readPowerMemory(memory: Memory): PowerMemory {
  const { doing, evidence, boot_before: bootBefore, switchedAt = 0, unsure = false } = memory as unknown as PowerMemory & { boot_before?: string };
  return { doing, evidence, switchedAt, unsure, ...(bootBefore !== undefined && { bootBefore }) };
}
