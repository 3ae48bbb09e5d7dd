import { z } from 'zod';

export const PatchParams = z.object({
  /** With new kernels. */
  kernel: z.boolean(),
  /** Restarts of a database primary are meant. */
  databases: z.boolean(),
  /** Packages that rules kept off as it was planned; rules made since are added as each host begins, none is dropped. */
  keptOff: z.array(z.object({ rule: z.string(), pattern: z.string(), hosts: z.array(z.string()) })),
});
export type PatchParams = z.infer<typeof PatchParams>;

/** What stays off one host, each pattern once. */
export function patternsFor(host: string, params: PatchParams, now: readonly { pattern: string }[]): string[] {
  const planned = params.keptOff.filter(({ hosts }) => hosts.includes(host));
  return [...new Set([...planned, ...now].map(({ pattern }) => pattern))].sort();
}
