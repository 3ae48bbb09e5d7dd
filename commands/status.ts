import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { statusListed } from '../src/lists/status.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'What needs somebody: runs that wait, hosts that do not answer, findings, whether everything stands',
  examples: ['status'],
  role: 'known',
  options: z.object({}),
  run: ({ actor }, ops) => statusListed(ops, actor),
});
