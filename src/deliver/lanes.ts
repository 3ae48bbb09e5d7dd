/** One channel, in the order of its rows. */
export interface Lane {
  readonly channel: string;
  /** Rows of it that are being sent, by kind and id. */
  readonly inHand: Set<string>;
}

/** What came of looking at a lane. `sent`: in so many wall ms the next may be sent there; `look`: nothing is due before; absent: nothing waits. */
export interface Looked {
  rest?: number;
  look?: number;
  /** Nothing may be sent anywhere for so many wall ms. */
  stop?: number;
}

/**
 * Sends in many channels at once, in each one after the other and as fast as its pace allows: one that has to wait holds up no other.
 * What waits is in the database; here is no more than where something waits.
 */
export interface Lanes {
  /** Something may wait in some channel. */
  wake(): void;
  close(): Promise<void>;
}

/** Wall ms between two looks for where something waits, when many changes come. */
const BETWEEN = 25;
/** Wall ms until a lane is looked at again in which something of ours failed. */
const FAILED = 1_000;

export function runLanes(options: {
  atOnce: number;
  /** Where something waits, and in how many wall ms it is due. */
  discover(): Promise<{ channel: string; due: number }[]>;
  /** Sends the next thing of a lane. */
  work(lane: Lane): Promise<Looked>;
  /** How many of a lane may be sent at the same time. */
  parallel(channel: string): number;
  failed(error: unknown): void;
}): Lanes {
  interface State extends Lane {
    working: number;
    /** Wall: nothing is sent in it before. */
    rests: number;
    /** Wall: when something is due in it. */
    due: number;
    /** The same, heard while it was being looked at: that look may not have seen it. */
    heard: number;
  }
  const lanes = new Map<string, State>();
  const running = new Set<Promise<void>>();
  let closed = false;
  let stopped = 0;
  let timer: NodeJS.Timeout | undefined;
  let again = false;
  let discovering: Promise<void> | undefined;
  let discovered = 0;

  const pump = (): void => {
    if (closed) return;
    clearTimeout(timer);
    const now = Date.now();
    let next = Infinity;
    if (stopped > now) next = stopped;
    else
      for (const lane of lanes.values()) {
        while (begins(lane, now)) start(lane);
        if (lane.working < options.parallel(lane.channel)) next = Math.min(next, Math.max(lane.rests, lane.due));
      }
    // With all hands full the first that is free looks again.
    if (next < Infinity && running.size < options.atOnce) timer = setTimeout(pump, Math.max(1, Math.min(next - now, 2 ** 31 - 1))).unref();
  };
  const begins = (lane: State, now: number): boolean =>
    running.size < options.atOnce && lane.working < options.parallel(lane.channel) && Math.max(lane.rests, lane.due) <= now && stopped <= now;
  const start = (lane: State): void => {
    lane.working += 1;
    lane.heard = Infinity;
    // Those that begin behind the others get their turn first the next time.
    lanes.delete(lane.channel);
    lanes.set(lane.channel, lane);
    const work = options
      .work(lane)
      .catch((error: unknown): Looked => {
        options.failed(error);
        return { look: FAILED };
      })
      .then((looked) => {
        const now = Date.now();
        lane.working -= 1;
        running.delete(work);
        if (looked.stop !== undefined) {
          stopped = Math.max(stopped, now + looked.stop);
          // What could not be sent waits here still, whatever others that look at this lane now find.
          lane.heard = now;
        }
        if (looked.rest !== undefined) lane.rests = Math.max(lane.rests, now + looked.rest);
        // Where something was sent there may be more.
        const due = looked.rest !== undefined ? now : looked.look === undefined ? Infinity : now + looked.look;
        lane.due = Math.min(due, lane.heard);
        if (lane.due === Infinity && lane.working === 0 && lane.rests <= now) lanes.delete(lane.channel);
        pump();
      });
    running.add(work);
  };
  const discover = async (): Promise<void> => {
    while (again && !closed) {
      const wait = discovered + BETWEEN - Date.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      again = false;
      discovered = Date.now();
      try {
        const found = await options.discover();
        const now = Date.now();
        for (const { channel, due } of found) {
          const lane = lanes.get(channel) ?? { channel, inHand: new Set(), working: 0, rests: 0, due: Infinity, heard: Infinity };
          lane.heard = Math.min(lane.heard, now + Math.max(0, due));
          lane.due = Math.min(lane.due, lane.heard);
          lanes.set(channel, lane);
        }
        pump();
      } catch (error) {
        if (closed) return;
        options.failed(error);
        again = true;
        discovered = Date.now() + FAILED;
      }
    }
  };
  return {
    wake() {
      again = true;
      if (closed) return;
      discovering ??= discover().finally(() => {
        discovering = undefined;
      });
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await discovering;
      await Promise.allSettled(running);
    },
  };
}
