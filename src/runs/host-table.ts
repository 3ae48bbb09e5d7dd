import type { Plan } from '../rollout/shapes.ts';
import type { RunHostJson } from './json.ts';

/** Every host of a run on its own line, tab-separated: when it goes or went, what is or was done, how it ended. */
export function hostTable(hosts: readonly RunHostJson[], plan: Pick<Plan, 'hosts'> | undefined): string {
  const planned = new Map(plan?.hosts.map((host) => [host.host, host]));
  const rows = hosts.map((host) => {
    const { does, notes } = planned.get(host.host) ?? {};
    const what = [host.detail, does, ...(notes ?? [])].filter((part) => part).join('; ');
    return [
      host.host,
      host.ring,
      host.wave === null ? '' : String(host.wave + 1),
      host.outcome ?? 'in flight',
      host.rule ?? '',
      host.started ?? '',
      host.ended ?? '',
      what,
    ];
  });
  return `${[['host', 'ring', 'wave', 'outcome', 'rule', 'started', 'ended', 'what'], ...rows].map((row) => row.map(oneCell).join('\t')).join('\n')}\n`;
}

const oneCell = (text: string): string => text.replace(/[\t\r\n]+/g, ' ');
