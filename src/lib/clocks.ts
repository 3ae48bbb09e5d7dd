/**
 * Domain time, in milliseconds since 1970. It never goes backwards, also across restarts (the store keeps its anchor).
 * Wall time is for machinery only: `Date.now()` and timers, never through this.
 */
export interface Clock {
  now(): number;
  /** Wall milliseconds until domain time `at`; 0 when it is past. */
  wallUntil(at: number): number;
  readonly speed: number;
  /** Called when the clock jumped, so that sleepers look again. Returns how to stop listening. */
  onJump(wake: () => void): () => void;
}

export interface SettableClock extends Clock {
  /** Moves domain time forward to `at`; earlier times are ignored. */
  jumpTo(at: number): void;
}

export interface Sources {
  wall(): number;
  /** Milliseconds that never go backwards while this process lives. */
  monotonic(): number;
}

export const machine: Sources = { wall: () => Date.now(), monotonic: () => performance.now() };

/**
 * Real use (`speed` 1): runs on the monotonic clock and follows the wall clock forward. A wall clock that jumped back
 * does not stop it: it goes on at half speed until the wall has caught up, so a page is late by little and never lost.
 * Sandbox (`speed` > 1): runs `speed` times as fast from where it was left.
 */
export function startClock(options: { anchor?: number; speed?: number; sources?: Sources } = {}): SettableClock {
  const { wall, monotonic } = options.sources ?? machine;
  const speed = options.speed ?? 1;
  const listeners = new Set<() => void>();
  let domain = speed === 1 ? Math.max(options.anchor ?? 0, wall()) : (options.anchor ?? wall());
  let looked = monotonic();

  const now = (): number => {
    const at = monotonic();
    const elapsed = Math.max(0, at - looked);
    looked = at;
    if (speed !== 1) domain += elapsed * speed;
    else {
      const actual = wall();
      const ahead = domain + elapsed - actual;
      domain = Math.max(actual, domain + (ahead > 1000 ? elapsed / 2 : elapsed));
    }
    return Math.floor(domain);
  };
  return {
    now,
    speed,
    wallUntil: (at) => Math.max(0, (at - now()) / speed),
    onJump(wake) {
      listeners.add(wake);
      return () => listeners.delete(wake);
    },
    jumpTo(at) {
      if (at <= now()) return;
      domain = at;
      for (const wake of listeners) wake();
    },
  };
}
