import { z } from 'zod';
import { reboot as job } from '../jobs/reboot.ts';
import { defineCommand } from '../src/chat/command.ts';
import { because, count, flag, target, until } from '../src/chat/options.ts';
import { rebootParams } from '../src/fleet/reboot/params.ts';
import { planRun } from '../src/runs/plan.ts';

export const reboot = defineCommand({
  name: 'reboot',
  summary: 'Reboots hosts a few at a time: drained first, and the next only when the last are back as they were',
  examples: ['reboot lab01', 'reboot @kvm batch 2', 'reboot @prod by rings because of CVE-2026-1234', 'reboot @web at sat 02:00', 'reboot @kvm plan'],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts to reboot' }),
    batch: count({ words: 'hosts at once' }).optional(),
    byRings: flag({ words: 'ring after ring' }),
    at: until({ keyword: 'at', words: 'when to begin' }).optional(),
    plan: flag({ words: 'only show what would be done' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const { byRings, plan: planOnly, batch, at } = options;
    const targets = await ops.targets(options.target, actor);
    return planRun(ops, {
      job,
      params: rebootParams(ops.config(), targets.hosts),
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
