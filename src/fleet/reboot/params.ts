import { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import type { Host } from '../host.ts';

const Hook = z.object({ script: z.string(), end: z.string(), on: z.string().optional(), params: z.record(z.string(), z.string()) });
export type RebootHook = z.infer<typeof Hook>;

/** Frozen with the plan: what takes hosts out of service and back in is approved too, down to the text of the scripts. */
export const RebootParams = z.object({
  /** By group. */
  hooks: z
    .record(
      z.string(),
      z.object({
        drain: Hook.optional(),
        back: Hook.optional(),
        /** Hosts of the run that were in the group when it was planned; unsaid: plans of a version that asked the inventory instead. */
        hosts: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
export type RebootParams = z.infer<typeof RebootParams>;

/** The parameters of a reboot of these hosts, by the configuration and the inventory in force. */
export function rebootParams({ groups, scripts }: Pick<Config, 'groups' | 'scripts'>, targets: readonly Pick<Host, 'name' | 'groups'>[]): RebootParams {
  const frozen = (hook: { script: string; on?: string | undefined; params: Record<string, string> } | undefined): RebootHook | undefined => {
    if (!hook) return undefined;
    const configured = Object.hasOwn(scripts, hook.script) ? scripts[hook.script] : undefined;
    return {
      script: configured ? `${hook.script}@${configured.sha256}` : hook.script,
      end: `${hook.script} v${configured?.version ?? 1}`,
      params: hook.params,
      ...(hook.on !== undefined && { on: hook.on }),
    };
  };
  const hooks = Object.fromEntries(
    Object.entries(groups).flatMap(([group, { hooks: written }]) => {
      const [drain, back] = [frozen(written?.drain), frozen(written?.back)];
      const hosts = drain || back ? targets.filter((host) => host.groups.includes(group)).map(({ name }) => name) : [];
      return hosts.length > 0 ? [[group, { ...(drain && { drain }), ...(back && { back }), hosts }]] : [];
    }),
  );
  return Object.keys(hooks).length > 0 ? { hooks } : {};
}
