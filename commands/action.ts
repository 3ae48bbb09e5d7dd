import { z } from 'zod';
import { defineCommand, type Reply } from '../src/chat/command.ts';
import { because, id } from '../src/chat/options.ts';
import { actionNamed, endAction } from '../src/incidents/actions/rows.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import { type Person, rank, strongestRole } from '../src/people.ts';

const done = defineCommand({
  name: 'action done',
  summary: 'Something that was to be done after an incident is done',
  examples: ['action done A1', 'action done A1 because the new switch has two feeds'],
  role: 'known',
  unscoped: true,
  peopleOnly: true,
  options: z.object({ action: id(['action']), because: because({ words: 'how' }).optional() }),
  run: ({ options, actor }, ops) => ended(ops, options.action, actor, 'done', options.because),
});

const drop = defineCommand({
  name: 'action drop',
  summary: 'Something that was to be done after an incident is not done, and why',
  examples: ['action drop A1 because the switch is gone'],
  role: 'known',
  unscoped: true,
  peopleOnly: true,
  options: z.object({ action: id(['action']), because: because({ words: 'why it is not done' }) }),
  run: ({ options, actor }, ops) => ended(ops, options.action, actor, 'dropped', options.because),
});

export const action = [done, drop];

/** Whose it is says so, or somebody who may act. */
async function ended(ops: Ops, named: string, actor: Person, state: 'done' | 'dropped', why: string | undefined): Promise<Reply> {
  const { owner, text } = await actionNamed(ops.records, named);
  if (owner !== actor.name && rank(strongestRole(actor)) < rank('operator'))
    throw new Refusal(`${named} is ${owner}'s: ${owner} says that it is ${state}, or somebody with the role operator.`);
  return {
    write: async (tx, line) => {
      if (!(await endAction(tx, named, { state, by: actor.name, at: line.at, ...(why !== undefined && { because: why }) })))
        throw new Refusal(`${named} has ended already. "show actions" lists what is to be done.`);
      return { card: { title: `${named} is ${state}: ${text.slice(0, 200)}`, tone: 'good' }, json: { id: named, state } };
    },
  };
}
