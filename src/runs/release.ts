import { Refusal } from '../lib/refusal.ts';
import type { Tx } from '../store/db.ts';
import { record } from '../store/events.ts';
import { giveBack, lockFleet } from './slots.ts';

/** A person's word is evidence: every place this host holds is given back. Answers the budgets. */
export async function releaseSlots(tx: Tx, host: string, said: { by: string; because: string; at: number }): Promise<string[]> {
  // A retry at the same instant would have its host in flight without a place.
  await lockFleet(tx);
  const held = await tx.query<{ run: string; budget: string }>(`select run, budget from slots where host = $1 and given_back is null order by id`, [host]);
  if (held.length === 0) throw new Refusal(`${host} holds no slot. "show slots" lists what is held.`);
  const [going] = await tx.query<{ run: string; phase: string }>(`select run, phase from run_hosts where host = $1 and state = 'going'`, [host]);
  if (going)
    throw new Refusal(`${host} is in flight in ${going.run} (${going.phase}); its slots come back with its outcome. "stop ${going.run}" stops the run.`);
  for (const run of new Set(held.map((slot) => slot.run))) {
    await giveBack(tx, { run, hosts: [host], evidence: `released by ${said.by}: ${said.because}`, at: said.at });
    await record(tx, { thing: run, type: 'slot released', data: { host, because: said.because }, by: said.by, at: said.at });
    await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'run' and thing_id = $1`, [run]);
  }
  return held.map(({ budget }) => budget);
}
