import type { Fleet, Targets } from '../fleet.ts';
import type { HostState } from '../host.ts';
import type { TargetExpression } from './expression.ts';

/** What a target is resolved against. */
export interface TargetWorld {
  fleet: Fleet;
  /** Host names of a live set (`down`, `R1:failed`, `INC-1`, `owner:ada`), `undefined` when there is none of that name. */
  live(name: string): Promise<readonly string[] | undefined>;
  /** Latest state of these hosts; asked only when there is a `where`. */
  known(hosts: readonly string[]): Promise<Map<string, HostState>>;
  /** Live sets that exist now, for "did you mean". */
  liveNames?: readonly string[];
}

/** The hosts a target names, in inventory order, each once. Throws `Refusal`: unreadable, unknown name, nothing matches. */
export async function resolveTarget(expression: string | TargetExpression, world: TargetWorld): Promise<Targets> {
  throw new Error(`not built yet: ${String(expression)} of ${world.fleet.hosts.size}`);
}
