import type { ConfiguredScript, Parameter } from '../../config/scripts.ts';
import { Refusal } from '../../lib/refusal.ts';
import { near } from '../target/nearest.ts';

/**
 * The parameters of a configured script, from what was typed, with its defaults; refuses, all at once, what the script does
 * not take. A value is harmless even to a script that forgets its quotes: letters, digits and a few signs, no sign first.
 */
export function readParameters(
  name: string,
  entry: Pick<ConfiguredScript, 'params'>,
  typed: Readonly<Record<string, string>>,
  hosts: { has(name: string): boolean },
): Record<string, string> {
  const problems: string[] = [];
  const known = Object.keys(entry.params);
  for (const word of Object.keys(typed)) {
    if (known.includes(word)) continue;
    const [meant] = near(word, known, 1);
    problems.push(
      `"${short(word)}" is no parameter of ${name}${meant ? `; did you mean "${meant}"?` : `: it takes ${known.length > 0 ? known.join(', ') : 'none'}`}`,
    );
  }
  const params: Record<string, string> = {};
  for (const [parameter, kind] of Object.entries(entry.params)) {
    const value = Object.hasOwn(typed, parameter) ? (typed[parameter] as string) : kind.default;
    if (value === undefined) {
      if (kind.required) problems.push(`${parameter} is missing: ${kind.summary ?? sayKind(kind)}`);
      continue;
    }
    const wrong = wrongValue(value, kind, hosts);
    if (wrong) problems.push(`${parameter}: "${short(value)}" ${wrong}`);
    else params[parameter] = value;
  }
  if (problems.length > 0) throw new Refusal(`${problems.join('. ')}. Usage: script ${usage(name, entry)}`);
  return params;
}

/** One argument for each, as the script gets them: `service=web`. */
export const argsOf = (params: Readonly<Record<string, string>>): string[] => Object.entries(params).map(([name, value]) => `${name}=${value}`);

/** `restart-app target service=web|worker [wait=5]` */
export function usage(name: string, { params }: Pick<ConfiguredScript, 'params'>): string {
  const words = Object.entries(params).map(([parameter, kind]) => {
    const word = `${parameter}=${kind.choices?.join('|') ?? kind.default ?? kind.type}`;
    return kind.required ? word : `[${word}]`;
  });
  return [name, 'target', ...words].join(' ');
}

function wrongValue(value: string, kind: Parameter, hosts: { has(name: string): boolean }): string | undefined {
  switch (kind.type) {
    case 'choice':
      return kind.choices?.includes(value) ? undefined : `is none of ${kind.choices?.join(', ')}`;
    case 'number':
      return NUMBER.test(value) ? undefined : 'is no number';
    case 'host':
      return hosts.has(value) ? undefined : 'is no host of the inventory';
    case 'word':
      return WORD.test(value) ? undefined : 'must be one word of letters, digits and _ . , : @ % + / = -, not beginning with a sign, 200 at most';
  }
}

const NUMBER = /^-?\d{1,15}(\.\d{1,6})?$/;
const WORD = /^[A-Za-z0-9_/][A-Za-z0-9_.,:@%+/=-]{0,199}$/;

const sayKind = ({ type, choices }: Parameter): string => (choices ? `one of ${choices.join(', ')}` : `a ${type}`);

const short = (text: string): string => {
  const seen = text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
  return seen.length > 40 ? `${seen.slice(0, 39)}…` : seen;
};
