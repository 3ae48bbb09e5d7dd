import type { Card } from '../chat/card.ts';
import { findingLines } from '../fleet/check-findings.ts';
import { foldNames } from '../fleet/target/fold.ts';
import type { HostResult } from '../jobs.ts';
import { sayDuration } from '../lib/duration.ts';
import { daysLeft, nameOf, type Seen } from './certificate.ts';
import { isOfCertificates, sayEnd } from './findings.ts';
import type { Counted, KnownCertificate } from './rows.ts';

/** Certificates of a target, as far as they are known. */
export interface CertificatesView {
  /** As typed. */
  expression: string;
  /** How many hosts it names. */
  asked: number;
  /** Looked at now, or at some time before. */
  results: readonly Pick<HostResult, 'host' | 'reach' | 'detail' | 'outcome' | 'findings' | 'ms'>[];
  /** Those that end first; of many not all. */
  certs: readonly KnownCertificate[];
  counted: Counted;
  /** Only those that end within so many domain ms were wanted. */
  expiring?: number;
  now: number;
  done: boolean;
  /** What listeners showed, by host: says where a port is reached, when that is not the port of the host. */
  seen?: ReadonlyMap<string, readonly Seen[]>;
  /** Hosts nobody ever looked at the certificates of. */
  never?: readonly string[];
}

/** Lines and rows a person reads before scrolling; the rest is in the attachment. */
const MOST_LINES = 12;
const MOST_ROWS = 30;
/** Read for one card. */
export const MOST_SHOWN = 2_000;
/** Read for one document: of 5,000 hosts with 20 each the rest would be a hundred megabytes. */
export const MOST_IN_DOCUMENT = 20_000;

/** Exceptions first, then every certificate, those that end first at the top; the same one on several hosts is one row. */
export function renderCertificates(view: CertificatesView): Card {
  const { certs, results, now, done } = view;
  const down = results.filter(({ reach }) => reach !== 'ok');
  const broken = results.filter(({ reach, outcome }) => reach === 'ok' && outcome === 'failed');
  const findings = findingLines(results.filter(({ reach }) => reach === 'ok').map(ofCertificates));
  const exceptions = [
    ...down.map(({ host, reach, detail }) => `${host} ${reach}${detail ? `: ${detail}` : ''}`),
    ...broken.map(({ host, detail }) => `${host}: ${detail ?? 'answered wrongly'}`),
    ...findings,
  ];
  const rows = folded(view);
  const body = [
    ...exceptions.slice(0, MOST_LINES),
    ...(exceptions.length > MOST_LINES ? [`… and ${exceptions.length - MOST_LINES} more, in the attachment`] : []),
    ...(view.never && view.never.length > 0 ? [`never looked at: ${short(foldNames([...view.never]))}; "certs @all" does`] : []),
    ...(rows.length > MOST_ROWS ? [`${rows.length - MOST_ROWS} more certificates are in the attachment`] : []),
    ...(certs.length === MOST_SHOWN ? [`only the ${MOST_SHOWN} that end first are shown: name fewer hosts, or "expiring 30d"`] : []),
  ];
  const bad = certs.some(({ ends }) => ends <= now) || down.length > 0 || findings.some((line) => line.includes(' critical: '));
  return {
    title: sayTitle(view, down.length + broken.length),
    tone: bad ? 'bad' : exceptions.length > 0 ? 'attention' : done ? 'good' : 'quiet',
    ...(body.length > 0 && { body }),
    ...(rows.length > 0 && { table: { columns: COLUMNS, rows: rows.slice(0, MOST_ROWS) } }),
    ...((rows.length > MOST_ROWS || exceptions.length > MOST_LINES) && done && { attachment: { name: 'certificates.tsv', text: whole(exceptions, view) } }),
  };
}

/** Stable; docs/json.md. */
export function certificatesJson({ certs, results, now, seen }: CertificatesView): {
  certs: Record<string, unknown>[];
  problems: Record<string, unknown>[];
  left_out?: true;
} {
  return {
    ...(certs.length === MOST_IN_DOCUMENT && { left_out: true as const }),
    certs: certs.map((one) => ({
      host: one.host,
      path: one.path,
      kind: one.kind,
      serial: one.serial,
      pin: one.pin ?? null,
      days_left: daysLeft(one.ends, now),
      served: one.servedOn.length > 0,
      expired: one.ends <= now,
      ends: new Date(one.ends).toISOString(),
      subject: one.subject,
      names: one.sans,
      issuer: one.issuer,
      fingerprint: one.fingerprint,
      ...(one.servedOn.length > 0 && {
        served_on: one.servedOn,
        served_at: one.servedOn.map((port) => addressOf(seen, one.host, port) ?? `${one.host}:${port}`),
      }),
      ...(one.owner !== undefined && { file_owner: one.owner }),
      ...(one.mode !== undefined && { mode: one.mode }),
      ...(one.key !== undefined && { key: one.key }),
    })),
    problems: results.flatMap((result) =>
      result.reach !== 'ok'
        ? [{ host: result.host, severity: 'critical', says: `${result.reach}${result.detail ? `: ${result.detail}` : ''}` }]
        : (ofCertificates(result).findings ?? []).map(({ severity, text }) => ({ host: result.host, severity, says: text })),
    ),
  };
}

const COLUMNS = ['host', 'certificate', 'kind', 'ends', 'served', 'file'];

function sayTitle({ expression, asked, counted, results, expiring, done }: CertificatesView, unanswered: number): string {
  const { leaves, authorities, expired, within } = counted;
  const parts = [
    ...(expired > 0 ? [`${expired} expired`] : []),
    ...(within > 0 || expiring !== undefined ? [`${within} end${within === 1 ? 's' : ''} within ${sayDuration(expiring ?? MONTH)}`] : []),
    `${count(leaves, 'leaf', 'leaves')} and ${count(authorities, 'authority', 'authorities')} on ${count(asked, 'host', 'hosts')}`,
    ...(unanswered > 0 ? [`${unanswered} did not answer`] : []),
    ...(!done ? [`${asked - results.length} not yet`] : []),
  ];
  return `${expression}: ${parts.join('; ')}`;
}

/** Within which something is said to end soon, where nobody said. Domain ms. */
export const MONTH = 30 * 86_400_000;

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

const ofCertificates = <Result extends Pick<HostResult, 'host' | 'findings'>>(result: Result): HostResult =>
  ({ ...result, findings: (result.findings ?? []).filter(isOfCertificates) }) as unknown as HostResult;

/** One row for a certificate that stands in the same file of several hosts. */
function folded({ certs, now, seen }: CertificatesView): string[][] {
  const groups = new Map<string, KnownCertificate[]>();
  for (const one of certs) {
    const same = `${one.fingerprint} ${one.path} ${one.n} ${one.servedOn}`;
    groups.set(same, [...(groups.get(same) ?? []), one]);
  }
  return [...groups.values()].map((group) => rowOf(short(foldNames(group.map(({ host }) => host))), group[0] as KnownCertificate, now, seen));
}

const rowOf = (hosts: string, one: KnownCertificate, now: number, seen: CertificatesView['seen']): string[] => [
  hosts,
  nameOf(one),
  one.kind === 'ca' ? 'CA' : 'leaf',
  sayEnd(one.ends, now),
  one.servedOn.length > 0 ? one.servedOn.map((port) => sayPort(port, addressOf(seen, one.host, port))).join(', ') : one.kind === 'ca' ? '' : 'only on disk',
  one.path,
];

/** `6443`, or `6443 at 127.0.0.1:29474` where that is another port. */
const sayPort = (port: number, address: string | undefined): string => (address && !address.endsWith(`:${port}`) ? `${port} at ${address}` : String(port));

const addressOf = (seen: CertificatesView['seen'], host: string, port: number): string | undefined =>
  seen?.get(host)?.find((one) => one.port === port)?.address;

const short = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text);

function whole(exceptions: readonly string[], { certs, now, seen }: CertificatesView): string {
  const rows = certs.map((one) => [...rowOf(one.host, one, now, seen), one.serial, one.pin ?? '', new Date(one.ends).toISOString(), one.issuer].join('\t'));
  return `${[...exceptions, [...COLUMNS, 'serial', 'pin', 'until', 'issuer'].join('\t'), ...rows].join('\n')}\n`;
}
