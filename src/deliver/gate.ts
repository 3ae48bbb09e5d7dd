import type { Connections } from './connections.ts';

/**
 * A provider that swallows everything is not waited for by each page in turn: after a few calls in a row without an answer the next ones are
 * told so at once, and go by another channel; one call now and then is let through to see whether it is back.
 */
export interface Gate {
  /** Whether a call may be made; else what to say. */
  enter(provider: string): { open: true } | { open: false; says: string };
  /** How a call that was let in ended: the provider said something, whatever it was, or nothing. */
  left(provider: string, answered: boolean, says: string): void;
}

/** Calls in a row without any answer. */
const SILENT = 5;
/** Wall ms between two calls that are let through then. */
const PROBE = 5_000;

export function openGate(connections: Pick<Connections, 'report'>, wall: () => number = Date.now): Gate {
  const known = new Map<string, { silent: number; probeAt: number; says: string }>();
  return {
    enter(provider) {
      const state = known.get(provider);
      if (!state || state.silent < SILENT) return { open: true };
      if (wall() < state.probeAt) return { open: false, says: `not tried: ${provider} gave no answer ${state.silent} times in a row (${state.says})` };
      state.probeAt = wall() + PROBE;
      return { open: true };
    },
    left(provider, answered, says) {
      if (answered) {
        if (known.delete(provider)) connections.report({ name: provider, platform: provider, ok: true, says: 'answers' });
        return;
      }
      const state = known.get(provider) ?? { silent: 0, probeAt: 0, says };
      known.set(provider, { silent: state.silent + 1, probeAt: wall() + PROBE, says });
      if (state.silent + 1 === SILENT) connections.report({ name: provider, platform: provider, ok: false, says });
    },
  };
}
