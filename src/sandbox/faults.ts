import { FACTS, type FactKind } from '../fleet/facts/catalogue.ts';
import type { FactValue } from '../fleet/host.ts';
import { ALWAYS, LONGEST_LIST, LONGEST_VALUE } from '../fleet/scripts/contract.ts';
import { nearest } from '../fleet/target/nearest.ts';
import { parseDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import { DERIVED_FROM, type HostModel, MODES, type Mode } from './model.ts';

/** What a person asked of a simulated host. */
export type Fault = { mode: Mode } | { attribute: string; value: FactValue | null };

const MODE_SAYS: Record<Mode, string> = {
  ok: 'healthy again',
  dead: 'dead: connections to it are refused',
  mute: 'mute: packets to it are swallowed',
  'half-dead': 'half-dead: it takes connections and never says a word',
  slow: 'slow: it answers after 8 s',
  'no-return': 'fine until its next reboot, from which it will not return',
  'rotate-trap': 'fine until a certificate is renewed on it: the renewal also writes a new authority under the old name',
  'rotate-deaf': 'fine until a certificate is renewed on it: what serves it does not read it again',
};

/** `dead`, `uptime=211d`, `xen=` → a fault. Refuses what there is not, with what there is. `now` is domain time. */
export function readFault(text: string, now: number): Fault {
  const [, name, value] = /^([^=]*?)\s*=\s*(.*)$/s.exec(text.trim()) ?? [];
  if (name !== undefined && value !== undefined) return readAttribute(name, value, now);
  const mode = MODES.find((word) => word === text.trim().toLowerCase());
  if (mode) return { mode };
  throw new Refusal(
    `No fault is called ${JSON.stringify(text)}. There is ${MODES.join(', ')}, or an attribute: kernel=2.6.32-31-server, uptime=211d, disk_worst=97.`,
  );
}

/** The model after the fault. `ok` heals everything, set attributes too; other modes leave these as they are. */
export function withFault(model: HostModel, fault: Fault): HostModel {
  if ('attribute' in fault) return { ...model, set: { ...model.set, [fault.attribute]: fault.value } };
  return { ...model, mode: fault.mode, set: fault.mode === 'ok' ? {} : model.set };
}

/** One sentence for the person who asked; `given` is what they typed. */
export function sayFault(host: string, fault: Fault, given: string): string {
  const back = `/ops sandbox ${host} ok puts it back`;
  if ('mode' in fault) return `${host} is ${MODE_SAYS[fault.mode]}${fault.mode === 'ok' ? '' : `; ${back}`}.`;
  return fault.value === null ? `${host} no longer has ${fault.attribute}; ${back}.` : `${host} now has ${given.trim()}; ${back}.`;
}

function readAttribute(name: string, text: string, now: number): Fault {
  const kind = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
  if (!kind) {
    const near = nearest(name, Object.keys(FACTS));
    throw new Refusal(`Hosts have no attribute ${JSON.stringify(name)}; there is ${near.join(', ')}. docs/facts.md lists them all.`);
  }
  const instead = INSTEAD[name];
  if (instead) throw new Refusal(`${name} is worked out from ${instead}; set that.`);
  if (text === '') {
    if (ALWAYS.some((always) => always === (DERIVED_FROM[name] ?? name))) throw new Refusal(`${name} cannot be taken away: every answer of a host carries it.`);
    return { attribute: DERIVED_FROM[name] ?? name, value: null };
  }
  const value = readValue(name, kind, text);
  // Kept as the moment of boot, so that the uptime goes on growing.
  return name === 'uptime' ? { attribute: 'booted', value: now / 1000 - Number(value) } : { attribute: name, value };
}

const INSTEAD: Record<string, string> = { host_time: 'clock_offset_ms', instance_family: 'instance_type', unseen: 'what a host refuses to tell' };

function readValue(name: string, kind: FactKind, text: string): FactValue {
  if (text.length > LONGEST_VALUE - name.length || /[\u0000-\u001f\u007f]/.test(text)) refuseValue(name, `one line of at most ${LONGEST_VALUE} characters`);
  switch (kind.type) {
    case 'text':
      return text;
    case 'version':
      return /\d/.test(text) ? text : refuseValue(name, 'a version such as 4.6 or 6.1.0-40-amd64');
    case 'number':
      return readNumber(name, kind, text);
    case 'yesno':
      return /^(yes|true)$/i.test(text) || (/^(no|false)$/i.test(text) ? false : refuseValue(name, 'yes or no'));
    case 'time':
      return Number.isNaN(Date.parse(text)) ? refuseValue(name, 'a time such as 2026-11-20T09:00Z') : Date.parse(text) / 1000;
    case 'list': {
      const items = text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean);
      return items.length <= LONGEST_LIST ? items : refuseValue(name, `at most ${LONGEST_LIST} items`);
    }
    case 'table':
      return readTable(name, kind, text);
  }
}

function readTable(name: string, kind: FactKind, text: string): FactValue {
  const columns = Object.entries(kind.columns ?? {});
  const says = `a JSON list of rows with ${columns.map(([column, type]) => `${column} (${type.replace('?', ', may be missing')})`).join(', ')}`;
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    refuseValue(name, says);
  }
  if (!Array.isArray(rows) || rows.length > LONGEST_LIST || !rows.every((row) => fits(row, columns))) refuseValue(name, says);
  return rows as FactValue[];
}

function fits(row: unknown, columns: [string, string][]): boolean {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return false;
  const values = row as Record<string, unknown>;
  return (
    Object.keys(values).every((key) => columns.some(([column]) => column === key)) &&
    columns.every(([column, type]) => {
      const value = values[column];
      if (value === undefined) return type.endsWith('?');
      if (type.startsWith('text')) return typeof value === 'string';
      if (type.startsWith('yesno')) return typeof value === 'boolean';
      return typeof value === 'number' && Math.abs(value) <= LARGEST;
    })
  );
}

/** `97`, `97%`, `-3.5`; `211d` for what counts time. As many digits as print without an exponent. */
function readNumber(name: string, kind: FactKind, text: string): number {
  const value = NUMBER.test(text) ? Number.parseFloat(text) : kind.unit && durationIn(kind.unit, text);
  if (/worst$/.test(name) && (value === undefined || value < 0 || value > 100)) refuseValue(name, 'a percentage from 0 to 100');
  if (value === undefined || Math.abs(value) > LARGEST || (kind.unit === 's' && value < 0))
    refuseValue(name, kind.unit ? `a duration such as ${kind.unit === 's' ? '211d' : '40s'}, or a number in ${kind.unit}` : 'a number');
  return value;
}

const NUMBER = /^-?\d{1,15}(\.\d{1,6})?%?$/;
const LARGEST = 1e15;

function durationIn(unit: 's' | 'ms', text: string): number | undefined {
  const milliseconds = parseDuration(text);
  return milliseconds === undefined ? undefined : Math.round(unit === 's' ? milliseconds / 1000 : milliseconds);
}

function refuseValue(name: string, wanted: string): never {
  throw new Refusal(`${name} has to be ${wanted}.`);
}
