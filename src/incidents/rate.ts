import type { Reply } from '../chat/command.ts';
import { defaultsOf } from '../config/defaults.ts';
import { promiseFor } from '../incident/duties.ts';
import { healthFor } from '../incident/health.ts';
import { OPEN_STATES, SEVERITIES, type Severity } from '../incident/shapes.ts';
import type { Ops } from '../ops.ts';
import { announce } from './announce.ts';
import { incidentJson } from './json.ts';
import { moveIncident } from './move.ts';
import { openOnly } from './open-only.ts';
import { pageAbout } from './page.ts';
import { whichIncident } from './which.ts';

/** Somebody says how bad it is. What was promised moves nearer where the new severity promises sooner, and never further away. */
export async function rate(
  ops: Ops,
  { incident: named, severity, because }: { incident?: string | undefined; severity: Severity; because?: string | undefined },
): Promise<Reply> {
  const which = await whichIncident(ops.records, { named, states: OPEN_STATES, verb: 'rate', line: (id) => `incident severity ${id} ${severity}` });
  if (!('id' in which)) return which;
  return {
    write: async (tx, line) => {
      const before = await openOnly(tx, which.id);
      const sooner = line.at + promiseFor(severity, defaultsOf(ops.config()));
      const due = before.updateDue !== undefined && sooner < before.updateDue ? new Date(sooner).toISOString() : undefined;
      const ill = Object.keys(before.components).filter((name) => before.components[name]?.health !== 'operational');
      const { after, rev } = await moveIncident(tx, which.id, {
        type: 'severity',
        data: { severity, ...(due !== undefined && { due }), components: healthFor(severity, ill), ...(because !== undefined && { because }) },
        by: line.actor.name,
        at: line.at,
      });
      const card = {
        title: `${after.id} is ${severity} now, it was ${before.severity}: ${after.title}`.slice(0, 300),
        tone: 'attention' as const,
        ...(because !== undefined && { body: [because] }),
      };
      if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(before.severity)) await pageAbout(tx, ops, after, { by: line.actor.name, at: line.at });
      if (severity !== before.severity) await announce(tx, ops, { id: after.id, rev, card, moves: true, place: line.place, at: line.at });
      return { card, json: incidentJson(after) };
    },
  };
}
