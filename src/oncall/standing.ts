import { defaultsOf } from '../config/defaults.ts';
import { answeringOf } from '../escalation/answering.ts';
import { type Roster, rosterOf } from '../escalation/roster.ts';
import { type Absence, type Cover, quietOf, type Standing } from '../escalation/standing.ts';
import type { Ops } from '../ops.ts';
import type { Queries } from '../store/db.ts';

export type StandingWorld = Pick<Ops, 'config' | 'fleet' | 'people' | 'clock'>;

/** All that says who is asked, as it stands now: the configuration in force, who is away, and who covers for whom, now and later. */
export async function loadStanding(db: Queries, world: StandingWorld): Promise<Standing> {
  const config = world.config();
  // One after the other: it may be the one connection of a transaction.
  const absences = await openAways(db, world.clock.now());
  const covers = await openCovers(db, world.clock.now());
  return { ...answeringOf(config, world.fleet()), people: world.people(), quiet: quietOf(defaultsOf(config)), absences, covers };
}

/** What pages ask: once for all that are due together. */
export const rosterIn =
  (world: StandingWorld) =>
  async (db: Queries): Promise<Roster> =>
    rosterOf(await loadStanding(db, world));

async function openAways(db: Queries, now: number): Promise<Absence[]> {
  const rows = await db.query<{ person: string; begun: Date; until: Date | null; because: string | null }>(
    `select person, begun, until, because from aways where ended is null and (until is null or until > $1) order by id`,
    [new Date(now)],
  );
  return rows.map(({ person, begun, until, because }) => ({
    person,
    from: begun.getTime(),
    ...(until && { until: until.getTime() }),
    kind: 'said',
    ...(because !== null && { because }),
  }));
}

async function openCovers(db: Queries, now: number): Promise<Cover[]> {
  const rows = await db.query<{ person: string; of: string; begun: Date; until: Date }>(
    `select person, of, begun, until from covers where ended is null and until > $1 order by id`,
    [new Date(now)],
  );
  return rows.map(({ person, of, begun, until }) => ({ by: person, for: coverFor(of), from: begun.getTime(), until: until.getTime() }));
}

/** `person:ada`, `service:web`, `roster:night` as rows hold it. */
function coverFor(of: string): Cover['for'] {
  const [, kind = 'person', name = of] = /^(person|service|roster):(.+)$/.exec(of) ?? [];
  return { [kind]: name } as Cover['for'];
}
