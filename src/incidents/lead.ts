import type { Reply } from '../chat/command.ts';
import type { Ops } from '../ops.ts';
import { incidentJson } from './json.ts';
import { moveIncident } from './move.ts';
import { openOnly } from './open-only.ts';

/** Somebody has it: they are told, unless they said so themselves. */
export const leadBy = (ops: Pick<Ops, 'tell'>, id: string, lead: string): Reply => ({
  write: async (tx, line) => {
    const before = await openOnly(tx, id);
    const { after, rev } = await moveIncident(tx, id, { type: 'lead', data: { lead }, by: line.actor.name, at: line.at });
    const was = before.lead === undefined || before.lead === lead ? '' : `; it was ${before.lead}`;
    const card = { title: `${id} is led by ${lead}${was}.`, tone: 'good' as const, body: [after.title] };
    const actions = [{ label: 'Look', command: `show ${id}` }];
    if (lead !== line.actor.name)
      await ops.tell.tell(tx, {
        key: `incident:${id} ${rev} lead`,
        to: { person: lead },
        card: { title: `${line.actor.name} says that you lead ${id}: ${after.title}`.slice(0, 300), tone: 'attention', actions },
        asked: line.place,
        at: line.at,
      });
    return { card, json: incidentJson(after) };
  },
});
