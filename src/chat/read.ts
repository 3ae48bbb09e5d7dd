import { parseDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import { type Moment, readMoment, type TypedAt } from './moments.ts';
import { didYouMean } from './nearest.ts';
import { refuseJoiners } from './normalise.ts';
import { type Field, ID_PREFIX, type IdKind, type Thing } from './options.ts';
import { shorten } from './words.ts';

export interface ReadContext extends TypedAt {
  /** Decides what `pg1` is where an id or a host may stand; without it an id is an id. */
  isHost?(name: string): boolean;
}

/** These name the kind of a target and mean the target: `check host web01`, `reboot batch @kvm`. */
export const NOUNS: readonly string[] = ['host', 'hosts', 'batch', 'group'];

/** The value of one field from what was typed for it. Throws `Refusal`: a clause without its full stop. */
export function readValue(field: Field, typed: string, context: ReadContext): unknown {
  if (field.kind === 'text' || field.kind === 'because') {
    if (!typed.trim()) throw new Refusal('the text is empty');
    return typed.trim();
  }
  refuseJoiners(typed);
  const shown = `"${shorten(typed)}"`;
  switch (field.kind) {
    case 'person':
      return readName(typed.replace(/[:,]$/, '').replace(/^@/, ''), `${shown} is no name of a person or service`);
    case 'host':
      if (/^@|[[\],!&^*?\s]/.test(typed)) throw new Refusal(`${shown} must be exactly one host, by its name`);
      return readName(typed, `${shown} is no host name`);
    case 'id':
      return readId(typed, field.ids ?? []).id;
    case 'thing':
      return readThing(typed, field, context);
    case 'duration':
      return readDuration(typed);
    case 'until':
      return readUntil(typed, context);
    case 'count':
      return readCount(typed);
    case 'choice':
      return readChoice(typed, field.choices ?? []);
    case 'params':
      return readParams(typed);
    case 'flag':
      return true;
    case 'verb':
      return typed.toLowerCase().replace(/\s+/g, ' ');
    case 'target':
    case 'word':
      if (!typed.trim()) throw new Refusal('nothing stands between the quotes');
      return typed;
  }
}

/** Whether a word may be the value of an optional field; when not, the field is taken as left out. */
export function fits(field: Field, typed: string, context: ReadContext): boolean {
  if (!['id', 'choice', 'count', 'duration'].includes(field.kind)) return true;
  try {
    // An id with something unseen in it is taken for the id, and then refused for what it hides.
    readValue(field, typed.replace(/\p{Default_Ignorable_Code_Point}/gu, ''), context);
    return true;
  } catch {
    return false;
  }
}

function readName(typed: string, problem: string): string {
  if (!typed || /\s/.test(typed)) throw new Refusal(problem);
  return typed;
}

/** `inc-1`, `INC1`, `R14` → the id as it is written; refuses ids of other kinds by name. */
function readId(typed: string, kinds: readonly IdKind[]): { id: string; of: IdKind } {
  const found = /^(r|pg|inc|h|e|a)-?(\d{1,9})$/i.exec(typed);
  const of = found && KIND_OF[(found[1] as string).toLowerCase()];
  const wanted = kinds.map((kind) => `${article(kind)} ${kind} (${ID_PREFIX[kind]}1)`).join(' or ');
  if (!of) throw new Refusal(`"${shorten(typed)}" is no id; wanted is ${wanted}`);
  if (!kinds.includes(of)) throw new Refusal(`"${shorten(typed)}" is ${article(of)} ${of}; wanted is ${wanted}`);
  return { id: ID_PREFIX[of] + Number(found?.[2]), of };
}

const KIND_OF: Record<string, IdKind> = { r: 'run', pg: 'page', inc: 'incident', h: 'hold', e: 'rule', a: 'action' };

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');

function readThing(typed: string, field: Field, context: ReadContext): Thing {
  const [first = '', ...rest] = typed.split(/\s+/);
  if (rest.length && NOUNS.includes(first.toLowerCase())) return { is: 'target', target: typed.slice(first.length).trim() };
  const list = field.lists?.find((name) => name === first.toLowerCase());
  if (list) return rest.length ? { is: 'list', list, of: rest.join(' ') } : { is: 'list', list };
  if (field.ids?.length && rest.length === 0 && !context.isHost?.(typed)) {
    const looks = /^(r|pg|inc|h|e)-?\d{1,9}$/i.test(typed);
    if (looks) return { is: 'id', ...readId(typed, field.ids) };
  }
  return { is: 'target', target: typed };
}

function readDuration(typed: string): number {
  const found = parseDuration(typed);
  if (found === undefined || found <= 0) throw new Refusal(`"${shorten(typed)}" is no duration; write 90s, 30m, 2h30m, 7d or 3 days`);
  return found;
}

function readUntil(typed: string, context: ReadContext): Moment {
  const found = readMoment(typed, context);
  if (found) return found;
  throw new Refusal(`"${shorten(typed)}" is no moment; write 18:00, mon 09:00, tomorrow 9am, 24 dec 18:00 or 2026-12-24 18:00`);
}

function readCount(typed: string): number {
  if (!/^\d{1,6}$/.test(typed) || Number(typed) < 1) throw new Refusal(`"${shorten(typed)}" is no number; write 1, 2, 3 …`);
  return Number(typed);
}

function readChoice(typed: string, choices: readonly string[]): string {
  const found = choices.find((choice) => choice.toLowerCase() === typed.toLowerCase());
  if (found === undefined) throw new Refusal(`"${shorten(typed)}" is none of ${choices.join(', ')}.${didYouMean(typed, choices)}`.replace(/\.$/, ''));
  return found;
}

/** `service nginx wait=5s` → pairs. Names stay names: a map without a prototype. */
function readParams(typed: string): Record<string, string> {
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  const words = typed.match(/[^\s"=]+="[^"]*"|"[^"]*"|\S+/g) ?? [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const equals = word.indexOf('=');
    const name = equals > 0 ? word.slice(0, equals) : word;
    const value = equals > 0 ? word.slice(equals + 1) : words[++at];
    if (value === undefined) throw new Refusal(`the parameter "${shorten(name)}" has no value; write ${shorten(name)}=value`);
    if (name in params) throw new Refusal(`the parameter "${shorten(name)}" is given twice`);
    params[name] = value.replace(/^"(.*)"$/, '$1');
  }
  return params;
}
