import { judgeReach } from '../fleet/hazards/judge.ts';
import { knownHosts, learn } from '../reading/knowledge.ts';
import type { Tx } from '../store/db.ts';
import type { Missed } from './seen.ts';

/** From now on they are known not to answer: `@down`, `status` and plans see it. */
export async function stopsAnswering(tx: Tx, missed: readonly Missed[], now: number): Promise<void> {
  if (missed.length === 0) return;
  const results = missed.map(({ host, reach, detail }) => ({ host, outcome: 'lost' as const, reach, detail, findings: judgeReach(reach, detail, []), ms: 0 }));
  const names = missed.map(({ host }) => host);
  await learn(tx, results, await knownHosts(tx, names), now);
}

/** They say who they are again. That is no login: what was found on them before waits for the next check, and slots of runs for evidence. */
export async function answersAgain(tx: Tx, hosts: readonly string[], now: number): Promise<void> {
  if (hosts.length === 0) return;
  await tx.query(
    `with back as (
       update facts f set reach = 'ok', detail = null, asked = $2,
         findings = coalesce((select jsonb_agg(one) from jsonb_array_elements(f.findings) as one where one ->> 'hazard' not in (f.reach, 'last-words')), '[]'::jsonb)
       from (select host, reach as was from facts where host = any ($1::text[]) and reach in ('unroutable', 'refused', 'half-dead') order by host for update) as before
       where f.host = before.host returning f.host, before.was)
     insert into fact_changes (host, at, changes) select host, $2, jsonb_build_object('reach', jsonb_build_array(was, 'ok')) from back`,
    [hosts, new Date(now)],
  );
}
