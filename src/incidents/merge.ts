import type { Reply } from '../chat/command.ts';
import { publicTitle } from '../incident/public-title.ts';
import { HEALTH, type Health, type Incident, isOpen } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import { touchPages } from '../paging/touch.ts';
import type { Tx } from '../store/db.ts';
import { announce } from './announce.ts';
import { incidentJson } from './json.ts';
import { moveIncident } from './move.ts';
import { incidentNamed } from './rows.ts';

/** One goes on under the id of the other: hosts, components, runs, alerts and pages go along, and the public reads there what it read last of the first. */
export function merge(ops: Ops, from: string, into: string): Reply {
  if (from === into) throw new Refusal(`${from} cannot be merged into itself.`);
  return {
    write: async (tx, line) => {
      // In one order, so that two merges at once do not wait for each other.
      for (const id of [from, into].sort()) await incidentNamed(tx, id, 'for update');
      const [{ incident: ends }, { incident: goesOn }] = [await incidentNamed(tx, from), await incidentNamed(tx, into)];
      refuseUnlike(ends, goesOn);
      const by = { by: line.actor.name, at: line.at };
      const ill = Object.fromEntries(
        Object.entries(ends.components).flatMap(([name, { health }]) => (isWorse(health, goesOn.components[name]?.health) ? [[name, health]] : [])),
      );
      // What was promised to the public first is kept by the one that goes on.
      const earlier = ends.public && ends.updateDue !== undefined && ends.updateDue < (goesOn.updateDue ?? Infinity) ? ends.updateDue : undefined;
      const { after, rev } = await moveIncident(tx, into, {
        type: 'took in',
        data: {
          from,
          began: new Date(ends.began).toISOString(),
          hosts: ends.hosts.map(written),
          components: ill,
          ...(ends.public && { text: lastWords(ends) }),
          ...(earlier !== undefined && { due: new Date(earlier).toISOString() }),
        },
        ...by,
      });
      // After it: what is ill stays ill without a moment between.
      await moveIncident(tx, from, { type: 'merged', data: { into }, ...by });
      await goAlong(tx, from, into);
      const card = { title: `${from} goes on as ${into}: ${after.title}`.slice(0, 300), tone: 'attention' as const };
      await announce(tx, ops, { id: into, rev, card, moves: true, place: line.place, at: line.at });
      return { card, json: incidentJson(after) };
    },
  };
}

function refuseUnlike(ends: Incident, goesOn: Incident): void {
  if (ends.kind !== goesOn.kind)
    throw new Refusal(`${ends.id} is ${ends.kind === 'incident' ? 'an incident' : 'a maintenance'}, and ${goesOn.id} is not: they stay apart.`);
  if (ends.mergedInto !== undefined) throw new Refusal(`${ends.id} goes on as ${ends.mergedInto} already.`);
  if (goesOn.mergedInto !== undefined) throw new Refusal(`${goesOn.id} goes on as ${goesOn.mergedInto}: merge into that one.`);
  if (!isOpen(goesOn)) throw new Refusal(`${goesOn.id} is ${goesOn.state}. "incident reopen ${goesOn.id} …" first, if it goes on.`);
}

const isWorse = (health: Health, than: Health = 'operational'): boolean => HEALTH.indexOf(health) > HEALTH.indexOf(than);

const written = ({ host, down, up, cause, source, correctedBy }: Incident['hosts'][number]) => ({
  ...{ host, source },
  down: down === undefined ? null : new Date(down).toISOString(),
  up: up === undefined ? null : new Date(up).toISOString(),
  cause: cause ?? null,
  corrected_by: correctedBy ?? null,
});

/** What the public read of the one that ends, said where it reads on. */
const lastWords = (ends: Incident): string =>
  `This is part of it: ${publicTitle({ ...ends, components: Object.keys(ends.components) })}. ${ends.updates.at(-1)?.text ?? ''}`.trim();

/** Runs, alerts, and pages that ask about it. */
async function goAlong(tx: Tx, from: string, into: string): Promise<void> {
  await tx.query(`update runs set incident = $2, rev = rev + 1 where incident = $1`, [from, into]);
  await tx.query(`update alerts set incident = $2, rev = rev + 1 where incident = $1`, [from, into]);
  const pages = await tx.query<{ id: string }>(`update pages set about = $2, rev = rev + 1 where about = $1 returning id`, [from, into]);
  await touchPages(
    tx,
    pages.map(({ id }) => id),
  );
  await tx.query(`update cards set wanted_rev = wanted_rev + 1 where thing_kind = 'run' and thing_id in (select id from runs where incident = $1)`, [into]);
}
