import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { because, flag, id, target, word } from '../src/chat/options.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { approve as approveRun } from '../src/runs/approve.ts';
import { ringAsked } from '../src/runs/approvers.ts';
import { type RunRow, runNamed } from '../src/runs/rows.ts';

export const approve = defineCommand({
  name: 'approve',
  summary: 'Says yes to a run somebody else asked for; it begins, and this line tells how it ended',
  examples: ['approve R1', 'approve R1 break glass because nobody answers and bne is dark'],
  role: 'operator',
  // Not bound to every host of the run: whose role covers the ring that waits may approve that ring, and is asked.
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    run: id(['run']).optional(),
    breakGlass: flag({ words: 'go alone in an emergency, one host at a time; kept and told to everybody' }),
    alone: target({ keyword: 'alone', words: 'the target, typed by somebody who is the only one who could approve' }).optional(),
    plan: word({ keyword: 'plan', words: 'the plan meant, as its button carries it' }).optional(),
    because: because().optional(),
  }),
  async run({ options, actor }, ops) {
    const run = options.run ?? (await theOneThatWaits(ops.records));
    await runNamed(ops.records, run);
    if (options.breakGlass && options.because === undefined) throw new Refusal('Breaking the glass needs a reason: approve R1 break glass because …');
    return approveRun(ops, {
      run,
      actor,
      ...(options.breakGlass && { breakGlass: { because: options.because as string } }),
      ...(options.alone !== undefined && { typed: options.alone }),
      ...(options.plan !== undefined && { plan: options.plan }),
    });
  },
});

async function theOneThatWaits(db: Parameters<typeof runNamed>[0]): Promise<string> {
  const rows = (await db.query<RunRow>(`select * from runs where state in ('planned', 'running') order by planned_at`)).filter(
    (run) => ringAsked(run) !== undefined,
  );
  if (rows.length === 1 && rows[0]) return rows[0].id;
  if (rows.length === 0) throw new Refusal('No run waits for approval.');
  throw new Refusal(
    `Which one? ${rows.map(({ id: name, job, plan }) => `"approve ${name}" (${plan.words ?? job} ${plan.expression})`).join(', ')}. Nothing was done.`,
  );
}
