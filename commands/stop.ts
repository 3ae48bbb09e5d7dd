import { z } from 'zod';
import { defineCommand, type Reply } from '../src/chat/command.ts';
import { because, thing } from '../src/chat/options.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import { runsTouching, stopAll, stopRuns } from '../src/runs/stop-runs.ts';

export const stop = defineCommand({
  name: 'stop',
  summary: 'Stops everything that changes hosts, or a run, or runs on a target; calls off scheduled shutdowns',
  examples: ['stop', 'stop because the gateway is flapping', 'stop R1', 'stop @web'],
  role: 'known',
  unscoped: true,
  options: z.object({ what: thing({ ids: ['run'] }, { words: 'a run or hosts; nothing = everything' }).optional(), because: because().optional() }),
  async run({ options: { what, because: why }, actor }, ops) {
    if (what === undefined) return stopEverything(actor.name, why, ops);
    if (what.is === 'list') throw new Refusal('"stop" takes a run, hosts, or nothing at all: stop R1, stop @web, stop.');
    const ids =
      what.is === 'id'
        ? [what.id]
        : await runsTouching(
            ops.records,
            (await ops.targets(what.target, actor)).hosts.map(({ name }) => name),
          );
    const [first] = ids;
    const rows = await ops.records.query<{ id: string; state: string }>(`select id, state from runs where id = any ($1)`, [ids]);
    if (what.is === 'id' && rows.length === 0) throw new Refusal(`There is no ${what.id}. "show runs" lists what there is.`);
    if (!rows.some(({ state }) => state === 'planned' || state === 'running')) throw new Refusal(`${first} is ${rows[0]?.state}; there is nothing to stop.`);
    return {
      card: {
        title: `${ids.join(', ')}: stopped. Nothing more of ${ids.length > 1 ? 'them' : 'it'} begins; what was scheduled is called off.`,
        tone: 'attention',
        body: sayInFlight(await inFlight(ops, ids)),
      },
      json: { stopped: ids },
      write: async (tx, line) => {
        await stopRuns(tx, ids, { by: actor.name, at: line.at, ...(why !== undefined && { because: why }) });
        return undefined;
      },
    };
  },
});

async function stopEverything(by: string, because: string | undefined, ops: Ops): Promise<Reply> {
  const before = ops.stop.state();
  if (before.stopped) return { card: { title: `Already stopped by ${before.by}. Nothing new begins; /ops go lifts it.`, tone: 'attention' }, json: before };
  const going = await inFlight(ops);
  const set = ops.stop.set(by, because);
  return {
    card: {
      title: 'Stopped. Nothing that changes a host begins until somebody says go. Checks still work.',
      tone: 'attention',
      body: sayInFlight(going),
    },
    json: { stopped: true, by, because, in_flight: going },
    write: async (tx, line) => {
      const state = ops.stop.state();
      await stopAll(tx, ops, { by, at: line.at, ...(because !== undefined && { because }) }, state.stopped ? state.at : line.at);
      // Last: who tells the others of the stop at once needs this row, and must not wait for the lock we may have waited for.
      await set.write?.(tx, line);
      return undefined;
    },
  };
}

interface InFlight {
  run: string;
  host: string;
  phase: string;
}

const inFlight = (ops: Ops, runs?: readonly string[]): Promise<InFlight[]> =>
  ops.records.query<InFlight>(
    `select h.run, h.host, coalesce(h.waiting_for, h.phase) as phase from run_hosts h join runs r on r.id = h.run
     where r.state in ('running', 'halted') and h.state = 'going' and ($1::text[] is null or r.id = any ($1)) order by h.run, h.position limit 100`,
    [runs ?? null],
  );

function sayInFlight(going: readonly InFlight[]): string[] {
  if (going.length === 0) return [];
  const rest = going.length > MOST ? [`and ${going.length - MOST} more`] : [];
  return [
    'In flight, and looked at until it is over; what was only scheduled is called off:',
    ...going.slice(0, MOST).map(({ run, host, phase }) => `${host} (${run}, ${phase})`),
    ...rest,
  ];
}

const MOST = 20;
