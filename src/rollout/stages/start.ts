import type { HostView } from '../shapes.ts';
import { names } from '../words.ts';
import type { Deciding, Objection, Ruling, Stage } from './stage.ts';

/** Starts what fits of the current wave, in the order of the plan. */
export const start: Stage = {
  name: 'start',
  look(at) {
    const { run } = at;
    const begin: string[] = [];
    const kept: { host: HostView; objection: Objection }[] = [];
    for (const host of at.waiting) {
      const objection = firstObjection(host, at);
      if (objection) kept.push({ host, objection });
      else {
        begin.push(host.host);
        at.taken.take(host);
      }
    }
    for (const { objection } of kept) if (objection.until !== undefined) at.looks.push(objection.until);
    const ruling: Ruling = { state: 'running', because: say(at, begin, kept), start: begin };
    if (begin.length > 0) ruling.begunAt = run.begunAt ?? at.now;
    const waiting = whatFor(at, begin, kept);
    if (waiting) ruling.waiting = waiting;
    return ruling;
  },
};

function firstObjection(host: HostView, at: Deciding): Objection | undefined {
  for (const gate of at.gates) {
    const objection = gate.look(host, at);
    if (objection) return objection;
  }
  return undefined;
}

function whatFor(at: Deciding, begin: string[], kept: { objection: Objection }[]): Objection | undefined {
  if (kept[0]) {
    const on = [...new Set(kept.flatMap(({ objection }) => objection.on ?? []))];
    return { ...kept[0].objection, ...(on.length > 0 && { on }) };
  }
  const inFlight = [...at.going.map(({ host }) => host), ...begin];
  return inFlight.length > 0 ? { for: 'hosts', because: `${names(inFlight)} in flight` } : undefined;
}

function say(at: Deciding, begin: string[], kept: { host: HostView; objection: Objection }[]): string {
  const { run, going } = at;
  const said: string[] = [];
  if (begin.length > 0) said.push(`${names(begin)} ${begin.length === 1 ? 'begins' : 'begin'} (wave ${run.wave + 1} of ${run.plan.waves})`);
  else if (going.length > 0) said.push(`${names(going.map(({ host }) => host))} in flight`);
  const [first, ...more] = kept;
  if (first) said.push(`${first.host.host}${more.length > 0 ? ` and ${more.length} more wait` : ' waits'}: ${first.objection.because}`);
  return said.join('; ') || `nothing to do for ${run.id}`;
}
