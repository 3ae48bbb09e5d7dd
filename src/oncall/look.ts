import { defaultsOf } from '../config/defaults.ts';
import type { ChannelName } from '../deliver/channel.ts';
import { reachedBy } from '../deliver/reaches.ts';
import type { Standing } from '../escalation/standing.ts';
import { type Trouble, troublesOf } from '../escalation/troubles.ts';
import { missedNow } from '../paging/missed.ts';
import type { Person } from '../people.ts';
import type { Queries } from '../store/db.ts';
import { loadStanding, type StandingWorld } from './standing.ts';

export interface Looked {
  now: number;
  standing: Standing;
  reaches(person: Person): readonly ChannelName[];
  /** All because of which a page may reach nobody. */
  troubles: Trouble[];
}

/**
 * Who answers for what now, and what is wrong with it. Whoever left too many pages in a row without an answer is still asked, but counts
 * as nobody who can be reached.
 */
export async function lookAtPeople(db: Queries, world: StandingWorld & { /** The devices are played by the terminal. */ simulated: boolean }): Promise<Looked> {
  const now = world.clock.now();
  const standing = await loadStanding(db, world);
  const missed = await missedNow(db);
  const reaches = reachedBy(world.config(), world.simulated);
  const most = defaultsOf(world.config())['page.presumed_away'];
  const presumed = [...missed].filter(([, pages]) => pages.length >= most).map(([person]) => ({ person, from: now, kind: 'presumed' as const }));
  const asked = { standing: { ...standing, absences: [...standing.absences, ...presumed] }, reaches, now };
  return { now, standing, reaches, troubles: troublesOf(asked) };
}
