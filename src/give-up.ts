import type { Log } from './ops.ts';

/** The end of a process that cannot do its work any more: its supervisor starts it again. */
export interface GivingUp {
  /** Logs why, has it said where it still can be, and then ends the process. The first reason counts. */
  giveUp(why: string): void;
  /** Resolves with the reason when the process is to end, in order, with exit code 1. */
  gaveUp: Promise<string>;
  /** What is done before it ends: told on another platform. It gets little time. */
  before(say: (why: string) => Promise<void>): void;
}

/** Wall ms for saying so before the process ends all the same, and for what was said to be sent. */
const LAST_WORDS = 3_000;
const SENDING = 1_000;

export function openGivingUp(log: Log): GivingUp {
  let told: ((why: string) => void) | undefined;
  const gaveUp = new Promise<string>((resolve) => {
    told = resolve;
  });
  const says: ((why: string) => Promise<void>)[] = [];
  return {
    gaveUp,
    giveUp(why) {
      const end = told;
      if (!end) return;
      told = undefined;
      log.error({}, `holdfast ends, for its supervisor to start it again: ${why}`);
      const patience = new Promise((resolve) => setTimeout(resolve, LAST_WORDS));
      const said = Promise.allSettled(says.map((say) => say(why))).then(() => new Promise((resolve) => setTimeout(resolve, SENDING)));
      void Promise.race([said, patience]).then(() => end(why));
    },
    before: (say) => void says.push(say),
  };
}
