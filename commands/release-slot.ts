import { z } from 'zod';
import { defineCommand } from '../src/chat/command.ts';
import { because, hostName } from '../src/chat/options.ts';
import { Refusal } from '../src/lib/refusal.ts';
import { releaseSlots } from '../src/runs/release.ts';

export const releaseSlot = defineCommand({
  name: 'release slot',
  summary: 'Gives back the slots a host holds, on your word that it no longer needs them',
  examples: ['release slot kvm05 because it was taken out of the rack'],
  role: 'admin',
  options: z.object({ host: hostName(), because: because() }),
  async run({ options, actor }, ops) {
    const held = await ops.records.query<{ budget: string }>(`select budget from slots where host = $1 and given_back is null order by id`, [options.host]);
    if (held.length === 0) throw new Refusal(`${options.host} holds no slot. "show slots" lists what is held.`);
    if (ops.fleet().hosts.has(options.host)) await ops.targets(options.host, actor);
    return {
      card: { title: `${options.host} gave back ${held.map(({ budget }) => budget).join(', ')}.`, tone: 'good' },
      json: { host: options.host, given_back: held.map(({ budget }) => budget) },
      write: async (tx, line) => {
        await releaseSlots(tx, options.host, { by: actor.name, because: options.because, at: line.at });
        return undefined;
      },
    };
  },
});
