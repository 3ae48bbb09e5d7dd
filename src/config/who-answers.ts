import { z } from 'zod';
import { groupName, oneOrMore, text } from './fields.ts';
import { runbook } from './runbook.ts';

const ServiceEntry = z.strictObject({
  owner: text().optional().describe('A person; that of the group of the same name if unsaid'),
  backups: oneOrMore(text()).default([]).describe('People, in the order in which they are asked'),
  policy: text().optional().describe('One of `policies`; unsaid: whoever is on call, then each backup'),
  roster: text().optional().describe('One of `rosters`: who is on call is asked before the owner'),
  runbook: runbook().optional(),
  do_not: oneOrMore(text()).default([]).describe('What whoever is paged must not do, a line each; it stands in the brief'),
  components: oneOrMore(text()).default([]).describe('What the public calls it, on the status page'),
  hosts: text().optional().describe('A target expression; the group of the same name if unsaid'),
  prefer: z
    .enum(['awake'], { error: 'must be `awake`, or left out' })
    .optional()
    .describe('`awake`: of those who could be asked, the first who is awake is asked first'),
});

/** Everything under `services:`, by name. A group with an `owner` is a service of its name without standing here. */
export const ServiceEntries = z.record(
  groupName(),
  ServiceEntry.nullable().transform((value) => value ?? ServiceEntry.parse({})),
);

export type ServiceSaid = z.output<typeof ServiceEntry>;
