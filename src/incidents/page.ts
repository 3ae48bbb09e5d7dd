import { defaultsOf } from '../config/defaults.ts';
import type { Incident } from '../incident/shapes.ts';
import { rosterIn } from '../oncall/standing.ts';
import type { Ops } from '../ops.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson, record } from '../store/events.ts';

/**
 * Asks whoever answers for its hosts, as pressing as it is severe; unless whoever says it is asked first themselves, somebody is asked about it
 * already, or nobody answers for them.
 */
export async function pageAbout(
  tx: Tx,
  ops: Pick<Ops, 'config' | 'fleet' | 'people' | 'clock'>,
  incident: Incident,
  said: { by: string; at: number },
): Promise<void> {
  const roster = await rosterIn(ops)(tx);
  const service = roster.serviceOf([...new Set(incident.hosts.map(({ host }) => host))]);
  if (service === undefined) return;
  const urgency = defaultsOf(ops.config())[`incident.page_${incident.severity}`] as 'critical' | 'high' | 'low';
  const [first] = roster.steps({ service }, urgency);
  if (first?.who.some((one) => roster.named(one, { service }, said.at).includes(said.by))) return;
  if ((await tx.query(`select 1 from pages where about = $1 and state in ('open', 'acked') limit 1`, [incident.id])).length > 0) return;
  const text = `${incident.id} (${incident.severity}): ${incident.title}`;
  const more = { actions: [{ label: 'I lead it', command: `take ${incident.id}` }] };
  const page = await askForPerson(tx, { text, urgency, about: incident.id, to: `service:${service}`, more, ...said });
  await record(tx, { thing: incident.id, type: 'paged', data: { page }, ...said });
}
