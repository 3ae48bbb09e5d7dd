import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { duration, target, text, until } from '../src/chat/options.ts';
import { announceMaintenance } from '../src/incidents/maintenance.ts';

export const incidentMaintenance = defineCommand({
  name: 'incident maintenance',
  summary: 'Tells the public what will be worked on, and when; begins by itself, ends with resolve',
  examples: ['incident maintenance "new switches in Brisbane" affects @bne at sat 02:00 for 2h'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    title: text({ words: 'what the public reads' }),
    affects: target({ keyword: 'affects', words: 'hosts it touches; their components follow' }).optional(),
    at: until({ keyword: 'at', words: 'when it begins' }),
    for: duration({ words: 'how long; unsaid, one hour' }).optional(),
  }),
  run: ({ options, actor, place }, ops) => announceMaintenance(ops, { ...options, actor, place }),
});
