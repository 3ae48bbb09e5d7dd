import { z } from 'zod';
import { defineCommand, type Reply } from '../src/chat/command.ts';
import { flag, hostName, id } from '../src/chat/options.ts';
import { sayDuration } from '../src/lib/duration.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import { goOn } from '../src/runs/go.ts';
import { onlyRun, runNamed } from '../src/runs/rows.ts';

export const go = defineCommand({
  name: 'go',
  summary: 'Lifts the stop, or lets a halted run go on; `retry` tries again what is not well',
  examples: ['go', 'go R1', 'go R1 retry', 'go R1 on kvm03'],
  role: 'operator',
  peopleOnly: true,
  options: z.object({
    run: id(['run']).optional(),
    retry: flag({ words: 'try hosts again that failed, were lost or are held' }),
    on: hostName({ keyword: 'on', words: 'only this host goes on' }).optional(),
  }),
  async run({ options: { run, retry, on }, actor }, ops) {
    const stopped = ops.stop.state();
    if (stopped.stopped && run === undefined) return lift(ops, stopped);
    const named = run ?? (await onlyRun(ops.records, ['halted'], 'go').catch((error: unknown) => nothingHalted(error)));
    if (named === undefined) return { card: { title: 'Nothing is stopped, and no run is halted.', tone: 'quiet' }, json: { stopped: false } };
    const row = await runNamed(ops.records, named);
    await ops.targets(`@${named}`, actor);
    if (stopped.stopped && !row.plan.safe)
      throw new Refusal(`Everything is stopped by ${stopped.by}${sayWhy(stopped.because)}. "go" lifts that first, then "go ${named}".`);
    const job = ops.job(row.job);
    return {
      write: async (tx, line) => {
        await goOn(tx, named, job, { by: actor.name, at: line.at, retry, ...(on !== undefined && { on }) });
        return { kind: 'run', id: named };
      },
    };
  },
});

function nothingHalted(error: unknown): undefined {
  if (error instanceof Refusal && error.message.startsWith('No run')) return undefined;
  throw error;
}

async function lift(ops: Ops, before: { by: string; at: number; because?: string }): Promise<Reply> {
  const halted = await ops.records.query<{ id: string }>(`select id from runs where state = 'halted' order by planned_at`);
  return {
    ...ops.stop.lift(),
    card: {
      title: `The stop is lifted. ${before.by} set it ${sayDuration(Math.max(0, ops.clock.now() - before.at))} ago${sayWhy(before.because)}.`,
      tone: 'good',
      ...(halted.length > 0 && { body: [`Still halted, each goes on by its own word: ${halted.map(({ id }) => `go ${id}`).join(', ')}`] }),
    },
    json: { stopped: false, was: before, halted: halted.map(({ id }) => id) },
  };
}

const sayWhy = (because: string | undefined): string => (because ? ` because ${because}` : '');
