import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { hostName } from '../src/chat/options.ts';
import { lendSlot } from '../src/ingest/fleetlock/lend.ts';
import { parkedOf } from '../src/ingest/fleetlock/park.ts';
import { Refusal } from '../src/lib/refusal.ts';

export const lend = defineCommand({
  name: 'lend slot',
  summary: 'Lets a host that asked through FleetLock reboot itself; within every budget, as a run would be',
  examples: ['lend slot kvm05'],
  role: 'operator',
  peopleOnly: true,
  options: z.object({ host: hostName() }),
  async run({ options, actor }, ops) {
    const [host] = (await ops.targets(options.host, actor)).hosts;
    if (!host) throw new Refusal(`There is no host ${options.host}.`);
    const asked = await parkedOf(ops.records, host.name);
    if (!asked) throw new Refusal(`${host.name} has not asked for a slot. "reboot ${host.name}" reboots it.`);
    return {
      card: { title: `${host.name} may reboot itself: it has its slot, and is told so when it asks again.`, tone: 'good' },
      json: { host: host.name, lent: true },
      write: async (tx, line) => {
        const lent = await lendSlot(tx, ops, { host, group: asked.group, atOnce: asked.atOnce, by: actor.name, ask: false, person: true, at: line.at });
        if (!lent.lend) throw new Refusal(`${host.name} gets no slot now: ${lent.because}. It goes on asking.`);
        return undefined;
      },
    };
  },
});
