import type { Reach } from '../host.ts';

/** Why a host did not do what it was asked: its rung on the reach ladder, and one line for a person. */
export class Unreached extends Error {
  override name = 'Unreached';
  readonly reach: Exclude<Reach, 'ok'>;
  /** The host hung up before it knew who called: it may only be busy (sshd's MaxStartups), so one more try is fair. */
  readonly hungUp: boolean;
  constructor(reach: Exclude<Reach, 'ok'>, detail: string, hungUp = false) {
    super(detail);
    this.reach = reach;
    this.hungUp = hungUp;
  }
}

/** Seconds as they stand in a detail: `5 s`, `0.5 s`. */
export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** Text from a host, a server or a resolver, made fit for one line of a detail. */
export function oneLine(text: string, length = 200): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain;
}
