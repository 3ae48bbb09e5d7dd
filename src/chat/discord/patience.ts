/** Wall ms of everything that is waited for here; docs/reliability.md says what follows from them. */
export interface Patience {
  /** One REST call, with its turn in the library's queue and its body. */
  call: number;
  /** One socket, from its handshake to READY or RESUMED; what takes longer is given up for a new one. */
  connect: number;
  /** Between two round trips over the Gateway, and for the answer to one. */
  roundTrip: number;
  answer: number;
  /** Before the second try at a connection; it doubles up to the longest. */
  again: number;
  longest: number;
  /** Between two IDENTIFY: Discord allows one in 5 s. */
  identify: number;
  /** For the first connection, before the rest of Holdfast starts without it. */
  start: number;
}

export const PATIENCE: Patience = {
  call: 10_000,
  connect: 20_000,
  roundTrip: 15_000,
  answer: 5_000,
  again: 1_000,
  longest: 60_000,
  identify: 5_000,
  start: 10_000,
};
