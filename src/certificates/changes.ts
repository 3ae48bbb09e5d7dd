import type { Queries, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import type { HostCertificates } from './certificate.ts';
import { type KnownCertificate, looksAt } from './rows.ts';

/** What of a certificate is kept of before. */
export interface Was {
  kind: 'leaf' | 'ca';
  subject: string;
  serial: string;
  pin: string | null;
  ends: string;
}

export interface Change {
  host: string;
  path: string;
  before: Was[];
  after: Was[];
  /** The key of an authority that stood here is another one now. */
  authority: boolean;
}

/** An authority whose key changed, and nobody put back. */
export interface ChangedAuthority {
  host: string;
  path: string;
  at: number;
  before: Was[];
  after: Was[];
}

/** After so long whoever changed it has meant it. Domain ms. */
const MEANT = 30 * 86_400_000;

/**
 * Writes down what is another certificate than at the last look, before the new ones take their place. An authority with another key stays
 * open until the one of before is back: what was approved never does that.
 */
export async function keepChanges(tx: Tx, found: ReadonlyMap<string, HostCertificates>, before: readonly KnownCertificate[], at: number): Promise<void> {
  const known = new Map<string, Map<string, Was[]>>();
  for (const one of inOrder(before)) files(known, one.host, one.path).push(wasOf(one));
  const looks = await looksAt(tx, [...found.keys()]);
  const changes: Change[] = [];
  for (const [host, { held }] of found) {
    // The first sight of a host is no change; a look that found nothing is no first sight.
    if (!looks.has(host)) continue;
    const was = known.get(host) ?? new Map<string, Was[]>();
    const now = new Map<string, Map<string, Was[]>>();
    for (const one of inOrder(held)) files(now, host, one.path).push(wasOf(one));
    changes.push(...changesBetween(host, was, now.get(host) ?? new Map()));
  }
  await compareWithLast(tx, changes);
  const open = await openChanges(tx, [...found.keys()]);
  for (const change of changes) if (open.some((one) => isBack(one, change))) change.authority = false;
  if (changes.length > 0)
    await tx.query(
      `insert into certificate_changes (host, path, at, before, after, authority)
       select host, path, $2, before, after, authority from jsonb_to_recordset($1::jsonb) as c (host text, path text, before jsonb, after jsonb, authority boolean)`,
      [toJsonb(changes), new Date(at)],
    );
  await settle(tx, found, at);
}

/** What differs between two looks at one host, by file. Pure. */
export function changesBetween(host: string, before: ReadonlyMap<string, readonly Was[]>, after: ReadonlyMap<string, readonly Was[]>): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [was, is] = [[...(before.get(path) ?? [])], [...(after.get(path) ?? [])]];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ host, path, before: was, after: is, authority: otherAuthority(was, is) }];
  });
}

/** A file that is gone, or that got an authority more, changes nobody's trust; one that lost one and got another at once does. */
function otherAuthority(was: readonly Was[], is: readonly Was[]): boolean {
  const pins = (list: readonly Was[]): Set<string | null> => new Set(list.flatMap(({ kind, pin }) => (kind === 'ca' ? [pin] : [])));
  const [before, after] = [pins(was), pins(is)];
  return [...before].some((pin) => !after.has(pin)) && [...after].some((pin) => !before.has(pin));
}

/** One that comes where none stood at the last look is measured by the last that ever did: a file may be away, or another, for a look. */
async function compareWithLast(tx: Tx, changes: readonly Change[]): Promise<void> {
  const come = changes.filter(({ before, after }) => !before.some(isAuthority) && after.some(isAuthority));
  if (come.length === 0) return;
  const last = await tx.query<Pick<Change, 'host' | 'path' | 'before'>>(
    `select distinct on (host, path) host, path, before from certificate_changes
     join (select distinct host, path from jsonb_to_recordset($1::jsonb) as r (host text, path text)) r using (host, path)
     where before @> '[{"kind": "ca"}]' order by host, path, id desc`,
    [toJsonb(come.map(({ host, path }) => ({ host, path })))],
  );
  for (const change of come) {
    const was = last.find(({ host, path }) => host === change.host && path === change.path);
    if (was && otherAuthority(was.before, change.after)) Object.assign(change, { before: was.before, authority: true });
  }
}

const isAuthority = ({ kind }: Was): boolean => kind === 'ca';

/** Authorities of these hosts whose key changed and is not back, the latest change first. */
export async function changedAuthorities(db: Queries, hosts: readonly string[]): Promise<ChangedAuthority[]> {
  const rows = await db.query<Omit<ChangedAuthority, 'at'> & { at: Date }>(
    `select host, path, at, before, after from certificate_changes where authority and settled is null and host = any ($1::text[]) order by id desc`,
    [hosts],
  );
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}

type Open = Pick<Change, 'host' | 'path' | 'before'> & { id: string; at: Date };

const openChanges = (tx: Tx, hosts: readonly string[]): Promise<Open[]> =>
  tx.query(`select id, host, path, at, before from certificate_changes where authority and settled is null and host = any ($1::text[])`, [hosts]);

/** What puts an authority back is no second change of it. */
function isBack(open: Open, { host, path, after }: Pick<Change, 'host' | 'path' | 'after'>): boolean {
  const pins = new Set(after.map(({ pin }) => pin));
  return open.host === host && open.path === path && open.before.every(({ kind, pin }) => kind !== 'ca' || pins.has(pin));
}

/** The authority of before is back, or its successor has stood for long. */
async function settle(tx: Tx, found: ReadonlyMap<string, HostCertificates>, at: number): Promise<void> {
  const over = (await openChanges(tx, [...found.keys()])).filter((open) => {
    const after = (found.get(open.host)?.held ?? []).filter(({ path }) => path === open.path).map(wasOf);
    return at - open.at.getTime() > MEANT || isBack(open, { host: open.host, path: open.path, after });
  });
  if (over.length > 0) await tx.query(`update certificate_changes set settled = $2 where id = any ($1::bigint[])`, [over.map(({ id }) => id), new Date(at)]);
}

const inOrder = <One extends { n: number }>(list: readonly One[]): One[] => [...list].sort((a, b) => a.n - b.n);

function files(hosts: Map<string, Map<string, Was[]>>, host: string, path: string): Was[] {
  const paths = hosts.get(host) ?? new Map<string, Was[]>();
  hosts.set(host, paths);
  const list = paths.get(path) ?? [];
  paths.set(path, list);
  return list;
}

const wasOf = ({ kind, subject, serial, pin, ends }: { kind: 'leaf' | 'ca'; subject: string; serial: string; pin?: string; ends: number }): Was => ({
  kind,
  subject,
  serial,
  pin: pin ?? null,
  ends: new Date(ends).toISOString(),
});
