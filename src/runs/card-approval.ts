import type { Card } from '../chat/card.ts';
import { ringAsked } from './approvers.ts';
import type { Told } from './card-words.ts';
import { clip } from './host-lines.ts';
import type { RunRow } from './rows.ts';

/** Why a second person is needed for what comes next, and who that may be. */
export function approvalLines(run: Asking, { approvers }: Told): string[] {
  const ring = askedRing(run);
  if (!ring) return [];
  const who = approvers.length > 0 ? `may approve: ${approvers.join(', ')}` : 'nobody else may approve: whoever asked types the name of the target';
  return [
    clip(
      `a second person is needed${ring.name ? ` for ring ${ring.name}` : ''}: ${ring.approval.length > 0 ? ring.approval.join('; ') : 'it missed its hour'}`,
    ),
    clip(who),
  ];
}

export function approvalActions({ id }: Pick<RunRow, 'id'>): NonNullable<Card['actions']> {
  return [
    { label: 'Approve', command: `approve ${id}`, style: 'primary' },
    { label: 'Break glass…', command: `approve ${id} break glass because …`, style: 'danger' },
  ];
}

/** The ring that somebody has to say yes to now. */
export function askedRing(run: Asking): RunRow['plan']['rings'][number] | undefined {
  const ring = ringAsked(run);
  return ring === undefined ? undefined : run.plan.rings[ring];
}

type Asking = Parameters<typeof ringAsked>[0];
