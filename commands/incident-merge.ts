import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { id } from '../src/chat/options.ts';
import { merge } from '../src/incidents/merge.ts';

export const incidentMerge = defineCommand({
  name: 'incident merge',
  summary: 'Two that are one: hosts, updates, runs, alerts and pages of the first go along with the second',
  examples: ['incident merge INC-2 into INC-1'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    incident: id(['incident'], { words: 'the one that ends' }),
    into: id(['incident'], { keyword: 'into', words: 'the one that goes on' }),
  }),
  run: async ({ options }, ops) => merge(ops, options.incident, options.into),
});
