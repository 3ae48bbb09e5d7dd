import { type AnsweringConfig, answeringOf } from './escalation/answering.ts';
import type { Fleet } from './fleet/fleet.ts';
import { holdSet } from './holds/sets.ts';
import { downHosts } from './reading/knowledge.ts';
import type { Queries } from './store/db.ts';

/** Sets of hosts that come and go while Holdfast runs; each is a target like any group: `@down @R1:failed @H1 @INC-1 @owner:ada`. */
export interface LiveSets {
  /** Host names, some of which may have left the inventory; absent where there is no such set now. */
  hosts(name: string): Promise<readonly string[] | undefined>;
  /** Sets that exist now, for "did you mean". */
  names(): Promise<string[]>;
}

/** Of a run: hosts by how it went with them. */
const OF_RUN = ['failed', 'lost', 'unverified', 'held', 'notstarted', 'going', 'ok', 'already', 'skipped'] as const;
const OF_HOLD = ['unverified', 'held', 'drifted', 'resumed'] as const;
/** Things whose sets are offered when a name is not known, the latest first. */
const OFFERED = 20;

export function liveSets(db: Queries, world: { fleet(): Fleet; config(): AnsweringConfig }): LiveSets {
  return {
    async hosts(name) {
      const [, thing = '', part] = /^(.+?)(?::(.+))?$/.exec(name) ?? [];
      const id = thing.toUpperCase();
      if (thing.toLowerCase() === 'owner') return part === undefined ? undefined : ownedBy(world, part);
      if (name.toLowerCase() === 'down') return downHosts(db);
      if (/^R\d+$/.test(id)) return ofRun(db, id, part?.toLowerCase());
      if (/^H\d+$/.test(id)) return holdSet(db, name.toLowerCase());
      if (/^INC-\d+$/.test(id) && part === undefined) return ofIncident(db, id);
      return undefined;
    },
    async names() {
      const things = await db.query<{ id: string }>(
        `(select id from runs order by planned_at desc limit ${OFFERED}) union all (select id from holds where state = 'open' order by begun desc limit ${OFFERED})
         union all (select id from incidents order by opened desc limit ${OFFERED})`,
      );
      const parts = (id: string): readonly string[] => (id.startsWith('R') ? OF_RUN : id.startsWith('H') ? OF_HOLD : []);
      const { services } = answeringOf(world.config(), world.fleet());
      const owners = new Set([...services.values()].flatMap(({ owner }) => (owner === undefined ? [] : [`owner:${owner}`])));
      return ['down', ...owners, ...things.flatMap(({ id }) => [id, ...parts(id).map((part) => `${id}:${part}`)])];
    },
  };
}

/** Hosts a run does something to; with a part, those it went so with. */
async function ofRun(db: Queries, id: string, part: string | undefined): Promise<string[] | undefined> {
  if (part !== undefined && !(OF_RUN as readonly string[]).includes(part)) return undefined;
  if ((await db.query(`select 1 from runs where id = $1`, [id])).length === 0) return undefined;
  const which = { notstarted: `state = 'waiting'`, going: `state = 'going'` }[part ?? ''] ?? (part === undefined ? `wave is not null` : `outcome = $2`);
  return hostsOf(db, `select host from run_hosts where run = $1 and ${which} order by position`, which.includes('$2') ? [id, part] : [id]);
}

/** Every host that was named in it, or went down. */
async function ofIncident(db: Queries, id: string): Promise<string[] | undefined> {
  if ((await db.query(`select 1 from incidents where id = $1`, [id])).length === 0) return undefined;
  return hostsOf(db, `select host from incident_hosts where incident = $1 group by host order by min(coalesce(down, 'infinity')), host`, [id]);
}

function ownedBy({ fleet, config }: Parameters<typeof liveSets>[1], person: string): string[] | undefined {
  const name = person.toLowerCase();
  const owned = [...answeringOf(config(), fleet()).services.values()].filter(({ owner }) => owner?.toLowerCase() === name);
  if (owned.length === 0 && !Object.keys(config().people).some((one) => one.toLowerCase() === name)) return undefined;
  return [...new Set(owned.flatMap(({ hosts }) => [...hosts]))];
}

const hostsOf = async (db: Queries, sql: string, params: unknown[]): Promise<string[]> =>
  (await db.query<{ host: string }>(sql, params)).map(({ host }) => host);
