import { X509Certificate } from 'node:crypto';

/** Whether this authority signed this certificate: by the signature, never by the names alone. Both PEM; what cannot be read is no. */
export function isSignedBy(child: string, authority: string): boolean {
  try {
    const [signed, parent] = [new X509Certificate(child), new X509Certificate(authority)];
    return signed.checkIssued(parent) && signed.verify(parent.publicKey);
  } catch {
    return false;
  }
}
