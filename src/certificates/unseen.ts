import type { Held, HostCertificates } from './certificate.ts';
import type { KnownCertificate } from './rows.ts';

/**
 * What one look found, with what it could not see as it was known before: files it was kept out of or did not come to, and what a listener
 * served that did not answer now. Only what was looked for, and is not there, is gone. Pure.
 */
export function withUnseen(found: HostCertificates, known: readonly KnownCertificate[]): HostCertificates {
  const here = new Set(found.held.map(({ path }) => path));
  const files = known
    .filter(({ path }) => !isServed(path) && !here.has(path) && !wasLookedFor(path, found))
    .map((one): Held => ({ ...one, servedOn: found.seen.flatMap(({ port, fingerprint }) => (fingerprint === one.fingerprint ? [port] : [])) }));
  // What is served stands by itself only when it is in no file.
  const served = (one: Held): boolean => isServed(one.path) && files.some(({ fingerprint }) => fingerprint === one.fingerprint);
  const held = [...found.held.filter((one) => !served(one)).map((one) => ({ ...one, servedOn: [...one.servedOn] })), ...files];
  for (const port of new Set(found.seen.flatMap((seen) => (seen.fingerprint === undefined ? [seen.port] : []))))
    for (const one of known) if (one.servedOn.includes(port)) goesOnServing(held, one, port);
  return { ...found, held };
}

const isServed = (path: string): boolean => path.startsWith('tls://');

function wasLookedFor(path: string, { unread, more, part }: HostCertificates): boolean {
  const file = path.replace(/#[a-z-]+$/, '');
  return !more && !part && !unread.some((closed) => file === closed || file.startsWith(`${closed}/`));
}

/** A listener that does not answer has not taken up what its file holds now. */
function goesOnServing(held: Held[], { host, ...one }: KnownCertificate, port: number): void {
  const own = held.filter(({ fingerprint }) => fingerprint === one.fingerprint);
  for (const file of own) if (!file.servedOn.includes(port)) file.servedOn.push(port);
  if (own.length > 0) return;
  const path = `tls://${host}:${port}`;
  const { owner, mode, mtime, link, key, ...certificate } = one;
  held.push({ ...certificate, path, n: held.filter((other) => other.path === path).length, trust: false, servedOn: [port] });
}
