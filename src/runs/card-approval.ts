import type { Card } from '../chat/card.ts';
import type { Told } from './card-words.ts';
import { clip } from './host-lines.ts';
import type { RunRow } from './rows.ts';

/** Why a second person is needed for what comes next, and who that may be. */
export function approvalLines(run: Pick<RunRow, 'plan' | 'wave' | 'approvals'>, { approvers }: Told): string[] {
  const ring = askedRing(run);
  if (!ring || ring.approval.length === 0) return [];
  const who = approvers.length > 0 ? `may approve: ${approvers.join(', ')}` : 'nobody else may approve: whoever asked types the name of the target';
  return [clip(`a second person is needed${ring.name ? ` for ring ${ring.name}` : ''}: ${ring.approval.join('; ')}`), clip(who)];
}

export function approvalActions({ id }: Pick<RunRow, 'id'>): NonNullable<Card['actions']> {
  return [
    { label: 'Approve', command: `approve ${id}`, style: 'primary' },
    { label: 'Break glass…', command: `approve ${id} break glass because …`, style: 'danger' },
  ];
}

/** The first ring from the present wave on that needs an approval and has none. */
export function askedRing({ plan, wave, approvals }: Pick<RunRow, 'plan' | 'wave' | 'approvals'>): RunRow['plan']['rings'][number] | undefined {
  return plan.rings.find((ring, n) => ring.lastWave >= wave && ring.approval.length > 0 && !approvals[n]);
}
