import { type Incident, isOpen, type Severity } from './shapes.ts';

/** Somebody is to be told or asked, now. `for` = the moment it is about, domain ms: told once for each. */
export interface Duty {
  what: 'remind' | 'overdue' | 'second writer' | 'ask resolve';
  for: number;
  because: string;
}

/** Domain ms, as the defaults have them. */
export interface Times {
  /** Before the promise its lead is reminded. */
  remind: number;
  /** After it, a second writer. */
  second: number;
  /** Without a loss, until somebody asks whether it is over. */
  resolve: number;
}

/**
 * What is due about an incident now, and when to look again. Nothing of it is remembered but the second writer: whoever carries it out tells each
 * duty once for its moment.
 */
export function dutiesOf(incident: Incident, now: number, times: Times): { due: Duty[]; at?: number } {
  if (!isOpen(incident)) return { due: [] };
  const moments: { at: number; duty: Duty }[] = [];
  const { updateDue: promised } = incident;
  if (promised !== undefined) {
    if (now < promised) moments.push({ at: promised - times.remind, duty: { what: 'remind', for: promised, because: 'the next update is promised' } });
    moments.push({ at: promised, duty: { what: 'overdue', for: promised, because: 'the promised update is missing' } });
    if (incident.secondAsked === undefined)
      moments.push({
        at: promised + times.second,
        duty: { what: 'second writer', for: promised, because: 'the promised update is missing, and its writer has not answered' },
      });
  }
  const quiet = quietSince(incident);
  if (quiet !== undefined) moments.push({ at: quiet + times.resolve, duty: { what: 'ask resolve', for: quiet, because: 'no host was lost since then' } });
  const later = moments.map(({ at }) => at).filter((at) => at > now);
  return { due: moments.filter(({ at }) => at <= now).map(({ duty }) => duty), ...(later.length > 0 && { at: Math.min(...later) }) };
}

/** Since when nothing was lost and nothing moved; nothing while a host is down. */
function quietSince({ hosts, opened, monitored, updates }: Incident): number | undefined {
  if (hosts.some(({ down, up }) => down !== undefined && up === undefined)) return undefined;
  const moves = updates.filter(({ status }, n) => status !== updates[n - 1]?.status).map(({ at }) => at);
  return Math.max(opened, monitored ?? 0, ...moves, ...hosts.flatMap(({ down, up }) => [down ?? 0, up ?? 0]));
}

/** When the next update of a severity is promised, domain ms from now. */
export const promiseFor = (
  severity: Severity,
  defaults: { 'incident.update_critical': number; 'incident.update_major': number; 'incident.update_minor': number },
): number => defaults[`incident.update_${severity}`];
