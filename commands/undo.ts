import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { because, hostName, id } from '../src/chat/options.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { undoRule } from '../src/rules/undo.ts';
import { onlyRun } from '../src/runs/rows.ts';
import { undoRun } from '../src/runs/undo.ts';

export const undo = defineCommand({
  name: 'undo',
  summary: 'Puts back what a run did, from what was recorded before it, or ends a rule; says exactly what',
  examples: ['undo R1', 'undo R1 on kvm03', 'undo E1'],
  role: 'operator',
  options: z.object({
    what: id(['run', 'rule', 'hold']).optional(),
    on: hostName({ keyword: 'on', words: 'only this host of the run' }).optional(),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const what = options.what ?? (await onlyRun(ops.records, ['halted'], 'undo'));
    if (what.startsWith('H')) throw new Refusal(`A hold ends when what it pauses is resumed: resume updates ${what}, or resume alerts ${what}.`);
    if (what.startsWith('E') && actor.machine) throw new Refusal(`${what} was made by a person, and a person ends it.`);
    if (what.startsWith('E')) return undoRule(ops, what, actor);
    await ops.targets(`@${what}`, actor);
    return undoRun(ops, {
      run: what,
      actor,
      place,
      ...(options.on !== undefined && { on: options.on }),
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});
