import { z } from 'zod';
import { certs as job } from '../jobs/certs.ts';
import { certificatesListed } from '../src/certificates/show.ts';
import { defineCommand } from '../src/chat/command.ts';
import { duration, target } from '../src/chat/options.ts';

export const certs = defineCommand({
  name: 'certs',
  summary: 'Certificates: when they end, what is served, which are authorities; a target is asked now',
  examples: ['certs @kaza', 'certs kyousuke expiring 30d', 'certs', 'certs expiring 14d'],
  role: 'known',
  options: z.object({
    target: target({ words: 'the hosts to ask; unsaid = what is known of all, without asking' }).optional(),
    expiring: duration({ keyword: 'expiring', words: 'only those that end within so long' }).optional(),
  }),
  async run({ options: { target: expression, expiring }, actor }, ops) {
    if (expression === undefined) return certificatesListed(ops, expiring);
    return ops.read(job, { ...(expiring !== undefined && { expiring }) }, await ops.targets(expression, actor));
  },
});
