import type { Sources } from '../lib/clocks.ts';
import type { Queries } from './db.ts';
import { clockOf } from './inbox.ts';

export interface Wall {
  /** Wall ms since 1970, by the database's clock. */
  now(): number;
  /** Asks the database again. Never throws: unanswered, it goes on as it was. */
  look(): Promise<void>;
}

/** Wall ms. An answer that took longer says too little; a clock that is off by less is nobody's mistake. */
const PROMPT = 1_000;
/** Wall ms, at least, between two looks that nobody asked for. */
const BETWEEN = 1_000;

/**
 * The clock that all processes of a database have in common is the database's: a machine whose own is an hour off asks nobody an hour early, and
 * leaves no due times to others that are an hour away for them. Between two looks it goes on by the clock that nobody can set; where the two
 * of this machine come apart, it slept or was set, and the database is asked at once.
 */
export async function wallOf(db: Queries, machine: Sources): Promise<Wall> {
  let stands = await ask(db, machine);
  let looking: Promise<void> | undefined;
  let looked = stands.monotonic;
  const look = (): Promise<void> => {
    looked = machine.monotonic();
    looking ??= ask(db, machine)
      .then((found) => {
        if (found.took <= Math.max(PROMPT, stands.took)) stands = found;
      })
      .catch(() => undefined)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  return {
    look,
    now() {
      const at = machine.monotonic();
      const went = at - stands.monotonic;
      if (at - looked > BETWEEN && Math.abs(machine.wall() - stands.wall - went) > PROMPT) void look();
      return stands.at + went;
    },
  };
}

/** What the database's clock shows, when by ours, and how long it took to say so. */
async function ask(db: Queries, machine: Sources): Promise<{ at: number; wall: number; monotonic: number; took: number }> {
  const began = machine.monotonic();
  const at = await clockOf(db);
  const monotonic = machine.monotonic();
  return { at: at.getTime() + (monotonic - began) / 2, wall: machine.wall(), monotonic, took: monotonic - began };
}
