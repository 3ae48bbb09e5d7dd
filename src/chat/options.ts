import { z } from 'zod';
import type { Command } from './command.ts';

/**
 * The kinds of words a command is declared with. Each is a schema of the VALUE a command gets, carrying what parser, usage
 * line, help, docs and Discord's typed options need to know; read.ts makes the value from what was typed.
 * Positional fields are filled in the order of declaration; the others are found by their keyword, wherever it stands.
 */
// A type, not an interface: zod's registry wants an index signature, which interfaces do not get.
export type Field = {
  kind: Kind;
  place: 'positional' | 'keyword' | 'flag';
  /** Words that announce it, `batch` or `from package`; unsaid = the name of the field, `byRings` → `by rings`. */
  keyword?: string;
  /** What it is, for help and for Discord's description: at most 100 characters. */
  words: string;
  /** How the value looks in a usage line. */
  sample: string;
  choices?: readonly string[];
  ids?: readonly IdKind[];
  lists?: readonly string[];
  /** Of the fields with the same word here only one may be given. */
  oneOf?: string;
};

type Kind =
  | 'target'
  | 'person'
  | 'host'
  | 'id'
  | 'thing'
  | 'text'
  | 'because'
  | 'duration'
  | 'until'
  | 'count'
  | 'choice'
  | 'flag'
  | 'word'
  | 'verb'
  | 'params';

/** Things with ids people type, and what the ids begin with. */
export const ID_PREFIX = { run: 'R', page: 'PG', incident: 'INC-', hold: 'H', rule: 'E', action: 'A' } as const;
export type IdKind = keyof typeof ID_PREFIX;

export type NamedField = Field & {
  name: string;
  required: boolean;
  /** Lower case; empty for positional fields. */
  keyword: string;
};

interface Said {
  words?: string;
  keyword?: string;
}

/** Hosts, as an expression with spaces: `@prod & @kvm where uptime > 200d`. The value is the expression, unread. */
export const target = (said: Said = {}) => z.string().meta(field('target', said, 'which hosts', 'target'));

/** One person, service or `me`; the value is the name without `@`. */
export const person = (said: Said = {}) => z.string().meta(field('person', said, 'who', 'person'));

/** Exactly one host, by name. */
export const hostName = (said: Said = {}) => z.string().meta(field('host', said, 'which host', 'host'));

/** `R1`, `PG1`, `INC-1`, `H1`, `E1`, as written there whatever case was typed. */
export const id = (ids: readonly IdKind[], said: Said = {}) =>
  z.string().meta({ ...field('id', said, `which ${ids.join(', ')}`, ids.map(exampleId).join('|')), ids });

/** An id, a list by its word (`runs`, `runbook web`), or a target: what `show` shows. */
export const thing = (has: { ids?: readonly IdKind[]; lists?: readonly string[] }, said: Said = {}) =>
  z
    .discriminatedUnion('is', [
      z.object({ is: z.literal('id'), id: z.string(), of: z.enum(Object.keys(ID_PREFIX) as IdKind[]) }),
      z.object({ is: z.literal('list'), list: z.string(), of: z.string().optional() }),
      z.object({ is: z.literal('target'), target: z.string() }),
    ])
    .meta({
      ...field('thing', said, 'which', [...(has.ids?.length ? ['id'] : []), 'target', ...(has.lists?.length ? ['list'] : [])].join('|')),
      ids: has.ids ?? [],
      lists: has.lists ?? [],
    });
export type Thing = z.infer<ReturnType<typeof thing>>;

/** Everything to the end of the line, as typed; or a quoted text with options after it. No keyword is read inside. */
export const text = (said: { words?: string } = {}) => z.string().meta(field('text', said, 'the text', '"text"'));

/** A reason: `because …` to the next option or the end of the line. */
export const because = (said: Said = {}) => z.string().meta(field('because', { keyword: 'because', ...said }, 'why', '…'));

/** `for 7d`; the value is milliseconds. */
export const duration = (said: Said = {}) =>
  z
    .number()
    .positive()
    .meta({ ...field('duration', { keyword: 'for', ...said }, 'how long', '7d'), ...end(said) });

/** `until mon 09:00`, or with the keyword `at`; the value is the moment and how it was understood. */
export const until = (said: Said = {}) =>
  z.object({ at: z.number(), echo: z.string() }).meta({ ...field('until', { keyword: 'until', ...said }, 'until when', 'mon 09:00'), ...end(said) });

/** `batch 2` */
export const count = (said: Said = {}) =>
  z
    .number()
    .int()
    .min(1)
    .meta({ ...field('count', said, 'how many', 'N'), place: 'keyword' });

export const choice = <const Words extends readonly [string, ...string[]]>(choices: Words, said: Said = {}) =>
  z.enum(choices).meta({ ...field('choice', said, 'which one', choices.join('|')), choices });

/** Said or not: `retry`, `by rings`. */
export const flag = (said: Said = {}) =>
  z
    .boolean()
    .default(false)
    .meta({ ...field('flag', said, 'yes', ''), place: 'flag' });

/** One word, or several in quotes. */
export const word = (said: Said = {}) => z.string().meta(field('word', said, 'a word', 'word'));

/** The name of a command, also one of two words. */
export const verb = (said: Said = {}) => z.string().meta(field('verb', said, 'a verb', 'verb'));

/** What stands after a target: `param value …` or `param=value …`. */
export const scriptParams = (said: Said = {}) => z.record(z.string(), z.string()).meta(field('params', said, 'parameters', 'param value …'));

/** The fields of a command, in the order of declaration. A schema that was not made here is an error of ours. */
export function fieldsOf(command: Command): NamedField[] {
  return Object.entries(command.options.shape).map(([name, schema]) => {
    const { field: meta, required } = metaOf(schema as z.ZodType, `${command.name}: ${name}`);
    const keyword = meta.place === 'positional' ? '' : (meta.keyword ?? spaced(name)).toLowerCase();
    return { ...meta, name, required, keyword };
  });
}

function field(kind: Kind, said: Said, words: string, sample: string): Field {
  return { kind, place: said.keyword ? 'keyword' : 'positional', words, sample, ...said };
}

/** `for` and `until` say the same thing; a keyword of its own (`expiring`, `at`) stands by itself. */
const end = (said: Said): { oneOf?: string } => (said.keyword ? {} : { oneOf: 'end' });

const exampleId = (kind: IdKind): string => `${ID_PREFIX[kind]}1`;

const spaced = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

function metaOf(schema: z.ZodType, where: string): { field: Field; required: boolean } {
  let inner: z.ZodType = schema;
  let required = true;
  for (;;) {
    const meta = inner.meta();
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) required = false;
    if (meta?.['kind'] !== undefined) return { field: meta as unknown as Field, required };
    if (!(inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable)) {
      throw new Error(`${where}: declare it with a kind of src/chat/options.ts`);
    }
    inner = inner.unwrap() as z.ZodType;
  }
}
