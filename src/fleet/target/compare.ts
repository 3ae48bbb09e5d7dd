import { parseDuration } from '../../lib/duration.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { FactValue } from '../host.ts';
import type { Compare, Comparison } from './condition.ts';
import type { AskedKind } from './facts.ts';
import { compareVersions, parseVersion } from './versions.ts';

/** How one comparison is held against a known value of its fact. Throws `Refusal` when the value asked for cannot fit. */
export function comparer(asked: Compare, kind: AskedKind): (value: FactValue) => boolean {
  if (asked.bare && kind.type !== 'yesno' && kind.type !== 'var') {
    throw refuse(asked, `is no yes-or-no fact: write ${EXAMPLES[kind.type]} or ${asked.fact} is known`);
  }
  switch (kind.type) {
    case 'number':
      return byNumber(asked, kind.unit);
    case 'version':
      return byOrder(asked, 'a version', (text) => (parseVersion(text) ? text : undefined), sayText, compareVersions);
    case 'time':
      return byOrder(
        asked,
        'a time',
        readTime,
        (value) => readTime(sayText(value)),
        (a, b) => a - b,
      );
    case 'yesno':
      return byYesNo(asked);
    case 'text':
      return byText(asked);
    case 'list':
    case 'table':
      return byMembers(asked);
    case 'var':
      return byLook(asked);
  }
}

const EXAMPLES: Record<AskedKind['type'], string> = {
  number: 'uptime > 200d',
  version: 'kernel < 5.10.0-22',
  time: 'booted > 2026-11-01',
  yesno: 'reboot_required = yes',
  text: 'os = debian',
  list: 'failed_units ~ nginx',
  table: 'probes ~ http',
  var: 'role = primary',
};

const refuse = ({ fact, column }: Compare, why: string): Refusal => new Refusal(`${fact} at column ${column} ${why}.`);

function byNumber(asked: Compare, unit: AskedKind['unit']): (value: FactValue) => boolean {
  const read = (text: string): number | undefined => {
    if (NUMBER.test(text)) return Number(text.replace(/%$/, ''));
    const ms = unit && parseDuration(text);
    if (ms === undefined) return undefined;
    return unit === 's' ? ms / 1000 : ms;
  };
  const what = unit ? 'a duration (200d) or a number' : 'a number';
  return byOrder(asked, what, read, readNumber, (a, b) => a - b);
}

const NUMBER = /^[+-]?\d+(\.\d+)?%?$/;

function readNumber(value: FactValue): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value) ? Number(value.replace(/%$/, '')) : undefined;
}

/** Facts with an order. A value of the host that cannot be read as such is as good as another value: only != holds. */
function byOrder<T>(
  asked: Compare,
  what: string,
  read: (text: string) => T | undefined,
  readValue: (value: FactValue) => T | undefined,
  order: (a: T, b: T) => number | undefined,
): (value: FactValue) => boolean {
  if (asked.operator === '~') return contains(asked.values[0] as string);
  const wanted = asked.values.map((text) => {
    const value = read(text);
    if (value === undefined) throw refuse(asked, `needs ${what}, and "${clip(text)}" is none`);
    return value;
  });
  return (value) => {
    const own = readValue(value);
    const holds = wanted.some((one) => {
      const by = own === undefined ? undefined : order(own, one);
      return by !== undefined && HOLDS[asked.operator](by);
    });
    return asked.operator === '!=' ? holds || own === undefined : holds;
  };
}

const HOLDS: Record<Comparison, (order: number) => boolean> = {
  '=': (order) => order === 0,
  in: (order) => order === 0,
  '~': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** ISO, a date alone is its first moment in UTC. */
function readTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function byYesNo(asked: Compare): (value: FactValue) => boolean {
  if (!['=', '!=', 'in'].includes(asked.operator)) throw refuse(asked, 'is yes or no: compare it with = or !=');
  const wanted = asked.values.map((text) => {
    const value = readYesNo(text);
    if (value === undefined) throw refuse(asked, `is yes or no, and "${clip(text)}" is neither`);
    return value;
  });
  return (value) => wanted.includes(readYesNo(sayText(value)) as boolean) === (asked.operator !== '!=');
}

function readYesNo(text: string): boolean | undefined {
  if (/^(yes|true|on|1)$/i.test(text)) return true;
  return /^(no|false|off|0)$/i.test(text) ? false : undefined;
}

function byText(asked: Compare): (value: FactValue) => boolean {
  if (/[<>]/.test(asked.operator)) throw refuse(asked, 'is text, which has no order: compare it with = != ~ or in (…)');
  if (asked.operator === '~') return contains(asked.values[0] as string);
  const wanted = new Set(asked.values.map((text) => text.toLowerCase()));
  return (value) => wanted.has(sayText(value).toLowerCase()) === (asked.operator !== '!=');
}

/** `=` and `in`: an entry is that; `~`: an entry contains it; `!=`: no entry is that. */
function byMembers(asked: Compare): (value: FactValue) => boolean {
  if (/[<>]/.test(asked.operator)) throw refuse(asked, 'is a list, which has no order: ask what it contains with ~ or =');
  const one = byText({ ...asked, operator: asked.operator === '!=' ? 'in' : asked.operator });
  return (value) => entries(value).some(one) === (asked.operator !== '!=');
}

function entries(value: FactValue): FactValue[] {
  if (Array.isArray(value)) return value.flatMap(entries);
  return typeof value === 'object' ? Object.values(value).flatMap(entries) : [value];
}

/** Inventory variables have no declared type: the value of the host and what was typed decide together. */
function byLook(asked: Compare): (value: FactValue) => boolean {
  const { operator } = asked;
  const isOrder = /[<>]/.test(operator);
  const isNot = operator === '!=';
  const same = byText({ ...asked, operator: operator === '~' ? '~' : 'in' });
  const members = byMembers({ ...asked, operator: isOrder ? 'in' : operator });
  const holds = HOLDS[isNot ? '=' : operator];
  const wanted = asked.values.map((text) => ({ text, number: readAmount(text), yes: readYesNo(text) }));
  return (value) => {
    if (typeof value === 'object') return !isOrder && members(value);
    if (typeof value === 'boolean') return !isOrder && operator !== '~' && wanted.some(({ yes }) => yes === value) !== isNot;
    if (operator === '~') return same(value);
    const fits = wanted.some(({ text, number }) => {
      const by = typeof value === 'number' && number !== undefined ? value - number : compareVersions(String(value), text);
      return by !== undefined && holds(by);
    });
    return isOrder ? fits : (fits || same(value)) !== isNot;
  };
}

/** Durations count as seconds. */
function readAmount(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text.replace(/%$/, ''));
  const ms = parseDuration(text);
  return ms === undefined ? undefined : ms / 1000;
}

const contains = (text: string): ((value: FactValue) => boolean) => {
  const wanted = text.toLowerCase();
  return (value) => sayText(value).toLowerCase().includes(wanted);
};

function sayText(value: FactValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const clip = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
