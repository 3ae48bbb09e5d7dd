import { z } from 'zod';
import { rotateCerts as job } from '../jobs/rotate-certs.ts';
import { defineCommand } from '../src/chat/command.ts';
import { because, flag, target, until, word } from '../src/chat/options.ts';
import { defaultsOf } from '../src/config/defaults.ts';
import { planRotation } from '../src/fleet/certificates/plan-fleet.ts';
import { planRun } from '../src/runs/plan.ts';

export const rotateCerts = defineCommand({
  name: 'rotate certs',
  summary: 'Renews leaf certificates, one host at a time; what does not hold is put back, no CA is written',
  examples: ['rotate certs kyousuke', 'rotate certs @kaza cert apiserver', 'rotate certs @web plan', 'rotate certs mio cert server at sat 02:00'],
  role: 'operator',
  options: z.object({
    target: target({ words: 'the hosts whose leaves are renewed' }),
    cert: word({ keyword: 'cert', words: 'one certificate by its name or path, also where it is not due' }).optional(),
    at: until({ keyword: 'at', words: 'when to begin' }).optional(),
    plan: flag({ words: 'only show what would be done' }),
    because: because().optional(),
  }),
  async run({ options, actor, place }, ops) {
    const targets = await ops.targets(options.target, actor);
    const known = await ops.known(targets.hosts.map(({ name }) => name));
    const config = ops.config();
    const params = await planRotation({
      ...{ hosts: targets.hosts, config, fleet: ops.fleet(), now: ops.clock.now(), ask: ops.ask },
      // Whoever would be told of it by now may renew it.
      within: Math.max(...defaultsOf(config)['certificates.low_days']) * DAY,
      factsOf: (host) => known.get(host)?.facts ?? {},
      ...(options.cert !== undefined && { cert: options.cert }),
    });
    return planRun(ops, {
      ...{ job, params, targets, actor, place, planOnly: options.plan },
      ...(options.at && { at: options.at.at }),
      ...(options.because !== undefined && { because: options.because }),
    });
  },
});

const DAY = 86_400_000;
