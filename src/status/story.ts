import type { ComponentStatus, Impact, StoryStatus } from './words.ts';

/** An incident or a maintenance as the public reads it. All moments are domain ms; every text is plain already. */
export interface Story {
  /** What addresses name it by. */
  code: string;
  title: string;
  kind: 'incident' | 'maintenance';
  status: StoryStatus;
  impact: Impact;
  created: number;
  /** When it began to hurt. */
  started: number;
  updated: number;
  monitored?: number;
  resolved?: number;
  /** The next update is promised for then, as long as it is open. */
  promised?: number;
  /** A maintenance: its window as announced. */
  window?: { from: number; until: number };
  /** Newest first. */
  updates: StoryUpdate[];
  components: { name: string; status: ComponentStatus }[];
  hosts: Outage[];
  /** Markdown. */
  postmortem?: string;
}

export interface StoryUpdate {
  code: string;
  status: StoryStatus;
  /** The same status as the one before: to people it is an "Update". */
  again: boolean;
  body: string;
  at: number;
  components: { name: string; from: ComponentStatus; to: ComponentStatus }[];
}

/** One time that one host was down. */
export interface Outage {
  host: string;
  down: number;
  up?: number;
  cause?: string;
}

/** Since when a component was so, for the bars; `until` is absent while it lasts. */
export interface Spell {
  component: string;
  status: ComponentStatus;
  from: number;
  until?: number;
}

export const isOver = ({ status }: Pick<Story, 'status'>): boolean => status === 'resolved' || status === 'postmortem' || status === 'completed';
