import type { z } from 'zod';
import type { Ops } from '../ops.ts';
import type { Person, Role } from '../people.ts';
import type { Tx } from '../store/db.ts';
import type { Card } from './card.ts';

/**
 * One verb a person types. `options` is the only definition of its words: parsing, validation, usage, help,
 * autocomplete and docs/commands.md are made from it (field kinds in options.ts).
 */
export interface Command<Options extends z.ZodObject = z.ZodObject> {
  /** As typed: `check`, `pause updates`. */
  name: string;
  /** Other words that mean the same, as typed. */
  aliases?: string[];
  summary: string;
  examples: string[];
  role: Role;
  options: Options;
  /** Above `known`, whoever has the role on some hosts only may write nothing without asking `ops.targets`; here they may. */
  unscoped?: boolean;
  /** Needs a person's judgement: no machine may send it, whatever its role. */
  peopleOnly?: boolean;
  /** Exists only where the fleet is simulated. */
  sandboxOnly?: boolean;
  /** The root it stands under on Discord, and Slack's short form for it; unsaid = `incident` by its name, else `ops`. */
  root?: 'ops' | 'incident' | 'oncall';
  run(call: Call<z.infer<Options>>, ops: Ops): Promise<Reply>;
}

export interface Call<Options> {
  options: Options;
  actor: Person;
  /** Where it was typed; live sets and "here" depend on it. */
  place: Place;
}

export interface Place {
  /** `http` is other automation: its answers are fetched, and what it asks for a person approves. */
  platform: 'terminal' | 'slack' | 'discord' | 'http';
  channel: string;
  thread?: string;
  /** The platform's own id of who typed it. */
  user?: string;
  /** Groups of theirs that the platform named with it (the roles of a member on Discord), by its own ids; unsaid where it names none to anybody. */
  groups?: readonly string[];
  /** The answer is for them alone: the channel is bound to nothing here. */
  alone?: true;
  /** The unix login that typed it, where it was a shell. */
  login?: string;
  /** The person's zone, IANA. */
  zone: string;
}

/** How a line ended, for exit codes and the audit. Findings and unreachable hosts are answers, not failures. */
export type Outcome = 'ok' | 'findings' | 'failed' | 'halted' | 'refused';

export interface Reply {
  card?: Card;
  /** What `--json` prints, one document on one line. */
  json?: unknown;
  outcome?: Outcome;
  /**
   * What the command changes, done in the one transaction that also ends (or begins) the inbox row and writes the
   * audit. Answers the thing it began, whose end then ends the line; or the answer itself, where only the transaction
   * knows it (an id).
   */
  write?(tx: Tx, line: Line): Promise<Began | Told | undefined>;
}

/** Takes the place of the reply's card and document. */
export interface Told {
  card: Card;
  json: unknown;
}

/** The inbox row a write belongs to. */
export interface Line {
  inboxId: string;
  actor: Person;
  place: Place;
  json: boolean;
  /** Domain time of the transaction. */
  at: number;
}

/** `reading` ids are internal; runs, pages, incidents, holds and rules have ids people type. */
export interface Began {
  kind: 'reading' | 'run' | 'page' | 'incident' | 'calendar' | 'board';
  id: string;
  /** It waits for a person already: its card is shown as it is, and the line ends with that. */
  waits?: true;
}

export function defineCommand<Options extends z.ZodObject>(command: Command<Options>): Command {
  return command as unknown as Command;
}
