/** What another system, a heartbeat or our own look at the hosts says of one thing that is wrong. What comes in is translated into this and nothing else. */
export interface AlertEvent {
  /** The name of the integration it came by; `down` and `heartbeat` are our own. */
  integration: string;
  /** As its protocol means it: what is sent again under the same is the same alert. */
  dedup: string;
  /** `acknowledged` = somebody has it in hand over there; of an alert nobody knows nothing but `firing` does anything. */
  state: 'firing' | 'acknowledged' | 'resolved';
  /** One line for a person at 3 a.m. */
  summary: string;
  urgency: 'low' | 'high' | 'critical';
  /** Who answers for it, where the sender or the integration says so. */
  service?: string;
  /** Names it gives to hosts; those the inventory does not know stay in the details. */
  hosts: readonly string[];
  link?: string;
  /** Labels and annotations, for the brief and for `show`; strings only, bounded. */
  details: Readonly<Record<string, string>>;
  /** When it began by its sender, domain ms; unsaid = now. */
  started?: number;
}
