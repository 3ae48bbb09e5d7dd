import { parse } from 'yaml';
import type { FactValue } from '../host.ts';

/**
 * A value from an INI inventory, where everything is text: numbers and yes/no are recognised, a list or mapping is read.
 * What would not be written back the same stays text: `4.10` is a version, `007` a name.
 */
export function iniValue(text: string): FactValue {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (/^-?\d/.test(text) && String(Number(text)) === text) return Number(text);
  if (/^(\[.*\]|\{.*:.*\})$/.test(text) && !text.startsWith('{{')) {
    try {
      return plainValue(parse(text, { maxAliasCount: 0 })) ?? text;
    } catch {
      return text;
    }
  }
  return text;
}

/** What came out of YAML or JSON as a fact: nothing for null, dates as ISO text. */
export function plainValue(value: unknown): FactValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.flatMap((one) => plainValue(one) ?? []);
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const plain = plainValue(one);
    return plain === undefined ? [] : [[key, plain] as const];
  });
  return Object.fromEntries(entries);
}
