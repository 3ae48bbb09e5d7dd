/** The time by which the stand-in judges: 3 seconds for an acknowledgement, 30 minutes for a response URL. */
export interface FakeClock {
  now(): number;
  /** Calls back once; answers how to call it off. */
  after(ms: number, call: () => void): () => void;
}

export const wallClock = (): FakeClock => ({
  now: Date.now,
  after(ms, call) {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
});

/** Moved by hand: nothing happens by itself. */
export function handClock(start = Date.parse('2026-03-02T10:00:00Z')): FakeClock & { advance(ms: number): void } {
  let now = start;
  const due = new Set<{ at: number; call: () => void }>();
  return {
    now: () => now,
    after(ms, call) {
      const timer = { at: now + ms, call };
      due.add(timer);
      return () => void due.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        due.delete(next);
        now = Math.max(now, next.at);
        next.call();
      }
      now = end;
    },
  };
}
