import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { id, person } from '../src/chat/options.ts';
import { OPEN_STATES } from '../src/incident/shapes.ts';
import { leadBy } from '../src/incidents/lead.ts';
import { whichIncident } from '../src/incidents/which.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { recipientNamed } from '../src/paging/ask.ts';

export const incidentLead = defineCommand({
  name: 'incident lead',
  summary: 'Who leads it: reminded of the next update, and asked whether it is over',
  examples: ['incident lead INC-1 ada', 'incident lead me'],
  role: 'operator',
  unscoped: true,
  peopleOnly: true,
  options: z.object({ incident: id(['incident']).optional(), person: person({ words: 'who, or me' }) }),
  async run({ options, actor }, ops) {
    const to = recipientNamed(ops, options.person, actor, didYouMean);
    if (!to.startsWith('person:')) throw new Refusal(`"${options.person}" is no person. Somebody leads an incident, by name.`);
    const lead = to.replace('person:', '');
    const which = await whichIncident(ops.records, {
      named: options.incident,
      states: OPEN_STATES,
      verb: 'lead',
      line: (one) => `incident lead ${one} ${lead}`,
    });
    return 'id' in which ? leadBy(ops, which.id, lead) : which;
  },
});
