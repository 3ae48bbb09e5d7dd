import { Refusal } from '../lib/refusal.ts';
import type { Command } from './command.ts';
import { didYouMean } from './nearest.ts';
import { fieldsOf, type NamedField } from './options.ts';
import { type ParseContext, parseLine, parseStructured } from './parse.ts';
import { quoted } from './words.ts';

/**
 * The line a person would type for values a program has told apart: `{"job":"reboot","target":"@web","batch":2}` →
 * `reboot @web batch 2`. What is in force, audited and shown is that line. Throws Refusal where a value says more than its option.
 */
export function sayLine(name: string, values: Readonly<Record<string, unknown>>, commands: readonly Command[], context: ParseContext): string {
  const command = commands.find((one) => one.name === name || one.aliases?.includes(name));
  if (!command)
    throw new Refusal(
      `There is no command "${name.slice(0, 60)}".${didYouMean(
        name.slice(0, 60),
        commands.map((one) => one.name),
      )}`,
    );
  const meant = parseStructured(command, values, context);
  const line = [command.name, ...fieldsOf(command).flatMap((field) => sayField(field, values[field.name]))].join(' ');
  const read = parseLine(line, commands, context);
  // "target": "web01 batch 500" is no target: what is read back must be what was said.
  if (read.command === command && JSON.stringify(read.options) === JSON.stringify(meant.options)) return line;
  throw new Refusal(`These values say something else as a line, "${line.slice(0, 200)}". Give each option by itself, or send the line as "command".`);
}

function sayField(field: NamedField, value: unknown): string[] {
  if (value === undefined || value === null || value === false) return [];
  if (field.kind === 'flag') return [field.keyword];
  const said = sayValue(field, value);
  return field.place === 'positional' ? [said] : [field.keyword, said];
}

function sayValue({ kind }: NamedField, value: unknown): string {
  if (typeof value === 'object')
    return Object.entries(value as object)
      .map(([name, one]) => `${name}=${quoted(String(one))}`)
      .join(' ');
  const text = String(value);
  if (kind === 'text' || kind === 'because') return quoted(text);
  return kind === 'word' && /\s/.test(text) ? quoted(text) : text;
}
