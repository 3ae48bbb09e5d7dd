import { weightiest } from '../hazards/kernel-lines.ts';
import type { Host } from '../host.ts';
import { askPower, type PowerWorld } from './power.ts';

/** What was seen of a host from outside before its power was touched: kept, for the power cycle wipes it out. */
export interface PowerEvidence {
  /** Domain time. */
  at: number;
  power: 'on' | 'off';
  console: string[];
  log: string[];
}

/** Power, then event log and console. Where the power cannot be seen, nothing can be switched either: `wrong` says why. */
export async function powerEvidence(host: Host, world: PowerWorld, at: number): Promise<PowerEvidence | { wrong: string }> {
  const status = await askPower({ host, action: 'status' }, world);
  if (!status.ok || !status.power) return { wrong: status.ok ? 'its power is neither on nor off' : status.says };
  // A host that is off has nothing to say at its console.
  const [log, shown] = await Promise.all([
    askPower({ host, action: 'log', patience: 5_000 }, world),
    status.power === 'on' ? askPower({ host, action: 'console', patience: 8_000 }, world) : undefined,
  ]);
  return { at, power: status.power, console: shown?.says ? lines(shown.says) : [], log: lines(log.says) };
}

/** `power on; console: Kernel panic - not syncing; 3 events, the last: OS Critical Stop`. */
export function sayEvidence({ power, console: shown, log }: PowerEvidence): string {
  const said = weightiest(shown) ?? shown.at(-1);
  return [
    `power ${power}`,
    ...(said ? [`console: ${said.trim().slice(0, 120)}`] : []),
    ...(log.length > 0 ? [`log: ${log.at(-1)?.trim().slice(0, 120)}`] : []),
  ].join('; ');
}

const lines = (says: string | string[]): string[] => (typeof says === 'string' ? [`(${says})`] : says).slice(-20);
