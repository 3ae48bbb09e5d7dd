import type { Reach } from '../host.ts';

/** Why a host did not do what it was asked: its rung on the reach ladder, and one line for a person. */
export class Unreached extends Error {
  override name = 'Unreached';
  readonly reach: Exclude<Reach, 'ok'>;
  constructor(reach: Exclude<Reach, 'ok'>, detail: string) {
    super(detail);
    this.reach = reach;
  }
}

/** Seconds as they stand in a detail: `5 s`, `0.5 s`. */
export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** Text from a host, a server or a resolver, made fit for one line of a detail. */
export function oneLine(text: string, length = 200): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain;
}
