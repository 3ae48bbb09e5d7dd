import { z } from 'zod';
import { power as job } from '../jobs/power.ts';
import { powerLook } from '../jobs/power-look.ts';
import { type Command, defineCommand } from '../src/chat/command.ts';
import { because, count, flag, target } from '../src/chat/options.ts';
import type { Targets } from '../src/fleet/fleet.ts';
import type { Host } from '../src/fleet/host.ts';
import { classOf } from '../src/fleet/power/class-of.ts';
import { LOOKS, noClass, type PowerLook, type PowerSwitch, SWITCHES } from '../src/fleet/power/power.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import { planRun } from '../src/runs/plan.ts';

const LOOK_SAYS: Record<PowerLook, { summary: string; examples: string[] }> = {
  status: { summary: 'Whether the power of hosts is on, asked from outside', examples: ['power status kvm05', 'power status @kvm'] },
  console: { summary: 'What stands on the console of a host', examples: ['power console kvm05'] },
  log: { summary: 'The last hardware events of a host', examples: ['power log kvm05'] },
};

const SWITCH_SAYS: Record<PowerSwitch, { summary: string; examples: string[] }> = {
  on: { summary: 'Switches hosts on that are off; asks nobody', examples: ['power on kvm05'] },
  off: { summary: 'Switches hosts off, hard', examples: ['power off kvm05 because it smokes'] },
  cycle: {
    summary: 'Switches hosts off and on again; asks nobody where none answers; keeps their last words first',
    examples: ['power cycle kvm05', 'power cycle @down because the switch is back'],
  },
};

const looks: Command[] = LOOKS.map((look) =>
  defineCommand({
    name: `power ${look}`,
    ...LOOK_SAYS[look],
    role: 'known',
    options: z.object({ target: target({ words: 'the hosts' }) }),
    async run({ options, actor }, ops) {
      const targets = await ops.targets(options.target, actor);
      refuseWithoutClass(targets, ops);
      return ops.read(powerLook, { look }, targets);
    },
  }),
);

const switches: Command[] = SWITCHES.map((action) =>
  defineCommand({
    name: `power ${action}`,
    ...SWITCH_SAYS[action],
    role: 'operator',
    options: z.object({
      target: target({ words: 'the hosts' }),
      batch: count({ words: 'hosts at once' }).optional(),
      plan: flag({ words: 'only show what would be done' }),
      because: because().optional(),
    }),
    async run({ options, actor, place }, ops) {
      const targets = await ops.targets(options.target, actor);
      refuseWithoutClass(targets, ops);
      await refuseInFlight(targets.hosts, ops);
      const known = await ops.known(targets.hosts.map(({ name }) => name));
      const allDown = targets.hosts.every(({ name }) => (known.get(name)?.reach ?? 'ok') !== 'ok');
      return planRun(ops, {
        job,
        params: { action, onlyDown: action === 'cycle' && allDown },
        words: `power ${action}`,
        targets,
        actor,
        place,
        planOnly: options.plan,
        ...(options.batch !== undefined && { batch: options.batch }),
        ...(options.because !== undefined && { because: options.because }),
      });
    },
  }),
);

export const power = [...looks, ...switches];

function refuseWithoutClass({ hosts }: Targets, ops: Ops): void {
  const around = { config: ops.config(), fleet: ops.fleet() };
  const [first] = hosts;
  if (!first || hosts.some((host) => classOf(host, around))) return;
  throw new Refusal(
    `${noClass(first.name)}${hosts.length > 1 ? `, and neither is any other of the ${hosts.length}` : ''}: docs/configuration.md says how one is written.`,
  );
}

/** What a run has in hand may be down because it reboots just now. */
async function refuseInFlight(hosts: readonly Host[], ops: Ops): Promise<void> {
  const [going] = await ops.records.query<{ host: string; run: string; phase: string | null }>(
    `select host, run, phase from run_hosts where state = 'going' and host in (select jsonb_array_elements_text($1::jsonb)) limit 1`,
    [JSON.stringify(hosts.map(({ name }) => name))],
  );
  if (going)
    throw new Refusal(
      `${going.host} is in flight in ${going.run}${going.phase ? ` (${going.phase})` : ''}: wait for its outcome, or "stop ${going.run}" first.`,
    );
}
