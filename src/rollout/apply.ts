import type { HostOutcome } from '../jobs.ts';
import type { HostView, Next, RunView } from './shapes.ts';

/**
 * The view after what was decided has been written: what the shell does with rows, as a function. `hostsOf` gives the hosts
 * of a wave, as the view holds only those of the current one.
 */
export function apply(run: RunView, next: Next, now: number, hostsOf: (wave: number) => readonly HostView[] = () => []): RunView {
  const starting = new Set(next.start);
  const skipped = new Set(next.skip.map(({ host }) => host));
  const after = run.hosts.map((host): HostView => {
    if (starting.has(host.host)) return { ...host, state: 'going', phase: 'baseline', started: now };
    return skipped.has(host.host) ? { ...host, state: 'ended', outcome: 'skipped' } : host;
  });
  const applied: RunView = {
    ...run,
    state: next.state,
    wave: next.wave,
    hosts: next.wave === run.wave ? after : [...after.filter(mayHold), ...hostsOf(next.wave)],
    counts: skipped.size > 0 ? { ...run.counts, skipped: (run.counts.skipped ?? 0) + skipped.size } : run.counts,
    said: [...run.said, ...next.say.map(({ key }) => key)],
  };
  if (next.waveEnded !== undefined) applied.waveEnded = next.waveEnded;
  if (next.ringEnded !== undefined) applied.ringEnded = next.ringEnded;
  if (next.begunAt !== undefined) applied.begunAt = next.begunAt;
  if (next.due !== undefined) applied.due = next.due;
  if (next.halt) applied.halted = { reason: next.halt.reason, by: 'holdfast', because: next.halt.because, at: now };
  if (next.askAgain) {
    applied.approvals = {};
    applied.askedAt = now;
  }
  return applied;
}

/** In flight, or ended otherwise than well: then its places come back by evidence, which is kept elsewhere. */
const mayHold = ({ state, outcome }: HostView): boolean =>
  state === 'going' || (state === 'ended' && outcome !== 'ok' && outcome !== 'already' && outcome !== 'skipped');

/** One host has its outcome. A lost one goes on holding its places; that is kept elsewhere. */
export function end(run: RunView, host: string, outcome: HostOutcome, now: number): RunView {
  return {
    ...run,
    counts: { ...run.counts, [outcome]: (run.counts[outcome] ?? 0) + 1 },
    hosts: run.hosts.map((one): HostView => (one.host === host ? { ...one, state: 'ended', outcome, finished: now } : one)),
  };
}

/** A person's `go`: what has come about so far no longer counts. `retry` is the shell's: it gives hosts back their turn. */
export function go(run: RunView): RunView {
  const { halted: _, ...rest } = run;
  const { skipped: __, ...forgiven } = run.counts;
  return { ...rest, state: 'running', forgiven };
}
