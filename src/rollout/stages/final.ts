import type { Stage } from './stage.ts';
import { wait } from './stage.ts';

const FINAL: ReadonlySet<string> = new Set(['done', 'cancelled', 'expired']);

/** Over is over. */
export const final: Stage = {
  name: 'final',
  look: ({ run }) => (FINAL.has(run.state) ? { state: run.state, because: `${run.id} is ${run.state}` } : undefined),
};

/** Only a person's `go` ends a halt. Whoever is lost meanwhile was in flight, and is said. */
export const halted: Stage = {
  name: 'halted',
  look(at) {
    const { run } = at;
    if (run.state !== 'halted') return undefined;
    const since = run.halted?.at ?? Number.POSITIVE_INFINITY;
    for (const { host, outcome, finished } of run.hosts) {
      if (outcome !== 'lost' || finished === undefined || finished <= since) continue;
      at.say.push({ key: `lost:${host}@${finished}`, text: `${host} was in flight when ${run.id} halted, and is lost too`, page: true });
    }
    return wait(at, {
      for: 'person',
      because: `${run.id} is halted: ${run.halted?.because ?? 'a person wanted it'}; go ${run.id}, go ${run.id} retry or undo ${run.id}`,
    });
  },
};
