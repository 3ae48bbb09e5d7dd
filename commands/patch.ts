import { z } from 'zod';
import { patch as job } from '../jobs/patch.ts';
import { patchSimulation } from '../jobs/patch-simulation.ts';
import { defineCommand } from '../src/chat/command.ts';
import { because, count, flag, target, until } from '../src/chat/options.ts';
import type { PatchParams } from '../src/fleet/patch/params.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { exclusionsFor } from '../src/rules/exclusions.ts';
import { planRun } from '../src/runs/plan.ts';

export const patch = defineCommand({
  name: 'patch',
  summary: 'Upgrades packages, a few hosts at a time: simulated first; a database primary only when told',
  examples: [
    'patch @web simulate',
    'patch @lab',
    'patch @prod by rings because of DSA-5432',
    'patch @all where xen < 4.6 without kernel batch 2',
    'patch db01 restart databases because the standby was promoted',
  ],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts to upgrade' }),
    withoutKernel: flag({ words: 'no new kernel, proven by a simulated upgrade' }),
    restartDatabases: flag({ words: 'a database primary may restart' }),
    batch: count({ words: 'hosts at once' }).optional(),
    byRings: flag({ words: 'ring after ring' }),
    at: until({ keyword: 'at', words: 'when to begin' }).optional(),
    plan: flag({ words: 'only show what would be done' }),
    simulate: flag({ words: 'ask the hosts now what would be upgraded and restarted; nothing is begun' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const { byRings, plan: planOnly, batch, at, simulate } = options;
    const targets = await ops.targets(options.target, actor);
    const { keptOff } = await exclusionsFor(ops, { job: job.name, hosts: targets.hosts });
    const params: PatchParams = { kernel: !options.withoutKernel, databases: options.restartDatabases, keptOff: byRule(keptOff) };
    if (simulate) {
      if (planOnly || byRings || batch !== undefined || at)
        throw new Refusal('A simulation asks all hosts at once and now: leave plan, batch, by rings and at out.');
      return ops.read(patchSimulation, params, targets);
    }
    return planRun(ops, {
      job,
      params,
      targets,
      actor,
      place,
      byRings,
      planOnly,
      ...(batch !== undefined && { batch }),
      ...(at && { at: at.at }),
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});

/** Frozen with the plan: what was to stay off when it was approved stays off. */
function byRule(keptOff: ReadonlyMap<string, readonly { rule: string; pattern: string }[]>): PatchParams['keptOff'] {
  const rules = new Map<string, PatchParams['keptOff'][number]>();
  for (const [host, kept] of keptOff) {
    for (const { rule, pattern } of kept) {
      const one = rules.get(rule) ?? { rule, pattern, hosts: [] };
      one.hosts.push(host);
      rules.set(rule, one);
    }
  }
  return [...rules.values()];
}
