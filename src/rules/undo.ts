import type { Reply } from '../chat/command.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { endRule } from './make.ts';
import { namedBy } from './match.ts';
import { ruleNamed, sayRule } from './rule.ts';

/** Ends a rule before its time: the hosts it left out are in later plans again. */
export async function undoRule(ops: Ops, id: string, actor: Person): Promise<Reply> {
  const rule = await ruleNamed(ops.records, id);
  if (!rule) throw new Refusal(`There is no ${id}. "show rules" lists what there is.`);
  if (rule.state === 'ended') throw new Refusal(`${id} has ended already.`);
  await mayTouch(ops, rule.expression, actor);
  return {
    card: {
      title: `${id} no longer holds.`,
      tone: 'attention',
      body: [sayRule(rule), 'Plans that wait for approval were made without these hosts; make them anew to have them in.'],
    },
    json: { id, state: 'ended' },
    write: async (tx, line) => {
      await endRule(tx, id, actor.name, line.at);
      return undefined;
    },
  };
}

/** Whoever may touch every host it names may end it; one that can no longer be read is for those who may touch all. */
async function mayTouch(ops: Ops, expression: string, actor: Person): Promise<void> {
  let named: string[];
  try {
    named = namedBy(expression, ops.fleet());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    named = [];
  }
  await ops.targets(named.length > 0 ? foldNames(named) : '@all', actor);
}
