import type { z } from 'zod';
import { sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Command, Place } from './command.ts';
import { gather } from './gather.ts';
import { normalise } from './normalise.ts';
import { fieldsOf, type NamedField } from './options.ts';
import { type ReadContext, readValue } from './read.ts';
import type { Scan } from './scan.ts';
import { usageLine, usagePart } from './usage.ts';
import { findVerb } from './verb.ts';
import { splitWords } from './words.ts';

export interface ParseContext extends ReadContext {
  platform: Place['platform'];
}

export interface Parsed {
  command: Command;
  /** What the command's schema made of it. */
  options: unknown;
  json: boolean;
  strict: boolean;
}

/**
 * Reads one typed line: `/ops reboot @kvm batch 2`, with or without `/ops`. Throws nothing but `Refusal`: what is wrong (all
 * of it), and the usage line. Executes nothing and asks nobody.
 */
export function parseLine(typed: string, commands: readonly Command[], context: ParseContext): Parsed {
  const line = normalise(typed, context.platform);
  const words = splitWords(line);
  const { command, used } = findVerb(words, commands);
  const fields = [...fieldsOf(command), ...COMMON];
  const scan: Scan = {
    line,
    words: words.slice(used),
    at: 0,
    positional: fields.filter(({ place }) => place === 'positional'),
    keyed: fields.filter(({ place }) => place !== 'positional'),
    foreign: keywordsOf(commands),
    context,
    typed: new Map(),
    problems: [],
    texts: [],
  };
  gather(scan);
  refuseBreaks(scan);
  const said = new Map<string, unknown>();
  for (const [name, value] of scan.typed) said.set(name, value);
  return validate(command, fields, said, scan.problems, context);
}

/**
 * The same from values a platform has already told apart (Discord's typed options, a modal): strings are read as typed
 * words are, numbers and booleans are taken as they are. Names are those of the command's schema, `json` and `strict`.
 */
export function parseStructured(command: Command, values: Readonly<Record<string, unknown>>, context: ParseContext): Parsed {
  const fields = [...fieldsOf(command), ...COMMON];
  const problems: string[] = [];
  const said = new Map<string, unknown>();
  for (const [name, value] of Object.entries(values)) {
    const field = fields.find((each) => each.name === name);
    if (!field) problems.push(`"${name}" is no option here.`);
    else if (typeof value === 'string') {
      const { typed, plain } = normalise(value, context.platform);
      if (field.kind !== 'text' && plain.includes('\n')) problems.push(`${name}: a line break is not accepted here.`);
      if (typed) said.set(name, field.kind === 'text' || field.kind === 'because' ? typed : plain);
    } else if (value !== undefined && value !== null) said.set(name, value);
  }
  return validate(command, fields, said, problems, context);
}

/** Every command has these. */
const COMMON: readonly NamedField[] = ['json', 'strict'].map((name) => ({
  name,
  kind: 'flag',
  place: 'flag',
  keyword: name,
  required: false,
  words: name,
  sample: '',
}));

function validate(command: Command, fields: readonly NamedField[], said: Map<string, unknown>, problems: string[], context: ParseContext): Parsed {
  const values: Record<string, unknown> = {};
  const broken = new Set<string>();
  for (const field of fields) {
    const value = said.get(field.name);
    if (value === undefined) continue;
    try {
      // A flag's word is its name; anything else a platform sends for it must be a boolean.
      values[field.name] = typeof value === 'string' && !(field.kind === 'flag' && value !== 'yes') ? readValue(field, value, context) : value;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      broken.add(field.name);
      problems.push(`${field.keyword || field.name}: ${error.message}.`);
    }
  }
  refuseTwoEnds(fields, values, problems);
  for (const field of fields) {
    if (!field.required || broken.has(field.name) || values[field.name] !== undefined) continue;
    if (!problems.some((problem) => problem.startsWith(`"${field.keyword}" needs`))) {
      problems.push(`${usagePart(field)} is missing: ${field.words}.`);
    }
  }
  const { json, strict, ...own } = values;
  const checked = command.options.safeParse(own);
  if (!checked.success) {
    for (const issue of checked.error.issues) {
      const name = String(issue.path[0] ?? '');
      const field = fields.find((each) => each.name === name);
      if (field && (broken.has(name) || (field.required && values[name] === undefined))) continue;
      problems.push(field ? `${field.keyword || name}: ${sayIssue(field, issue)}.` : `${issue.message}.`);
    }
  }
  if (problems.length > 0 || !checked.success) throw refusal(command, problems);
  return { command, options: checked.data, json: json === true, strict: strict === true };
}

/** Bounds in our words; whatever else a schema asks for speaks for itself. */
function sayIssue(field: NamedField, issue: z.core.$ZodIssue): string {
  const unit = (bound: number | bigint): string => {
    if (field.kind === 'duration') return sayDuration(Number(bound));
    return issue.code !== 'invalid_type' && 'origin' in issue && issue.origin === 'string' ? `${bound} characters` : `${bound}`;
  };
  if (issue.code === 'too_big') return `at most ${unit(issue.maximum)}`;
  if (issue.code === 'too_small') return `at least ${unit(issue.minimum)}`;
  return issue.message;
}

/** `for 7d until mon`: which? */
function refuseTwoEnds(fields: readonly NamedField[], values: Record<string, unknown>, problems: string[]): void {
  for (const group of new Set(fields.flatMap(({ oneOf }) => oneOf ?? []))) {
    const given = fields.filter((field) => field.oneOf === group && values[field.name] !== undefined);
    if (given.length > 1) problems.push(`Say ${given.map(({ keyword }) => `"${keyword}"`).join(' or ')}, not both.`);
  }
}

/** A line break belongs into a text; anywhere else it could be a second command that somebody pasted. */
function refuseBreaks({ line, texts, problems }: Scan): void {
  for (let at = line.plain.indexOf('\n'); at >= 0; at = line.plain.indexOf('\n', at + 1)) {
    if (texts.some(({ start, end }) => at >= start && at < end)) continue;
    problems.push('There is a line break in it: one command per line.');
    return;
  }
}

const wordsOf = new WeakMap<readonly Command[], ReadonlySet<string>>();

/** First words of every keyword of these commands. */
function keywordsOf(commands: readonly Command[]): ReadonlySet<string> {
  const known = wordsOf.get(commands);
  if (known) return known;
  const found = new Set(commands.flatMap((command) => fieldsOf(command).map(({ keyword }) => keyword.split(' ')[0] as string)));
  found.delete('');
  wordsOf.set(commands, found);
  return found;
}

function refusal(command: Command, problems: readonly string[]): Refusal {
  const usage = `Usage: ${usageLine(command)}`;
  if (problems.length === 1) return new Refusal(`${problems[0]} ${usage}`);
  return new Refusal([`${problems.length} things are wrong here; nothing was done.`, ...problems.map((problem) => `- ${problem}`), usage].join('\n'));
}
