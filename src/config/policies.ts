import { z } from 'zod';
import { CHANNELS } from '../deliver/channel.ts';
import { readStepTo, type StepTo } from '../escalation/step-to.ts';
import { duration, groupName, oneOrMore } from './fields.ts';

const recipient = () =>
  z
    .string()
    .refine((text) => readStepTo(text) !== undefined, {
      error: (issue) =>
        `${JSON.stringify(issue.input)} is nobody to ask; write a person, \`oncall\`, \`owner\`, \`backups\`, \`everyone\`, \`roster:name\`, \`service:name\`, \`role:operator\` or \`channel:name\``,
    })
    .transform((text) => readStepTo(text) as StepTo);

/** What a step may be told to use; `dm` is the message on Slack and Discord, whichever the person has. */
export const channelName = () => z.enum(CHANNELS, { error: `must be ${CHANNELS.map((one) => `\`${one}\``).join(', ')}` });

const StepEntry = z.strictObject({
  to: oneOrMore(recipient()).describe(
    'People, `oncall`, `owner`, `backups`, `everyone`, `roster:name`, `service:name`, `role:operator`, `channel:name`; a list is asked at once',
  ),
  next: duration().optional().describe('Until the next step, unanswered; `next` of the urgency if unsaid'),
  by: oneOrMore(channelName()).optional().describe('These channels only; each of theirs, in the times of the urgency, if unsaid'),
});

const steps = () => z.array(StepEntry).min(1, 'is empty: give at least one step, or take the line out').optional();

const UrgencyEntry = z.strictObject({
  steps: steps().describe('Instead of those above'),
  sms: duration().optional().describe('From message and push to SMS'),
  voice: duration().optional().describe('From message and push to a call'),
  next: duration().optional().describe('Until the next person'),
  again: duration().optional().describe('From the last step to the first, again'),
});

const PolicyEntry = z.strictObject({
  steps: steps().describe('Who is asked, one step after the other; whoever is on call and then each backup if unsaid'),
  critical: UrgencyEntry.optional(),
  high: UrgencyEntry.optional(),
  low: UrgencyEntry.pick({ steps: true }).optional().describe('A message each, and one digest a day'),
});

/** Everything under `policies:`, by name: what differs from the defaults under `page.`. */
export const PolicyEntries = z.record(
  groupName(),
  PolicyEntry.nullable().transform((value) => value ?? PolicyEntry.parse({})),
);

export type PolicySaid = z.output<typeof PolicyEntry>;
export type StepSaid = z.output<typeof StepEntry>;
