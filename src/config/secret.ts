import { inspect } from 'node:util';

/** A value that is never shown: JSON, logs, templates and the inspector all see `[secret]`. */
export interface Secret {
  /** The value itself; only for the library that needs it, never for a message or an argument. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

const HIDDEN = '[secret]';
const made = new WeakSet<object>();

export function secret(value: string): Secret {
  const hidden = { reveal: () => value, toString: () => HIDDEN, toJSON: () => HIDDEN, [inspect.custom]: () => HIDDEN };
  made.add(hidden);
  return Object.freeze(hidden);
}

export const isSecret = (value: unknown): value is Secret => typeof value === 'object' && value !== null && made.has(value);

/** A copy of plain data with every secret replaced by `[secret]`, for `show` and for logs. */
export function redact(value: unknown): unknown {
  if (isSecret(value)) return HIDDEN;
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner)]));
}
