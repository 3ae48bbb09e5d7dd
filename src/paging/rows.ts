import type { Place } from '../chat/command.ts';
import type { ChannelName } from '../deliver/channel.ts';
import type { Policy, Urgency } from '../escalation/policy.ts';
import type { Recipient } from '../escalation/roster.ts';
import type { PageMore } from '../store/events.ts';

/** A row of `pages`: somebody must answer one thing. */
export interface PageRow {
  id: string;
  state: 'open' | 'acked' | 'resolved' | 'silenced';
  rev: number;
  text: string;
  urgency: Urgency;
  about: string | null;
  recipient: string | null;
  nth: number;
  policy: Policy | null;
  by: string;
  place: Partial<Place>;
  more: PageMore;
  round: number;
  from_round: number;
  step: number;
  stepped: Date | null;
  opened: Date;
  acked_by: string | null;
  acked: Date | null;
  ack_ends: Date | null;
  ended: Date | null;
}

/** A row of `page_attempts`. */
export interface AttemptRow {
  id: string;
  page: string;
  n: number;
  round: number;
  step: number;
  person: string;
  channel: ChannelName;
  due: Date;
  notice: boolean;
  text: string | null;
  rank: number;
  /** The id of the attempt whose message carries it, too; its own where it carries others. */
  carrier: string | null;
  state: 'waiting' | 'carried' | 'sending' | 'sent' | 'failed' | 'called off';
  tries: number;
  sent: Date | null;
  provider_id: string | null;
  says: string | null;
  answer: string | null;
  answered: Date | null;
}

/** `person:ada` and `service:web` as they are stored; without one, whoever has the role. */
export function recipientOf(text: string | null): Recipient {
  const [, kind, name = ''] = /^(person|service):(.+)$/.exec(text ?? '') ?? [];
  if (kind === 'person') return { person: name };
  return kind === 'service' ? { service: name } : { role: 'operator' };
}

export function grouped<Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
