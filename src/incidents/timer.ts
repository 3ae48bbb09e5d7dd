import { defaultsOf } from '../config/defaults.ts';
import { channelsFor } from '../deliver/news.ts';
import { dutiesOf } from '../incident/duties.ts';
import { type Incident, isOpen } from '../incident/shapes.ts';
import { crashPoint } from '../lib/crash.ts';
import type { Tx } from '../store/db.ts';
import type { TimerHandler } from '../store/timers.ts';
import { carryOut } from './carry-out.ts';
import { maintenanceDue } from './maintenance.ts';
import { askForChannel } from './own-channel.ts';
import { storedIncident } from './rows.ts';
import type { IncidentsWorld } from './world.ts';

/**
 * The heartbeat of an incident: armed whenever something happens to it. Its card stands in every channel bound to news of incidents; whoever
 * promised an update is reminded of it; a second writer is asked; and in the end, whether it is over.
 */
export function incidentTimer(world: IncidentsWorld): TimerHandler {
  return async (tx, timer) => {
    const stored = await storedIncident(tx, timer.ref, 'for update');
    if (!stored) return undefined;
    const { incident, row } = stored;
    const now = world.clock.now();
    await world.tell.news(tx, { key: `incident:${incident.id} card`, news: 'incident', what: { thing: { kind: 'incident', id: incident.id } }, at: now });
    await pinCards(tx, world, incident.id, staysInSight(incident));
    await askForChannel(tx, world, incident, row.code);
    const defaults = defaultsOf(world.config());
    const times = { remind: defaults['incident.remind_before'], second: defaults['incident.second_writer'], resolve: defaults['incident.ask_resolve'] };
    const { due, at } = dutiesOf(incident, now, times);
    for (const duty of due) await carryOut(tx, world, incident, duty, now);
    const window = await maintenanceDue(tx, world, incident, now);
    crashPoint('incident.told');
    return at ?? window;
  };
}

/** What nobody has said a word of and hurts little is one of many; of all others the card is pinned while they go on. */
function staysInSight(incident: Incident): boolean {
  if (incident.kind === 'maintenance') return incident.state === 'in_progress' || incident.state === 'verifying';
  return isOpen(incident) && (incident.public || incident.severity !== 'minor');
}

/** In the channels bound to news of incidents and in its own, and nowhere else: a direct message is its reader's. Of what is over nothing stays pinned. */
async function pinCards(tx: Tx, { config }: IncidentsWorld, id: string, pin: boolean): Promise<void> {
  const bound = channelsFor(config(), 'incident').map(({ platform, channel }) => `${platform} ${channel}`);
  await tx.query(`update cards set pin = $2 and ${IN_SIGHT}, pin_tries = 0 where thing_kind = 'incident' and thing_id = $1 and pin <> ($2 and ${IN_SIGHT})`, [
    id,
    pin,
    bound,
  ]);
}

const IN_SIGHT = `(platform || ' ' || channel = any ($3::text[]) or platform || ' ' || channel in (select platform || ' ' || opened from cards where thing_kind = 'incident' and thing_id = $1))`;
