import { defaultsOf } from '../config/defaults.ts';
import { openIncident } from '../incidents/begin.ts';
import type { Next } from '../rollout/shapes.ts';
import type { Tx } from '../store/db.ts';
import { askForPerson, record } from '../store/events.ts';
import type { RunRow } from './rows.ts';
import type { RunsWorld } from './world.ts';

/** What a halt brings about besides the halt: its event, and, unless a person wanted it, an incident and a page. Answers the run's incident. */
export async function recordHalt(tx: Tx, world: RunsWorld, run: RunRow, halt: NonNullable<Next['halt']>, at: number): Promise<string | null> {
  await record(tx, { thing: run.id, type: 'halted', data: { reason: halt.reason, because: halt.because, hosts: halt.hosts }, by: 'holdfast', at });
  if (halt.reason === 'stop' || halt.reason === 'person') return run.incident;
  const defaults = defaultsOf(world.config());
  const severity = defaults['incident.halted_run'] as 'critical' | 'major' | 'minor';
  const text = halt.ask ?? halt.because;
  const incident =
    run.incident ??
    (await openIncident(tx, {
      title: `${run.id} halted: ${halt.because}`,
      severity,
      hosts: halt.hosts,
      source: 'run',
      zone: world.config().timezone,
      by: 'holdfast',
      at,
    }));
  if (run.incident)
    await record(tx, { thing: run.incident, type: 'noted', data: { text: `${run.id} halted again: ${halt.because}`, hosts: halt.hosts }, by: 'holdfast', at });
  await world.announce.owner(
    tx,
    run,
    `halt ${at}`,
    { title: `${run.id} halted: ${text}`.slice(0, 200), tone: 'bad', actions: [{ label: 'Look', command: `show ${run.id}` }] },
    at,
  );
  const page = await askForPerson(tx, {
    text: `${run.id} halted: ${text}`,
    urgency: defaults[`incident.page_${severity}`] as 'high',
    about: incident,
    by: 'holdfast',
    at,
  });
  await record(tx, { thing: incident, type: 'paged', data: { page }, by: 'holdfast', at });
  return incident;
}
