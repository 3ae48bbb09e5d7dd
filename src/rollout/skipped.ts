import { foldNames } from '../fleet/target/fold.ts';
import { Refusal } from '../lib/refusal.ts';

interface Skipped {
  host: string;
  skip: { rule: string; because: string };
}

/** Who is left out by which rule, folded: `kvm[01-06] by E1: xen below 4.6`. */
export function saySkipped(hosts: readonly Skipped[], names: (hosts: readonly string[]) => string = foldNames): string[] {
  const byReason = new Map<string, string[]>();
  for (const { host, skip } of hosts) {
    const reason = skip.rule === 'already' ? `already: ${skip.because}` : `by ${skip.rule}: ${skip.because}`;
    const list = byReason.get(reason);
    if (list) list.push(host);
    else byReason.set(reason, [host]);
  }
  return [...byReason].map(([reason, list]) => `${names(list)} ${reason}`);
}

export function refuseNothingLeft(expression: string, hosts: readonly Skipped[]): never {
  const reasons = saySkipped(hosts);
  const shown = reasons.length > 10 ? [...reasons.slice(0, 10), `and ${reasons.length - 10} more reasons`] : reasons;
  throw new Refusal(
    `Nothing is left to do on ${expression}: ${hosts.length === 1 ? 'its host is' : `all ${hosts.length} hosts are`} left out.\n${shown.join('\n')}`,
  );
}
