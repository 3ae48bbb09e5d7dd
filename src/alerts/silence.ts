import type { AlertRow } from './rows.ts';

/** Why nobody is asked about some hosts for a while. Times are domain ms. */
export interface Silence {
  /** `H1`, `R1`, `INC-3`. */
  by: string;
  hosts: ReadonlySet<string>;
  /** A person named these hosts; else it is what a run or a maintenance causes on them. */
  named: boolean;
  /** Only what began since then is its doing. */
  from?: number;
  /** And no longer than until then. */
  until?: number;
}

/**
 * The silence an alert falls under: every host it names is paused, or every host of its service where it names none. `undefined` = somebody is
 * to be asked. A run's reboot never silences what other hosts say beside it.
 */
export function silencedBy(
  alert: Pick<AlertRow, 'hosts' | 'started'>,
  ofService: ReadonlySet<string> | undefined,
  silences: readonly Silence[],
  now: number,
): { by: string; named: boolean } | undefined {
  const about = alert.hosts.length > 0 ? alert.hosts : [...(ofService ?? [])];
  if (about.length === 0) return undefined;
  const began = alert.started.getTime();
  const fits = silences.filter(({ from, until, named }) => (from ?? 0) <= began && now < (until ?? Infinity) && (named || alert.hosts.length > 0));
  const found: Silence[] = [];
  for (const host of about) {
    // What a person named goes first: that is what they are told of when it ends.
    const own = fits.find(({ named, hosts }) => named && hosts.has(host)) ?? fits.find(({ hosts }) => hosts.has(host));
    if (!own) return undefined;
    found.push(own);
  }
  return { by: (found[0] as Silence).by, named: found.every(({ named }) => named) };
}
