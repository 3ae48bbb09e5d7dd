import type { Place, Reply } from '../chat/command.ts';
import { foldSome } from '../fleet/target/fold-some.ts';
import { healthFor } from '../incident/health.ts';
import { pastMoment } from '../incident/past.ts';
import { type Happened, type Health, type Incident, isOpen, type MaintenanceState, OPEN_STATES } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { when } from '../rollout/words.ts';
import { componentsOf } from '../status/components.ts';
import type { Tx } from '../store/db.ts';
import { allOfIt } from './all-of-it.ts';
import { incidentJson } from './json.ts';
import { moveIncident } from './move.ts';
import { incidentNamed } from './rows.ts';
import { healthIn } from './speak-maintenance.ts';
import { whichIncident } from './which.ts';

interface Said {
  incident?: string | undefined;
  target: string;
  down?: string | undefined;
  up?: string | undefined;
  cause?: string | undefined;
  not: boolean;
  because?: string | undefined;
  actor: Person;
  place: Place;
}

/** Hosts it touches; or one row of the outage table put right by hand, also after the end. What was there before stands in the story. */
export async function affect(ops: Ops, said: Said): Promise<Reply> {
  const states = correction(said) ? [...OPEN_STATES, 'resolved' as const] : OPEN_STATES;
  const which = await whichIncident(ops.records, {
    named: said.incident,
    states,
    verb: 'name hosts of',
    line: (id) => `incident affects ${id} ${said.target}`,
  });
  if (!('id' in which)) return which;
  const hosts = (await ops.targets(said.target, said.actor)).hosts.map(({ name }) => name);
  const { incident } = await incidentNamed(ops.records, which.id);
  refuseMerged(incident, said.target);
  const events = correction(said) ? hosts.map((host) => corrected(host, said, ops.clock.now(), incident.zone)) : [];
  return {
    write: async (tx, line) => {
      const by = { by: line.actor.name, at: line.at };
      refuseMerged((await incidentNamed(tx, which.id, 'for update')).incident, said.target);
      const opened = events.length > 0 ? await openedFirst(tx, which.id) : undefined;
      for (const data of events) {
        const { after } = await moveIncident(tx, which.id, { type: 'corrected', data: { ...data, ...(opened && { opened }) }, ...by });
        refuseBackwards(after, data.host);
      }
      const touched = said.not ? [] : componentsOf(ops.config(), ops.fleet(), hosts);
      const { incident: before } = await incidentNamed(tx, which.id);
      const components = healthOf(before, touched);
      const fresh = Object.keys(components);
      const affected: Happened = {
        type: 'affected',
        data: {
          hosts: said.not ? [] : hosts,
          ...(fresh.length > 0 && { components }),
          ...(said.because !== undefined && { because: said.because }),
        },
        ...by,
      };
      const after = events.length > 0 && fresh.length === 0 ? before : (await moveIncident(tx, which.id, affected)).after;
      return { card: { title: sayDone(which.id, hosts, said, fresh), tone: 'good' }, json: incidentJson(after) };
    },
  };
}

function refuseMerged({ id, mergedInto }: Incident, target: string): void {
  if (mergedInto !== undefined) throw new Refusal(`${id} goes on as ${mergedInto}. Say it of ${mergedInto}: incident affects ${mergedInto} ${target}`);
}

/** As the row stands then: what is said now may not fit what was known. */
function refuseBackwards({ hosts, zone }: Incident, host: string): void {
  const { down, up } = hosts.findLast((row) => row.host === host) ?? {};
  if (down === undefined || up === undefined || down <= up) return;
  const [from, until] = [when(down, up, zone), when(up, down, zone)];
  throw new Refusal(`${host} cannot be up (${until}) before it was down (${from}), ${zone}. Say both, "down … up …". Nothing was changed.`);
}

/** When somebody first knew, of the incident or of one that goes on as it. */
async function openedFirst(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx.query<{ at: Date | null }>(
    `select min(least(coalesce((data ->> 'began')::timestamptz, at), at)) as at from events where thing = any ($1::text[]) and type = 'opened'`,
    [await allOfIt(tx, id)],
  );
  return row?.at?.toISOString();
}

/** How those are that follow by themselves; of what is over none does. */
function healthOf(incident: Incident, touched: readonly string[]): Record<string, Health> {
  const { kind, state, severity, components } = incident;
  if (kind === 'maintenance') {
    if (state === 'completed') return {};
    const fresh = touched.filter((name) => components[name] === undefined);
    return healthIn(state as MaintenanceState, fresh);
  }
  if (!isOpen(incident)) return {};
  return healthFor(
    severity,
    touched.filter((name) => (components[name]?.health ?? 'operational') === 'operational'),
  );
}

const correction = ({ down, up, cause, not }: Said): boolean => not || down !== undefined || up !== undefined || cause !== undefined;

function corrected(host: string, { down, up, cause, not, because }: Said, now: number, zone: string) {
  const [from, until] = [moment('down', down, now, zone), moment('up', up, now, zone)];
  if (from !== undefined && until !== undefined && until < from)
    throw new Refusal(`It cannot be up (${up}) before it was down (${down}). Nothing was changed.`);
  return {
    host,
    ...(from !== undefined && { down: new Date(from).toISOString() }),
    ...(until !== undefined && { up: new Date(until).toISOString() }),
    ...(cause !== undefined && { cause }),
    ...(because !== undefined && { because }),
    ...(not && { no: true }),
  };
}

function moment(word: string, text: string | undefined, now: number, zone: string): number | undefined {
  if (text === undefined) return undefined;
  const at = pastMoment(text, now, zone);
  if (at === undefined)
    throw new Refusal(
      `"${word} ${text.slice(0, 40)}" is no moment that is past. Write 20:57, or 2026-11-23T20:57; it is read in ${zone}, the zone of the incident.`,
    );
  return at;
}

function sayDone(id: string, hosts: readonly string[], said: Said, components: readonly string[]): string {
  const names = foldSome(hosts, 120);
  if (said.not) return `${names}: not affected by ${id}.`;
  const row = correction(said) ? `${names} put right in the outage table of ${id}` : `${id} affects ${names}`;
  return `${row}${components.length > 0 ? `, and ${components.join(', ')} with ${hosts.length === 1 ? 'it' : 'them'}` : ''}.`;
}
