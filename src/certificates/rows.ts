import type { Queries, Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import type { Held, HostCertificates, Seen } from './certificate.ts';

/** A certificate of the inventory. */
export interface KnownCertificate extends Held {
  host: string;
  /** Domain time since when it is this very one. */
  since: number;
}

/** What is known of the certificates of one host besides them. */
export interface KnownLook {
  host: string;
  at: number;
  wrong: HostCertificates['wrong'];
  unread: string[];
  seen: Seen[];
  more: boolean;
}

/** Hosts read by one statement: the embedded database keeps for ever what its largest answer took. */
const AT_ONCE = 250;

/** The certificates of these hosts, those that end first at the top: only those that end by domain time `before`, and no more than `most`. */
export async function certificatesOf(
  db: Queries,
  hosts: readonly string[],
  { before, most }: { before?: number; most?: number } = {},
): Promise<KnownCertificate[]> {
  const rows = await db.query<CertificateRow>(
    `select ${COLUMNS} from certificates where host = any ($1::text[]) and ends <= $2 order by ends, host, path, n limit $3`,
    [hosts, before === undefined ? 'infinity' : new Date(before), most ?? null],
  );
  return rows.map(certificateOf);
}

/** How many there are on these hosts, whatever of them is shown. An authority counts once, by its key. */
export interface Counted {
  leaves: number;
  authorities: number;
  expired: number;
  within: number;
}

export async function countCertificates(db: Queries, hosts: readonly string[], { now, before }: { now: number; before: number }): Promise<Counted> {
  const [row] = await db.query<Counted>(
    `select count(*) filter (where kind = 'leaf')::int as leaves, count(distinct coalesce(pin, fingerprint)) filter (where kind = 'ca')::int as authorities,
            count(*) filter (where kind = 'leaf' and ends <= $2)::int as expired, count(*) filter (where kind = 'leaf' and ends > $2 and ends <= $3)::int as within
     from certificates where host = any ($1::text[])`,
    [hosts, new Date(now), new Date(before)],
  );
  return row as Counted;
}

export async function looksAt(db: Queries, hosts: readonly string[]): Promise<Map<string, KnownLook>> {
  const looks = new Map<string, KnownLook>();
  for (let n = 0; n < hosts.length; n += AT_ONCE) {
    const rows = await db.query<Omit<KnownLook, 'at'> & { at: Date }>(`select * from certificate_looks where host = any ($1::text[])`, [
      hosts.slice(n, n + AT_ONCE),
    ]);
    for (const row of rows) looks.set(row.host, { ...row, at: row.at.getTime() });
  }
  return looks;
}

/** What listeners showed, by host. */
export const seenOf = (looks: ReadonlyMap<string, KnownLook>): Map<string, Seen[]> => new Map([...looks].map(([host, { seen }]) => [host, seen]));

/** Puts what looks at some hosts found in the place of what was known of them. */
export async function putCertificates(tx: Tx, found: ReadonlyMap<string, HostCertificates>, at: number): Promise<void> {
  // One order for all: two looks over the same hosts must not deadlock.
  const hosts = [...found.keys()].sort();
  const now = new Date(at).toISOString();
  const rows = hosts.flatMap((host) => (found.get(host) as HostCertificates).held.map((one) => rowOf(host, one)));
  await tx.query(
    `insert into certificates (host, path, n, kind, subject, issuer, sans, self_issued, serial, pin, fingerprint, begins, ends, trust, owner, mode, mtime, link, key, served_on, since)
     select host, path, n, kind, subject, issuer, sans, self_issued, serial, pin, fingerprint, begins, ends, trust, owner, mode, mtime, link, key, served_on, $2
     from jsonb_to_recordset($1::jsonb) as r (host text, path text, n int, kind text, subject text, issuer text, sans jsonb, self_issued boolean, serial text,
       pin text, fingerprint text, begins timestamptz, ends timestamptz, trust boolean, owner text, mode text, mtime timestamptz, link text, key text, served_on jsonb)
     on conflict (host, path, n) do update set kind = excluded.kind, subject = excluded.subject, issuer = excluded.issuer, sans = excluded.sans,
       self_issued = excluded.self_issued, serial = excluded.serial, pin = excluded.pin, fingerprint = excluded.fingerprint, begins = excluded.begins,
       ends = excluded.ends, trust = excluded.trust, owner = excluded.owner, mode = excluded.mode, mtime = excluded.mtime, link = excluded.link,
       key = excluded.key, served_on = excluded.served_on,
       since = case when certificates.fingerprint = excluded.fingerprint then certificates.since else excluded.since end`,
    [toJsonb(rows), now],
  );
  await tx.query(
    `delete from certificates c where host = any ($1::text[])
     and not exists (select 1 from jsonb_to_recordset($2::jsonb) as r (host text, path text, n int) where r.host = c.host and r.path = c.path and r.n = c.n)`,
    [hosts, toJsonb(rows.map(({ host, path, n }) => ({ host, path, n })))],
  );
  await tx.query(
    `insert into certificate_looks (host, at, wrong, unread, seen, more)
     select host, $2, wrong, unread, seen, more from jsonb_to_recordset($1::jsonb) as r (host text, wrong jsonb, unread jsonb, seen jsonb, more boolean)
     on conflict (host) do update set at = excluded.at, wrong = excluded.wrong, unread = excluded.unread, seen = excluded.seen, more = excluded.more`,
    [
      toJsonb(
        hosts.map((host) => {
          const { wrong, unread, seen, more } = found.get(host) as HostCertificates;
          return { host, wrong, unread, seen, more };
        }),
      ),
      now,
    ],
  );
}

export const COLUMNS =
  'host, path, n, kind, subject, issuer, sans, self_issued, serial, pin, fingerprint, begins, ends, trust, owner, mode, mtime, link, key, served_on, since';

export interface CertificateRow {
  host: string;
  path: string;
  n: number;
  kind: 'leaf' | 'ca';
  subject: string;
  issuer: string;
  sans: string[];
  self_issued: boolean;
  serial: string;
  pin: string | null;
  fingerprint: string;
  begins: Date;
  ends: Date;
  trust: boolean;
  owner: string | null;
  mode: string | null;
  mtime: Date | null;
  link: string | null;
  key: 'match' | 'mismatch' | null;
  served_on: number[];
  since: Date;
}

function rowOf(host: string, { begins, ends, mtime, selfIssued, servedOn, ...one }: Held) {
  return {
    host,
    ...one,
    self_issued: selfIssued,
    served_on: servedOn,
    begins: new Date(begins).toISOString(),
    ends: new Date(ends).toISOString(),
    ...(mtime !== undefined && { mtime: new Date(mtime * 1000).toISOString() }),
  };
}

export function certificateOf({ self_issued: selfIssued, served_on: servedOn, pin, owner, mode, mtime, link, key, ...row }: CertificateRow): KnownCertificate {
  return {
    ...row,
    selfIssued,
    servedOn,
    begins: row.begins.getTime(),
    ends: row.ends.getTime(),
    since: row.since.getTime(),
    ...(pin !== null && { pin }),
    ...(owner !== null && { owner }),
    ...(mode !== null && { mode }),
    ...(mtime !== null && { mtime: mtime.getTime() / 1000 }),
    ...(link !== null && { link }),
    ...(key !== null && { key }),
  };
}
