import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { target } from '../src/chat/options.ts';
import { authoritiesCard, authoritiesJson } from '../src/fleet/certificates/authorities.ts';
import { lookForAuthorities } from '../src/fleet/certificates/look-for-authorities.ts';

export const rotateCa = defineCommand({
  name: 'rotate ca',
  summary: 'Says what replacing a CA would invalidate and how it is done without an outage; never does it',
  examples: ['rotate ca @kaza', 'rotate ca'],
  role: 'known',
  options: z.object({ target: target({ words: 'the hosts to look at; all of them if unsaid' }).optional() }),
  async run({ options, actor }, ops) {
    const targets = await ops.targets(options.target ?? '@all', actor);
    const found = await lookForAuthorities({ hosts: targets.hosts, ask: ops.ask });
    return { card: authoritiesCard(found, ops.clock.now()), json: authoritiesJson(found, ops.clock.now()), outcome: 'ok' };
  },
});
