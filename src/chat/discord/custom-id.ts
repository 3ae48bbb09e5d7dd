import { createHash } from 'node:crypto';
import type { CardAction } from '../card.ts';

/** What a press stands for. `line` is the command as typed; `kept` names one that was too long for Discord and lies in the database. */
export interface Press {
  /** run it; ask once more; ask for a reason, or for other words, first; nothing (a "no"). */
  does: 'run' | 'confirm' | 'reason' | 'words' | 'nothing';
  line?: string;
  kept?: string;
}

const SIGNS = { run: '=', confirm: '!', reason: '?', words: '+', nothing: '-' } as const;
/** Discord's limit of a custom_id. */
const LONGEST = 100;
const PLACEHOLDER = /\s*because …$/;
/** Kept with the line: by it one sees what is asked for. */
const WORDS = /\s…$/;

/** The custom_id of an action's button, and the line to keep where it does not fit. */
export function idOf(action: CardAction): { id: string; keep?: { key: string; line: string } } {
  if (PLACEHOLDER.test(action.command)) return idFor('reason', action.command.replace(PLACEHOLDER, ''));
  if (WORDS.test(action.command)) return idFor('words', action.command);
  return idFor(action.style === 'danger' ? 'confirm' : 'run', action.command);
}

export function idFor(does: 'run' | 'confirm' | 'reason' | 'words', line: string): { id: string; keep?: { key: string; line: string } } {
  const id = SIGNS[does] + line;
  if (id.length <= LONGEST && !line.startsWith('#')) return { id };
  const key = createHash('sha256').update(line).digest('hex').slice(0, 32);
  return { id: `${SIGNS[does]}#${key}`, keep: { key, line } };
}

export const NOTHING = SIGNS.nothing;

/** Undefined for a button that is not ours. */
export function readId(id: string): Press | undefined {
  const found = (Object.keys(SIGNS) as (keyof typeof SIGNS)[]).find((does) => id.startsWith(SIGNS[does]));
  if (!found) return undefined;
  const rest = id.slice(1);
  if (found === 'nothing') return { does: 'nothing' };
  if (!rest) return undefined;
  return rest.startsWith('#') ? { does: found, kept: rest.slice(1) } : { does: found, line: rest };
}
