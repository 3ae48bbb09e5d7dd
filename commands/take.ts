import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { id } from '../src/chat/options.ts';
import { onlyRun, runNamed } from '../src/runs/rows.ts';
import { record } from '../src/store/events.ts';

export const take = defineCommand({
  name: 'take',
  summary: 'Mine now: what is said and asked about the run comes to you',
  examples: ['take R1'],
  role: 'operator',
  peopleOnly: true,
  options: z.object({ run: id(['run']).optional() }),
  async run({ options, actor }, ops) {
    const named = options.run ?? (await onlyRun(ops.records, ['planned', 'running', 'halted'], 'take'));
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
