import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { duration, id, target, text, until } from '../src/chat/options.ts';
import { announceMaintenance, putOff } from '../src/incidents/maintenance.ts';

export const incidentMaintenance = defineCommand({
  name: 'incident maintenance',
  summary: 'Tells the public what will be worked on, and when; begins by itself, ends with resolve',
  examples: [
    'incident maintenance "new switches in Brisbane" affects @bne at sat 02:00 for 2h',
    'incident maintenance INC-3 "the vendor is late" at sun 02:00 for 2h',
  ],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({
    incident: id(['incident'], { words: 'one that is put off' }).optional(),
    title: text({ words: 'what the public reads; of one that is put off, why' }),
    affects: target({ keyword: 'affects', words: 'hosts it touches; their components follow' }).optional(),
    at: until({ keyword: 'at', words: 'when it begins' }),
    for: duration({ words: 'how long; unsaid, one hour' }).optional(),
  }),
  run: async ({ options, actor, place }, ops) =>
    options.incident === undefined ? announceMaintenance(ops, { ...options, actor, place }) : putOff(ops, options.incident, { ...options, actor, place }),
});
