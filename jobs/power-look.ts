import { z } from 'zod';
import { askPower, LOOKS } from '../src/fleet/power/power.ts';
import { defineRead } from '../src/jobs.ts';

export const powerLook = defineRead({
  name: 'power look',
  summary: 'Looks at a host from outside: whether its power is on, its console, its hardware events',
  risk: 'read',
  params: z.object({ look: z.enum(LOOKS) }),
  aside: true,
  async act(host, { params, around }) {
    if (!around) throw new Error('looking at the power of a host needs the configuration');
    const began = performance.now();
    const answer = await askPower({ host, action: params.look }, around);
    const base = { host: host.name, reach: 'ok', ms: Math.round(performance.now() - began) } as const;
    if (!answer.ok) return { ...base, outcome: 'unverified', detail: answer.says };
    return { ...base, outcome: 'ok', output: answer.says.join('\n'), ...(answer.power && { power: answer.power }) };
  },
});
