import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { because, choice, id } from '../src/chat/options.ts';
import { SEVERITIES } from '../src/incident/shapes.ts';
import { rate } from '../src/incidents/rate.ts';

export const incidentSeverity = defineCommand({
  name: 'incident severity',
  summary: 'How bad it is: when the next update is due, how ill components are, how pressing a page is',
  examples: ['incident severity INC-1 critical', 'incident severity minor because only the lab is touched'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    incident: id(['incident']).optional(),
    severity: choice(SEVERITIES, { words: 'how bad' }),
    because: because().optional(),
  }),
  run: ({ options }, ops) => rate(ops, options),
});
