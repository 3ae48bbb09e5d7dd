import { z } from 'zod';
import { readHoldAnswer, sayUnanswered } from '../src/holds/answer.ts';
import { sayFew, sayItem } from '../src/holds/judge-look.ts';
import { resumeOnHost, stepWithout } from '../src/holds/on-host.ts';
import { defineChange } from '../src/jobs.ts';

const Params = z.object({
  /** Hours a patch must have been out. */
  delay: z.number().optional(),
  gradual: z.boolean().optional(),
  /** `HH:MM` in the host's own zone. */
  window: z.object({ from: z.string(), to: z.string() }).optional(),
});
export type PolicyParams = z.infer<typeof Params>;

/** Wall ms. */
const SET = 20_000;

export const policyUpdates = defineChange({
  name: 'policy updates',
  summary: 'Sets how and when hosts update themselves: how old a patch must be, gradually or not, in which hours',
  risk: 'change',
  params: Params,
  pace: (defaults) => ({
    first: [1],
    share: defaults['resume.share'],
    site: Number.POSITIVE_INFINITY,
    soakCanary: defaults['soak.wave'],
    soakWave: 0,
    unbounded: true,
  }),
  foresee: (_host, { params }) => ({ does: sayPolicy(params), estimate: { p50: 5_000, p95: 60_000 }, class: 'policy' }),
  async act(_host, { params, intent, run, since, script }) {
    const { delay, gradual, window } = params;
    // Named by the moment too: after a fresh start of Holdfast there is another R1 on the same hosts.
    const policy = `${run.id}-${new Date(since).toISOString().slice(0, 19).replace(/[-:]/g, '')}`;
    const args = [
      intent,
      policy,
      delay === undefined ? '' : String(delay),
      gradual === undefined ? '' : gradual ? 'yes' : 'no',
      window?.from ?? '',
      window?.to ?? '',
    ];
    const result = await script('policy-updates', args, SET);
    if (result.reach !== 'ok') return { step: 'end', outcome: 'unverified', detail: sayUnanswered(result) };
    const { whole, said, set, failed, record, note } = readHoldAnswer(result.stdout, 'policy-updates v1');
    if (!whole) return { step: 'end', outcome: 'failed', detail: sayUnanswered(result) };
    const held = /^held (.*)$/.exec(said.fence ?? '')?.[1];
    if (held !== undefined) return { step: 'end', outcome: 'failed', detail: `its updates are paused (${held.split('-')[0]}): resume them first` };
    if (said.fence === 'ended') return { step: 'end', outcome: 'failed', detail: `${run.id} was undone on this host before` };
    const remember = { record, policy };
    if (failed.length > 0) return { step: 'end', outcome: 'failed', detail: sayFew(failed.map(sayItem)), remember };
    if (set.length === 0) return { step: 'end', outcome: 'already', detail: note.length > 0 ? sayFew(note) : 'nothing here to set', remember };
    return { step: 'done', detail: [...set, ...note].join('; '), remember };
  },
  async undo(_host, { intent, memory, script }) {
    const record = Array.isArray(memory.record) ? memory.record.map(String) : [];
    const back = await resumeOnHost(script, String(memory.policy), intent, record);
    if (back.state !== 'answered') return stepWithout(back);
    const held = /^held (.*)$/.exec(back.answer.said.fence ?? '')?.[1];
    if (held !== undefined) return { step: 'end', outcome: 'failed', detail: `its updates are paused (${held.split('-')[0]}): resume them first` };
    const { failed, restored } = back.answer;
    return failed.length > 0
      ? { step: 'end', outcome: 'failed', detail: sayFew(failed.map(sayItem)) }
      : { step: 'done', detail: `${restored.length} put back` };
  },
  sayUndo: () => 'put its update settings back as they were recorded',
});

/** One line: `patches 48 h after they came out, gradually, between 02:00 and 04:00`. */
export function sayPolicy({ delay, gradual, window }: PolicyParams): string {
  const parts = [
    ...(delay === undefined ? [] : [`KernelCare patches ${delay} h after they came out`]),
    ...(gradual === undefined ? [] : [gradual ? 'gradually' : 'not gradually']),
    ...(window ? [`timers between ${window.from} and ${window.to} of the host's own time`] : []),
  ];
  return `update by ${parts.join(', ')}`;
}
