import { z } from 'zod';
import { check as job } from '../jobs/check.ts';
import { defineCommand } from '../src/chat/command.ts';
import { target } from '../src/chat/options.ts';
import { checkParams } from '../src/fleet/check-params.ts';

export const check = defineCommand({
  name: 'check',
  summary: 'Asks the hosts now: who answers, what is wrong with them, what changed',
  examples: ['check @web', 'check web[01-06],db1', 'check @prod & @kvm where uptime > 200d', 'check @down'],
  role: 'known',
  options: z.object({ target: target({ words: 'the hosts to ask' }) }),
  async run({ options, actor }, ops) {
    return ops.read(job, checkParams(ops.config()), await ops.targets(options.target, actor));
  },
});
