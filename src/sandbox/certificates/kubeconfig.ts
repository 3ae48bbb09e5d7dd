import { stringify } from 'yaml';
import type { Pair } from './authority.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** As kubeadm writes admin.conf: the authority, the certificate and its key stand in it. */
export function kubeconfig(server: string, ca: string, { cert, key }: Pair): string {
  return stringify(
    {
      apiVersion: 'v1',
      clusters: [{ cluster: { 'certificate-authority-data': base64(ca), server: `https://${server}:6443` }, name: 'kaza' }],
      contexts: [{ context: { cluster: 'kaza', user: 'kubernetes-admin' }, name: 'kubernetes-admin@kaza' }],
      'current-context': 'kubernetes-admin@kaza',
      kind: 'Config',
      users: [{ name: 'kubernetes-admin', user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    },
    { lineWidth: 0 },
  );
}
