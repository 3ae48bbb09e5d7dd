import { createHash, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { isVersion1 } from './extension.ts';

/** Longer than any certificate; of what is longer nothing is decoded. */
const LONGEST = 16 * 1024;

/** One certificate of its DER in base64, or why it is none. Never throws: hosts hand over what they like. */
export function parseCertificate(base64: string): Certificate | { says: string } {
  if (base64.length > LONGEST * 1.4) return { says: 'is longer than any certificate' };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return { says: base64 === '' ? 'is empty' : 'is no base64' };
  return parseDer(Buffer.from(base64, 'base64'));
}

/** The same of DER, as a TLS handshake hands it over. */
export function parseDer(der: Buffer): Certificate | { says: string } {
  try {
    const cert = new X509Certificate(der);
    // What stands behind the certificate would be taken for part of it.
    if (cert.raw.length !== der.length) return { says: 'has something else behind it' };
    const [begins, ends] = [Date.parse(cert.validFrom), Date.parse(cert.validTo)];
    if (Number.isNaN(begins) || Number.isNaN(ends)) return { says: 'has no dates that can be read' };
    const pin = pinOf(cert);
    const selfIssued = cert.subject === cert.issuer && cert.checkIssued(cert);
    return {
      // Of a root from before there were extensions everybody takes what it signed.
      kind: cert.ca || (selfIssued && isVersion1(cert.raw) && verifiesItself(cert)) ? 'ca' : 'leaf',
      subject: oneLine(cert.subject),
      sans: sansOf(cert.subjectAltName),
      issuer: oneLine(cert.issuer),
      selfIssued,
      serial: cert.serialNumber,
      ...(pin !== undefined && { pin }),
      fingerprint: createHash('sha256').update(cert.raw).digest('hex'),
      begins,
      ends,
    };
  } catch (error) {
    return { says: `is no certificate (${reasonOf(error)})` };
  }
}

function verifiesItself(cert: X509Certificate): boolean {
  try {
    return cert.verify(cert.publicKey);
  } catch {
    return false;
  }
}

function pinOf(cert: X509Certificate): string | undefined {
  try {
    return createHash('sha256')
      .update(cert.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex');
  } catch {
    return undefined;
  }
}

/** `O=a\nCN=b` → `O=a, CN=b`; nothing that moves a terminal or a page. */
function oneLine(name: string | undefined): string {
  return (name ?? '')
    .split('\n')
    .join(', ')
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
    .slice(0, 300);
}

const MOST_NAMES = 100;

/** Names that hold a comma come in quotes. */
function sansOf(text: string | undefined): string[] {
  const names = (text ?? '').match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return names
    .slice(0, MOST_NAMES)
    .map((name) => oneLine(name.trim()))
    .filter(Boolean);
}

/** OpenSSL's own words behind its numbers: `wrong tag`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(':').at(-1) || message).replace(/\p{Cc}/gu, ' ').slice(0, 80);
}
