import { X509Certificate } from 'node:crypto';
import type { Held } from './certificate.ts';
import { extensionOf } from './extension.ts';

/** Signatures that are tried for one host: a host hands over what it likes. */
const MOST = 2_000;
const BASIC_CONSTRAINTS = 19;

/**
 * Fingerprints of those that say nothing of whether they may sign others, name themselves as their issuer, and signed another one that
 * stands on the same host: authorities by what they did. `ders`: each by its fingerprint, base64.
 */
export function unmarkedAuthorities(held: readonly Held[], ders: ReadonlyMap<string, string>): Set<string> {
  let left = MOST;
  const derOf = (fingerprint: string): Buffer => Buffer.from(ders.get(fingerprint) ?? '', 'base64');
  const signed = ({ fingerprint, subject }: Held): boolean =>
    held.some((one) => one.issuer === subject && one.subject !== subject && left-- > 0 && isSigned(derOf(one.fingerprint), derOf(fingerprint)));
  const candidates = new Map(held.filter(({ kind, selfIssued }) => kind === 'leaf' && selfIssued).map((one) => [one.fingerprint, one]));
  return new Set(
    [...candidates.values()].filter((one) => !extensionOf(derOf(one.fingerprint), BASIC_CONSTRAINTS) && signed(one)).map(({ fingerprint }) => fingerprint),
  );
}

function isSigned(child: Buffer, authority: Buffer): boolean {
  try {
    return new X509Certificate(child).verify(new X509Certificate(authority).publicKey);
  } catch {
    return false;
  }
}
