import type { Host, HostState } from '../fleet/host.ts';
import { notesOn } from '../notes/tell.ts';
import type { Ops } from '../ops.ts';
import { matchRule } from '../rules/match.ts';
import { openRules, sayRule } from '../rules/rule.ts';

/** Runs shown of one host, the latest. */
const RUNS = 5;

export interface Touching {
  lines: string[];
  json: {
    runs: { id: string; job: string; state: string; outcome: string | null }[];
    holds: { id: string; state: string; until: string }[];
    rules: string[];
    notes: { text: string; by: string; at: string }[];
  };
}

/** What runs, holds and rules have to do with one host now, and what the last runs came to on it. */
export async function touching(ops: Pick<Ops, 'records' | 'fleet' | 'clock'>, host: Host, known: ReadonlyMap<string, HostState>): Promise<Touching> {
  const runs = await ops.records.query<{ id: string; job: string; state: string; host_state: string; outcome: string | null; waiting_for: string | null }>(
    `select r.id, r.job, r.state, h.state as host_state, h.outcome, h.waiting_for from run_hosts h join runs r on r.id = h.run
     where h.host = $1 and h.wave is not null order by r.planned_at desc limit ${RUNS}`,
    [host.name],
  );
  const holds = await ops.records.query<{ id: string; kind: string; owner: string; state: string; until: Date; detail: string | null }>(
    `select o.id, o.kind, o.owner, h.state, o.until, h.detail from hold_hosts h join holds o on o.id = h.hold
     where h.host = $1 and h.state <> 'resumed' order by o.begun desc`,
    [host.name],
  );
  const rules = (await openRules(ops.records)).filter((rule) => matchRule(rule.expression, [host], ops.fleet(), known).hosts.has(host.name));
  const notes = await notesOn(ops.records, host.name, ops.clock.now());
  return {
    lines: [
      ...runs.map(({ id, job, state, host_state, outcome, waiting_for }) => {
        const how = outcome ?? (host_state === 'going' ? `in flight${waiting_for ? `, ${waiting_for}` : ''}` : 'its turn has not come');
        return `${id} (${job}, ${state}): ${how}`;
      }),
      ...holds.map(
        ({ id, kind, owner, state, until, detail }) => `${id}: ${kind} ${state}${detail ? ` (${detail})` : ''} until ${until.toISOString()}, owner ${owner}`,
      ),
      ...rules.map(sayRule),
      ...notes.map(({ text, by, at }) => `changed by hand: ${text} (${by}, ${at.toISOString()})`),
    ],
    json: {
      runs: runs.map(({ id, job, state, outcome }) => ({ id, job, state, outcome })),
      holds: holds.map(({ id, state, until }) => ({ id, state, until: until.toISOString() })),
      rules: rules.map(({ id }) => id),
      notes: notes.map(({ text, by, at }) => ({ text, by, at: at.toISOString() })),
    },
  };
}
