import type { Reply } from '../chat/command.ts';
import type { Health, Incident, MaintenanceState } from '../incident/shapes.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import { announce } from './announce.ts';
import { incidentJson } from './json.ts';
import { moveIncident } from './move.ts';
import { openOnly } from './open-only.ts';
import type { Speech } from './speak.ts';
import { wordsCard } from './words-card.ts';

/** Words about a maintenance: the verbs are those of incidents, the states its own. */
export function speakOfMaintenance(ops: Ops, incident: Incident, { type, text, verb }: Speech & { text: string }): Reply {
  const { id, state } = incident;
  if (nextState(type, state as MaintenanceState) === undefined)
    throw new Refusal(
      `${id} is a maintenance (${state.replaceAll('_', ' ')}): "incident update", "incident monitor" while it is looked at, and "incident resolve" when it is done; not "incident ${verb}".`,
    );
  if (state === 'completed') throw new Refusal(`${id} is completed. Another one is another "incident maintenance".`);
  return {
    write: async (tx, line) => {
      // As it is now: it may have begun or ended by the clock since the line was read.
      const current = (await openOnly(tx, id)).state as MaintenanceState;
      const status = nextState(type, current) ?? current;
      const components = status === current ? undefined : healthIn(status, Object.keys(incident.components));
      const { after, rev } = await moveIncident(tx, id, {
        type: 'maintenance moved',
        data: { status, text, ...(components && { components }) },
        by: line.actor.name,
        at: line.at,
      });
      await announce(tx, ops, {
        id,
        rev,
        card: wordsCard(after, text, { now: line.at, zone: after.zone }),
        moves: status !== current,
        place: line.place,
        at: line.at,
      });
      return { card: wordsCard(after, text, { now: line.at, zone: line.place.zone }), json: incidentJson(after) };
    },
  };
}

function nextState(type: Speech['type'], state: MaintenanceState): MaintenanceState | undefined {
  if (type === 'updated') return state;
  if (type === 'monitoring') return 'verifying';
  return type === 'resolved' ? 'completed' : undefined;
}

/** While it goes on its components are under maintenance. */
export const healthIn = (status: MaintenanceState, components: readonly string[]): Record<string, Health> =>
  Object.fromEntries(components.map((name) => [name, status === 'in_progress' || status === 'verifying' ? 'under_maintenance' : 'operational']));
