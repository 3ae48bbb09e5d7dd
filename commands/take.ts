import { z } from 'zod';
import { defineCommand, type Place, type Reply } from '../src/chat/command.ts';
import { id } from '../src/chat/options.ts';
import { leadBy } from '../src/incidents/lead.ts';
import type { Ops } from '../src/ops.ts';
import { acknowledge } from '../src/paging/answer.ts';
import { whichPage } from '../src/paging/which.ts';
import type { Person } from '../src/people.ts';
import { onlyRun, runNamed } from '../src/runs/rows.ts';
import { record } from '../src/store/events.ts';

export const take = defineCommand({
  name: 'take',
  summary: 'Mine now: what is asked about the run comes to you; a page, you have it; an incident, you lead it',
  examples: ['take R1', 'take PG1', 'take INC-1'],
  role: 'operator',
  peopleOnly: true,
  // A page is no host's; of a run every host is looked at below.
  unscoped: true,
  options: z.object({ what: id(['run', 'page', 'incident']).optional() }),
  async run({ options, actor, place }, ops) {
    if (options.what?.startsWith('PG')) return takePage(ops, options.what, actor, place);
    if (options.what?.startsWith('INC-')) return leadBy(ops, options.what, actor.name);
    const named = options.what ?? (await onlyRun(ops.records, ['planned', 'running', 'halted'], 'take'));
    const run = await runNamed(ops.records, named);
    await ops.targets(`@${named}`, actor);
    return {
      card: { title: `${named} is with ${actor.name} ${run.owner === actor.name ? 'already' : `now; it was with ${run.owner}`}.`, tone: 'good' },
      json: { id: named, owner: actor.name, was: run.owner },
      write: async (tx, line) => {
        await tx.query(`update runs set owner = $2, rev = rev + 1 where id = $1`, [named, actor.name]);
        await record(tx, { thing: named, type: 'taken', data: { from: run.owner }, by: actor.name, at: line.at });
        return undefined;
      },
    };
  },
});

async function takePage(ops: Ops, page: string, actor: Person, place: Place): Promise<Reply> {
  const found = await whichPage(ops.records, actor, { named: page, verb: 'take', states: ['open', 'acked'] });
  if (!('page' in found)) return found;
  return {
    write: async (tx, line) => {
      await acknowledge(tx, { page, by: actor.name, place, at: line.at }, { verb: 'taken' });
      return { kind: 'page', id: page, waits: true };
    },
  };
}
