import type { Urgency } from '../escalation/policy.ts';

/** A row of `alerts`: one thing that is or was wrong. */
export interface AlertRow {
  id: string;
  integration: string;
  dedup: string;
  state: 'firing' | 'resolved';
  summary: string;
  urgency: Urgency;
  service: string | null;
  /** Of the inventory. */
  hosts: string[];
  parent: string | null;
  link: string | null;
  details: Record<string, string>;
  started: Date;
  received: Date;
  heard: Date;
  resolved: Date | null;
  acknowledged: Date | null;
  silenced_by: string | null;
  silenced: Date | null;
  page: string | null;
  /** What it and others of its page have in common: `parent:kvm01`, `service:web`, `integration:prometheus`. */
  grouped: string | null;
  incident: string | null;
}
