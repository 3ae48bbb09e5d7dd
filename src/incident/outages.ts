import type { Correction, Outage, OutageSource, WrittenOutage } from './shapes.ts';

/** Hosts somebody named, or that something touches: each has a row, and nobody knows of an outage yet. */
export function nameHosts(rows: readonly Outage[], hosts: readonly string[], source: OutageSource): Outage[] {
  const named = new Set(rows.map(({ host }) => host));
  return [...rows, ...[...new Set(hosts)].filter((host) => !named.has(host)).map((host): Outage => ({ host, nth: 1, source }))];
}

/** It went down. One that is down already stays as it is, with a cause where there was none. */
export function downAt(rows: readonly Outage[], seen: { host: string; at: string; cause?: string }, source: OutageSource): Outage[] {
  const { host, cause } = seen;
  const down = Date.parse(seen.at);
  const last = lastOf(rows, host);
  if (last && last.up === undefined) {
    if (last.correctedBy !== undefined) return [...rows];
    const known = last.down === undefined ? { down, source } : {};
    return replace(rows, last, { ...last, ...known, ...(last.cause === undefined && cause !== undefined && { cause }) });
  }
  // What a person said of it goes on before: it was not down a second time while they say it was.
  if (last?.correctedBy !== undefined && last.up !== undefined && down <= last.up) return [...rows];
  return [...rows, { host, nth: (last?.nth ?? 0) + 1, down, source, ...(cause !== undefined && { cause }) }];
}

/** It is back. Of one that was never down that says nothing. */
export function upAt(rows: readonly Outage[], seen: { host: string; at: string }): Outage[] {
  const last = lastOf(rows, seen.host);
  if (last?.down === undefined || last.up !== undefined) return [...rows];
  return replace(rows, last, { ...last, up: Math.max(last.down, Date.parse(seen.at)) });
}

/** The latest row of a host as somebody says it was; `no` takes the host out. */
export function correctOutage(rows: readonly Outage[], { host, down, up, cause, no }: Correction, by: string): Outage[] {
  if (no) return rows.filter((row) => row.host !== host);
  const last = lastOf(rows, host);
  const said = {
    ...(down !== undefined && { down: Date.parse(down) }),
    ...(up !== undefined && { up: Date.parse(up) }),
    ...(cause !== undefined && { cause }),
    correctedBy: by,
  };
  if (!last) return [...rows, { host, nth: 1, source: 'person', ...said }];
  return replace(rows, last, { ...last, ...said });
}

/** Rows of an incident that was merged into this one: of a host both know, whatever one of them does not know is filled in. */
export function addOutages(rows: readonly Outage[], more: readonly WrittenOutage[]): Outage[] {
  let all = [...rows];
  for (const { host, down, up, cause, source, corrected_by: by } of more) {
    const theirs = {
      ...(down !== null && { down: Date.parse(down) }),
      ...(up !== null && { up: Date.parse(up) }),
      ...(cause !== null && { cause }),
      ...(by !== null && { correctedBy: by }),
    };
    const last = lastOf(all, host);
    if (!last) all.push({ host, nth: 1, source, ...theirs });
    else if (down === null) continue;
    else if (last.down === undefined) all = replace(all, last, { ...last, ...theirs, source });
    else if (last.down === theirs.down) all = replace(all, last, { ...theirs, ...last });
    else all.push({ host, nth: last.nth + 1, source, ...theirs });
  }
  return all;
}

const lastOf = (rows: readonly Outage[], host: string): Outage | undefined => rows.findLast((row) => row.host === host);
const replace = (rows: readonly Outage[], old: Outage, now: Outage): Outage[] => rows.map((row) => (row === old ? now : row));
