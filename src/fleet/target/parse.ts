import { Refusal } from '../../lib/refusal.ts';
import { parseCondition } from './condition.ts';
import type { Operand, Operator, Step, TargetExpression } from './expression.ts';
import { parsePattern } from './pattern.ts';

const LONGEST = 65_536;
const MOST_STEPS = 20_000;

/**
 * Reads a target: `@prod & @kvm where uptime > 200d`. Operators are taken left to right, as ClusterShell does. Throws
 * `Refusal` that names the column.
 */
export function parseTarget(text: string): TargetExpression {
  const plain = normalise(text);
  const where = /(?<=^|[\s\])])where(?=\s|$|\()/i.exec(plain);
  const steps = parseSteps(where ? plain.slice(0, where.index) : plain);
  if (steps.length === 0) {
    throw new Refusal(
      where
        ? 'Say which hosts first, then the condition: @all where uptime > 200d.'
        : 'Say which hosts: a name (web01), a range (web[01-20]) or a group (@web, @all).',
    );
  }
  refuseMixedBlanks(steps);
  const expression: TargetExpression = { text: text.trim(), steps: steps.map(({ operator, operand }) => ({ operator, operand })) };
  if (where) expression.where = parseCondition(plain, where.index + 'where'.length);
  return expression;
}

interface ReadStep extends Step {
  /** No operator was typed, only white space. */
  blank: boolean;
}

/** Character for character, so that columns stay: what phones make of `-`, `"` and the space. */
function normalise(text: string): string {
  if (text.length > LONGEST) {
    throw new Refusal(`The target is ${text.length} characters long; ${LONGEST} are read. Name a group instead.`);
  }
  const plain = text
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\u201c-\u201f\u00ab\u00bb]/g, '"')
    .replace(/[\u2018-\u201b]/g, "'")
    .replace(/[\s\u00a0]/g, ' ');
  const control = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/.exec(plain);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new Refusal(`An invisible character (U+${code}) stands at column ${control.index + 1}: type the target again.`);
  }
  return plain;
}

function parseSteps(text: string): ReadStep[] {
  const steps: ReadStep[] = [];
  const operand = /@?(?:[\p{L}\p{N}._:*?-]|\[[^\]]*\])+/uy;
  let at = 0;
  let operator: Operator | undefined;
  for (;;) {
    while (text[at] === ' ') at++;
    if (at >= text.length) break;
    if (isOperator(text[at])) {
      if (operator || steps.length === 0) throw missingOperand(text[at] as Operator, at);
      operator = text[at] as Operator;
      at++;
      continue;
    }
    operand.lastIndex = at;
    const found = operand.exec(text)?.[0];
    if (!found) throw unreadable(text, at);
    steps.push({ operator: operator ?? ',', operand: readOperand(found, at + 1), blank: !operator && steps.length > 0 });
    if (steps.length > MOST_STEPS) throw new Refusal(`The target has more than ${MOST_STEPS} parts. Name a group instead.`);
    operator = undefined;
    at += found.length;
    const next = text[at];
    if (next !== undefined && next !== ' ' && !isOperator(next)) throw unreadable(text, at);
  }
  if (operator) throw missingOperand(operator, text.lastIndexOf(operator));
  return steps;
}

const isOperator = (character: string | undefined): boolean => character !== undefined && ',!&^'.includes(character);

function readOperand(text: string, column: number): Operand {
  const isGroup = text.startsWith('@');
  const name = isGroup ? text.slice(1) : text;
  if (text.replace(/\[[^\]]*\]/g, '').length > 253) {
    throw new Refusal(`The name at column ${column} is longer than any host name ("${name.slice(0, 30)}…").`);
  }
  if (isGroup && /[*?]/.test(name) && name !== '*') {
    throw new Refusal(`Groups are named in full ("${text}" at column ${column}); wildcards are for hosts, as in web*.`);
  }
  return {
    kind: isGroup ? 'group' : /[*?]/.test(name) ? 'wildcard' : 'host',
    text: text.replace(/ /g, ''),
    column,
    pattern: parsePattern(name, isGroup ? column + 1 : column),
  };
}

const missingOperand = (operator: string, at: number): Refusal =>
  new Refusal(`The "${operator}" at column ${at + 1} needs a host or group on both sides, as in @web${operator}web01.`);

function unreadable(text: string, at: number): Refusal {
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  const here = `at column ${at + 1}`;
  if (character === '(' || character === ')') {
    return new Refusal(`Targets have no parentheses (${here}): operators are taken left to right, as in @web,@db!web01.`);
  }
  if (character === '@') return new Refusal(`After the "@" ${here} a group is missing, as in @web.`);
  if (character === '[') return new Refusal(`The "[" ${here} is not closed: write web[01-20].`);
  if (character === ']') return new Refusal(`The "]" ${here} closes nothing: write web[01-20].`);
  if (character === '|' || character === '+')
    return new Refusal(`"${character}" ${here} is no operator: "," joins, "!" takes away, "&" keeps what is in both, "^" what is in one only.`);
  if ('<>=~'.includes(character)) return new Refusal(`A condition (${here}) begins with the word where: @web where uptime > 200d.`);
  return new Refusal(`The character "${character}" ${here} is in no host or group name.`);
}

/**
 * White space alone may only list plain names (`web01 web02`): between groups it could mean both lists or what is in
 * both, and a wrong guess touches the wrong hosts.
 */
function refuseMixedBlanks(steps: readonly ReadStep[]): void {
  const blank = steps.find((step) => step.blank);
  if (!blank || steps.every(({ operator, operand }) => operator === ',' && operand.kind !== 'group')) return;
  throw new Refusal(
    `No operator stands before "${blank.operand.text}" at column ${blank.operand.column}: "," joins, "!" takes away, "&" keeps what is in both, "^" what is in one only.`,
  );
}
