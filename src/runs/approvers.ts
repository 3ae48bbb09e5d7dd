import { type Person, rank } from '../people.ts';
import type { Queries } from '../store/db.ts';
import type { RunRow } from './rows.ts';

/** What is needed to know whom a run may be approved by. */
export interface ApproverWorld {
  people(): readonly Person[];
  /** Hosts a scope names, as a target is resolved. */
  hostsOf(scope: string): Promise<ReadonlySet<string>>;
}

/** Names of the people whose role, within its scope, covers every host of the ring that waits. */
export async function approversOf(db: Queries, world: ApproverWorld, run: RunRow, ring: number): Promise<string[]> {
  const rows = await db.query<{ host: string }>(`select host from run_hosts where run = $1 and ring = $2 and wave is not null`, [run.id, ring]);
  const scopes = new Map<string, Promise<boolean>>();
  const covers = (scope: string): Promise<boolean> => {
    let known = scopes.get(scope);
    if (!known) {
      known = world.hostsOf(scope).then(
        (hosts) => rows.every(({ host }) => hosts.has(host)),
        () => false,
      );
      scopes.set(scope, known);
    }
    return known;
  };
  const found: string[] = [];
  for (const person of world.people()) {
    for (const { role, scope } of person.roles) {
      if (rank(role) < rank('operator') || (scope !== undefined && !(await covers(scope)))) continue;
      found.push(person.name);
      break;
    }
  }
  return found;
}

/** The ring that waits for a second person now; none where nobody has to be asked. */
export function ringAsked(run: Pick<RunRow, 'plan' | 'wave' | 'approvals' | 'asked_at' | 'begun_at' | 'state'>): number | undefined {
  if (run.state !== 'planned' && run.state !== 'running') return undefined;
  const ring = Math.max(
    0,
    run.plan.rings.findIndex(({ firstWave, lastWave }) => firstWave <= run.wave && run.wave <= lastWave),
  );
  const needed = (run.plan.rings[ring]?.approval.length ?? 0) > 0 || (run.asked_at !== null && run.begun_at === null);
  return needed && !run.approvals[ring] ? ring : undefined;
}
