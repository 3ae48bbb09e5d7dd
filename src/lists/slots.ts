import { foldSome } from '../fleet/target/fold-some.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Queries } from '../store/db.ts';
import { heldSlots, type Slot } from '../store/slots.ts';
import type { Listed } from './listed.ts';

/** `show slots`: every budget something is taken of, by whom, since when; the fullest first. */
export async function slotsListed(db: Queries, now: number): Promise<Listed> {
  const slots = await heldSlots(db);
  const limits = await limitsOf(db, slots);
  const budgets = byBudget(slots);
  const hosts = new Set(slots.map(({ host }) => host));
  return {
    card: {
      title: slots.length === 0 ? 'No slot is held.' : `${hosts.size} ${hosts.size === 1 ? 'host holds' : 'hosts hold'} slots of ${budgets.size} budgets`,
      ...(slots.length > 0 && {
        table: {
          columns: ['budget', 'taken', 'host', 'run', 'longest'],
          rows: [...budgets].map(([budget, held]) => {
            const most = limits.get(budget);
            const longest = Math.max(...held.map(({ taken }) => now - taken.getTime()));
            const runs = [...new Set(held.map(({ run }) => run))].join(', ');
            const who = foldSome(
              held.map(({ host }) => host),
              60,
            );
            return [budget, `${held.length}${most === undefined ? '' : ` of ${most}`}`, who, runs, sayDuration(Math.max(0, longest))];
          }),
        },
        body: ['A slot is given back when its host is known to be well; release slot <host> because … is a person’s word for it.'],
      }),
    },
    json: {
      slots: slots.map(({ budget, run, host, taken }) => ({ budget, run, host, taken: taken.toISOString(), limit: limits.get(budget) ?? null })),
    },
  };
}

function byBudget(slots: readonly Slot[]): Map<string, Slot[]> {
  const budgets = new Map<string, Slot[]>();
  for (const slot of slots) budgets.set(slot.budget, [...(budgets.get(slot.budget) ?? []), slot]);
  return budgets;
}

/** As the runs that hold them planned; of several the least counts. */
async function limitsOf(db: Queries, slots: readonly Slot[]): Promise<Map<string, number>> {
  const limits = new Map<string, number>();
  const rows = await db.query<{ id: string; limits: Record<string, number> }>(`select id, plan -> 'limits' as limits from runs where id = any ($1)`, [
    [...new Set(slots.map(({ run }) => run))],
  ]);
  const planned = new Map(rows.map((row) => [row.id, row.limits]));
  for (const { run, budget } of slots) {
    const named = planned.get(run);
    // What a plan does not name has one place.
    if (named) limits.set(budget, Math.min(named[budget] ?? 1, limits.get(budget) ?? Number.POSITIVE_INFINITY));
  }
  return limits;
}
