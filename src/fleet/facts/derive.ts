import type { Facts, FactValue } from '../host.ts';

/** Adds the facts that follow from others (`derived` in the catalogue). Pure but for `facts` itself. */
export function deriveFacts(facts: Facts): void {
  const { uptime, host_time: hostTime, disk_used: disks, instance_type: instance } = facts;
  if (typeof uptime === 'number' && typeof hostTime === 'string') {
    const booted = Math.round(Date.parse(hostTime) / 1000 - uptime);
    if (booted >= 0) facts.booted = new Date(booted * 1000).toISOString();
  }
  put(facts, 'disk_worst', worst(disks, 'used_percent'));
  put(facts, 'inodes_worst', worst(disks, 'inodes_percent'));
  if (typeof instance === 'string') put(facts, 'instance_family', familyOf(instance));
}

/**
 * Host clock less ours in milliseconds, from a host time taken between domain times `from` and `to`; 0 when it lies
 * within them, else the least it must be off.
 */
export function clockOffset(hostTime: string, from: number, to: number): number {
  const at = Date.parse(hostTime);
  if (at > to) return at - to;
  return at < from ? at - from : 0;
}

function put(facts: Facts, name: string, value: FactValue | undefined): void {
  if (value !== undefined) facts[name] = value;
}

function worst(table: FactValue | undefined, column: string): number | undefined {
  if (!Array.isArray(table)) return undefined;
  const values = table.flatMap((row) => {
    const value = typeof row === 'object' && !Array.isArray(row) ? row[column] : undefined;
    return typeof value === 'number' ? [value] : [];
  });
  return values.length > 0 ? Math.max(...values) : undefined;
}

/** `m4.large` → `m4`, `n2-standard-8` → `n2`, `Standard_D2s_v3` → `D`. */
function familyOf(instance: string): string | undefined {
  return /^(?:Standard_|Basic_)([A-Z]+)/.exec(instance)?.[1] ?? /^([a-z0-9-]+)\./i.exec(instance)?.[1] ?? /^([a-z0-9]+)-/i.exec(instance)?.[1];
}
