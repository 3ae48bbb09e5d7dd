import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import type { Authority, Leaf, Seen } from '../../../src/fleet/certificates/shapes.ts';
import { issue, newAuthority, type Pair } from '../../../src/sandbox/certificates/authority.ts';

const DAY = 86_400_000;
export const NOW = Date.parse('2026-11-26T12:00:00Z');
export const PKI = '/etc/kubernetes/pki';

/** An authority of its own name, real keys. */
export const authority = (subject = 'CN=kubernetes'): Promise<Pair> => newAuthority(subject, NOW - 400 * DAY, NOW + 3000 * DAY);

/** A leaf of the API server, signed by it, that ends so many days from `NOW`. */
export const leafOf = (ca: Pair, days: number, dns: readonly string[] = ['kubernetes', 'kyousuke']): Promise<Pair> =>
  issue(ca, { subject: 'CN=kube-apiserver', dns, for: 'server', from: NOW + days * DAY - 365 * DAY, until: NOW + days * DAY });

/** As a look at a host would bring it. */
export function seen(path: string, pem: string, key?: string): Seen {
  const cert = new X509Certificate(pem);
  return {
    ...{ path, block: 0, ca: cert.ca, subject: cert.subject, issuer: cert.issuer, serial: cert.serialNumber.toLowerCase() },
    pin: spki(pem),
    fingerprint: createHash('sha256').update(cert.raw).digest('hex'),
    names: (cert.subjectAltName ?? '').split(', ').filter(Boolean),
    begins: Date.parse(cert.validFrom),
    until: Date.parse(cert.validTo),
    ...(key !== undefined && { keyMatches: cert.checkPrivateKey(createPrivateKey(key)) }),
    pem,
  };
}

export const leaf = (path: string, pem: string, signedBy: string): Leaf => {
  const { subject, issuer, serial, pin, fingerprint, names, until } = seen(path, pem);
  return { path, name: 'apiserver', subject, issuer, serial, pin, fingerprint, names: [...names], until, signedBy, listeners: [] };
};

export const trusted = (path: string, pem: string): Authority => ({ path, pin: spki(pem), subject: new X509Certificate(pem).subject });

export const spki = (pem: string): string =>
  createHash('sha256')
    .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
    .digest('hex');
