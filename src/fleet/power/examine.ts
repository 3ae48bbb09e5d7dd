import { classOf } from './class-of.ts';
import { askPower, type PowerWorld } from './power.ts';

/** Whether the way to the power of hosts works, by class: the status of the first host of each, within `patience` (wall milliseconds). */
export async function examinePower(world: PowerWorld, patience: number): Promise<{ says: string; remedy?: string }[]> {
  const hosts = [...world.fleet.hosts.values()];
  return Promise.all(
    Object.keys(world.config.power).map(async (name) => {
      const members = hosts.filter((host) => classOf(host, world)?.name === name);
      const [host] = members;
      if (!host) return { says: `\`${name}\` holds for no host`, remedy: `look at \`power.${name}.hosts\` in holdfast.yaml` };
      const began = performance.now();
      const answer = await askPower({ host, action: 'status', patience }, world);
      const took = `${Math.round(performance.now() - began)} ms`;
      if (answer.ok) return { says: `\`${name}\` (${members.length} hosts): ${host.name} is ${answer.power} (${took})` };
      return {
        says: `\`${name}\` (${members.length} hosts), asked of ${host.name}: ${answer.says}`,
        remedy: `power status ${host.name} says the same; docs/configuration.md, power`,
      };
    }),
  );
}
