import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { flag, target } from '../src/chat/options.ts';
import { authoritiesCard, authoritiesJson } from '../src/fleet/certificates/authorities.ts';
import { lookForAuthorities } from '../src/fleet/certificates/look-for-authorities.ts';
import { Refusal } from '../src/lib/refusal.ts';

export const rotateCa = defineCommand({
  name: 'rotate ca',
  summary: 'Says what replacing a CA would invalidate and how it is done without an outage; never does it',
  examples: ['rotate ca @kaza', 'rotate ca', 'rotate ca rehearse'],
  role: 'known',
  options: z.object({
    target: target({ words: 'the hosts to look at; all of them if unsaid' }).optional(),
    rehearse: flag({ words: 'in the sandbox: go through it on a copy of its own authority' }),
  }),
  async run({ options, actor }, ops) {
    if (options.rehearse) {
      if (!ops.sandbox)
        throw new Refusal(
          'There is nothing to rehearse on here: these are real hosts. "npm start" has a small cluster with an authority of its own; there, say: rotate ca rehearse',
        );
      const steps = await ops.sandbox.rehearseAuthority();
      return {
        card: { title: 'A change of the authority of @kaza, on a copy of its files; nothing of the cluster was changed', body: steps },
        json: { rehearsal: steps },
        outcome: 'ok',
      };
    }
    const targets = await ops.targets(options.target ?? '@all', actor);
    const found = await lookForAuthorities({ hosts: targets.hosts, ask: ops.ask });
    return { card: authoritiesCard(found, ops.clock.now()), json: authoritiesJson(found, ops.clock.now()), outcome: 'ok' };
  },
});
