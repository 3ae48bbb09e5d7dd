import { z } from 'zod';
import type { Probe } from './scripts/check-args.ts';

/** What a check is told beside the hosts; plain data, so that a worker elsewhere needs no configuration of its own. */
export const CheckParams = z.object({
  /** Service probes by group. */
  probes: z.record(z.string(), z.array(z.custom<Probe>())).optional(),
  /** Hazards of the site. */
  hazards: z.array(z.object({ name: z.string(), severity: z.enum(['info', 'warning', 'critical']), text: z.string(), when: z.string() })).optional(),
  /** Program and arguments that print the last words of `{host}`; run here, not on the host. */
  logServer: z.array(z.string()).optional(),
});
export type CheckParams = z.infer<typeof CheckParams>;

/** The part of the configuration a check needs. */
export function checkParams(config: {
  groups: Record<string, { probes?: readonly Probe[] | undefined }>;
  hazards: NonNullable<CheckParams['hazards']>;
  log_server?: { command: string[] } | undefined;
}): CheckParams {
  const probes = Object.entries(config.groups).flatMap(([group, own]): [string, Probe[]][] => (own.probes?.length ? [[group, [...own.probes]]] : []));
  return {
    ...(probes.length > 0 && { probes: Object.fromEntries(probes) }),
    ...(config.hazards.length > 0 && { hazards: config.hazards }),
    ...(config.log_server && { logServer: config.log_server.command }),
  };
}
