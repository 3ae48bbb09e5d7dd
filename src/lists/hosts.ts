import type { Targets } from '../fleet/fleet.ts';
import type { Ops } from '../ops.ts';
import { hostCard, hostJson, hostsCard } from '../reading/host-card.ts';
import { changesOf } from '../reading/knowledge.ts';
import type { Listed } from './listed.ts';
import { touching } from './touching.ts';

/** `show web01`, `show @prod where uptime > 200d`: what is known, and of a single host also what is being done to it. */
export async function hostsListed(ops: Pick<Ops, 'known' | 'records' | 'fleet' | 'clock'>, { hosts, expression }: Targets): Promise<Listed> {
  const known = await ops.known(hosts.map((host) => host.name));
  const [only] = hosts;
  if (hosts.length === 1 && only) {
    const card = hostCard(only, known.get(only.name), await changesOf(ops.records, only.name, 10), ops.clock.now());
    const touched = await touching(ops, only, known);
    return {
      card: { ...card, body: [...touched.lines, ...(card.body ?? [])] },
      json: { hosts: [{ ...hostJson(only, known.get(only.name)), ...touched.json }] },
    };
  }
  return {
    card: hostsCard(expression, hosts, known, ops.clock.now()),
    json: { hosts: hosts.map((host) => hostJson(host, known.get(host.name))) },
  };
}
