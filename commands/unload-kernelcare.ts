import { z } from 'zod';
import { unloadKernelcare as job, type UnloadParams } from '../jobs/unload-kernelcare.ts';
import { defineCommand } from '../src/chat/command.ts';
import { because, count, flag, target } from '../src/chat/options.ts';
import { foldNames } from '../src/fleet/target/fold.ts';
import { pausedFrom } from '../src/holds/sets.ts';
import { lacksAll } from '../src/holds/sources.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { planRun } from '../src/runs/plan.ts';

export const unloadKernelcare = defineCommand({
  name: 'unload kernelcare',
  summary: 'Takes KernelCare’s live patch off: one host first, watched, then a few of each site at a time',
  examples: ['unload kernelcare @kvm because K20180618_01 panics', 'unload kernelcare kvm01'],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts' }),
    batch: count({ words: 'hosts at once' }).optional(),
    unpaused: flag({ keyword: 'even unpaused', words: 'also where updates are not paused and will put the patch back' }),
    plan: flag({ words: 'only show what would be done' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const targets = await ops.targets(options.target, actor);
    const names = targets.hosts.map(({ name }) => name);
    const known = await ops.known(names);
    const { covered, without } = await pausedFrom(ops.records, names, 'kernelcare');
    const open = names.filter((name) => !covered.has(name) && !without.has(name) && !lacksAll(known.get(name), ['kernelcare'], ops.clock.now()));
    if (open.length > 0 && !options.unpaused && !options.plan) {
      const few = foldNames(open);
      throw new Refusal(
        `Updates of KernelCare are not paused on ${open.length} of ${targets.hosts.length} (${few.length > 80 ? `${few.slice(0, 79)}…` : few}): its next auto-update puts the patch back. First: pause updates ${options.target} source kernelcare. Or add "even unpaused".`,
      );
    }
    return planRun(ops, {
      job,
      params: { without: [...without] } satisfies UnloadParams,
      targets,
      actor,
      place,
      planOnly: options.plan,
      ...(options.batch !== undefined && { batch: options.batch }),
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});
