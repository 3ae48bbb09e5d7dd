import { z } from 'zod';
import { policyUpdates as job, type PolicyParams } from '../jobs/policy-updates.ts';
import { defineCommand } from '../src/chat/command.ts';
import { because, choice, duration, flag, target, word } from '../src/chat/options.ts';
import { heldHosts } from '../src/holds/sets.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { planRun } from '../src/runs/plan.ts';

export const policyUpdates = defineCommand({
  name: 'policy updates',
  summary: 'Sets how hosts update themselves: age of a KernelCare patch, gradually or not, in which hours',
  examples: ['policy updates @prod delay 48h gradual yes', 'policy updates @lab window 02:00-04:00', 'policy updates @kvm delay 24h by rings'],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts' }),
    delay: duration({ keyword: 'delay', words: 'how long a patch must have been out' }).optional(),
    gradual: choice(['yes', 'no'], { keyword: 'gradual', words: 'whether KernelCare may roll out gradually' }).optional(),
    window: word({ keyword: 'window', words: 'the hours in which timers update, 02:00-04:00 in the host’s own zone' }).optional(),
    byRings: flag({ words: 'ring after ring' }),
    plan: flag({ words: 'only show what would be done' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const { delay, gradual, window } = options;
    if (delay === undefined && gradual === undefined && window === undefined)
      throw new Refusal('Say what the policy is: delay 48h, gradual yes, window 02:00-04:00, or several of them.');
    const params: PolicyParams = {
      ...(delay !== undefined && { delay: hours(delay) }),
      ...(gradual !== undefined && { gradual: gradual === 'yes' }),
      ...(window !== undefined && { window: readWindow(window) }),
    };
    const targets = await ops.targets(options.target, actor);
    const held = await heldHosts(
      ops.records,
      targets.hosts.map(({ name }) => name),
    );
    const [first] = held;
    if (first)
      throw new Refusal(
        `Updates are paused on ${held.size} of ${targets.hosts.length} (${first[0]} by ${first[1][0]?.hold}): what is recorded there would no longer be true. Resume them first, or leave them out: (${options.target})!@${first[1][0]?.hold}.`,
      );
    return planRun(ops, {
      job,
      params,
      targets,
      actor,
      place,
      byRings: options.byRings,
      planOnly: options.plan,
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});

const HOUR = 3_600_000;

function hours(delay: number): number {
  const whole = delay / HOUR;
  if (Number.isInteger(whole) && whole >= 1 && whole <= 24 * 30) return whole;
  throw new Refusal('KernelCare counts its delay in whole hours: 12h, 48h, 7d; 30 d at most.');
}

function readWindow(text: string): { from: string; to: string } {
  const [, from, to] = /^((?:[01]?\d|2[0-3]):[0-5]\d)\s*[-–]\s*((?:[01]?\d|2[0-3]):[0-5]\d)$/.exec(text) ?? [];
  if (from === undefined || to === undefined || from === to) throw new Refusal(`"${text}" is no window: write 02:00-04:00, in the host's own time.`);
  // The shell on the host would read 08 as a broken octal number.
  return { from: from.padStart(5, '0'), to: to.padStart(5, '0') };
}
