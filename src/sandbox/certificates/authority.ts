import { createPrivateKey, type webcrypto } from 'node:crypto';
import { loadX509 } from './x509.ts';

/** A certificate with its private key, both PEM. */
export interface Pair {
  cert: string;
  key: string;
}

/** What a leaf is to say. Wall times, milliseconds. */
export interface Wanted {
  /** Distinguished name: `CN=kube-apiserver`. */
  subject: string;
  dns?: readonly string[];
  ip?: readonly string[];
  /** What it may be used for. */
  for: 'server' | 'client';
  from: number;
  until: number;
}

/** A new authority that signs leaves and nothing else, of elliptic curve keys: those of RSA take a second. */
export async function newAuthority(subject: string, from: number, until: number): Promise<Pair> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const { BasicConstraintsExtension, KeyUsagesExtension, KeyUsageFlags, SubjectKeyIdentifierExtension } = x509;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: subject,
    notBefore: new Date(from),
    notAfter: new Date(until),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

/** A leaf with a new key, signed by the authority. */
export async function issue(authority: Pair, wanted: Wanted): Promise<Pair> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const ca = new x509.X509Certificate(authority.cert);
  const names = [
    ...(wanted.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(wanted.ip ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const { ExtendedKeyUsage, KeyUsageFlags } = x509;
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: wanted.subject,
    issuer: ca.subject,
    notBefore: new Date(wanted.from),
    notAfter: new Date(wanted.until),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await privateKeyOf(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([wanted.for === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Positive and of full length in DER: the first bit is clear, the next is set. */
function newSerial(): string {
  const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(8)));
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string;
}

function privateKeyOf(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}
