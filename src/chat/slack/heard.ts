import type { ReplyBy } from './reply.ts';

/** A line as Slack brought it, before it is known who that is. */
export interface HeardLine {
  kind: 'line';
  /** How it is acknowledged, and how somebody learns that it was not taken. */
  by: 'command' | 'press' | 'form' | 'event';
  eventId: string;
  user: string;
  channel: string;
  thread?: string;
  /** A direct message with Holdfast itself. */
  dm: boolean;
  text: string;
  /** Of a form: the field below which a refusal is shown. */
  block?: string;
  reply?: { by: ReplyBy /** Wall ms. */; until: number };
}

export type Heard =
  | HeardLine
  /** A button, or a command, that asks for words before it is a line. */
  | { kind: 'ask'; trigger: string; command: string; line: Omit<HeardLine, 'text' | 'by' | 'eventId' | 'block'> }
  /** A marked message, whose text has to be fetched. */
  | { kind: 'marked'; eventId: string; user: string; channel: string; ts: string }
  /** Somebody came into a user group, or left one. */
  | { kind: 'groups' }
  | { kind: 'nothing'; why: string };
