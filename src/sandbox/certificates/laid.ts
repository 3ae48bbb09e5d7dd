/** Which certificates stand where in `@kaza` before anybody touches them: kyousuke the master, three nodes, mio the database. */

/** A leaf that the one authority of the cluster signed. */
export interface LaidLeaf {
  host: string;
  path: string;
  subject: string;
  dns?: readonly string[];
  ip?: readonly string[];
  for: 'server' | 'client';
  /** Days from the first start to its end; negative = ended so long before. */
  days: number;
  /** Where it is served, as the host calls the port. */
  serves?: { port: number; starttls?: 'postgres' };
  /** The authority stands behind it in the same file. */
  chain?: true;
  /** A kubeconfig that carries it, and the authority, in base64. */
  kubeconfig?: true;
}

/** A name, and the number of days an authority of ten years has behind it. */
export const AUTHORITY = { subject: 'CN=kubernetes', began: 430, days: 3_220 };

/** Where the authority stands; only the master has its key. */
export const AUTHORITY_AT: readonly { host: string; path: string; key?: true }[] = [
  { host: 'kyousuke', path: '/etc/kubernetes/pki/ca.crt', key: true },
  ...['masato', 'kengo', 'riki'].map((host) => ({ host, path: '/etc/kubernetes/pki/ca.crt' })),
  { host: 'mio', path: '/etc/ssl/certs/kaza-ca.crt' },
];

const kubelet = (host: string, days: number): LaidLeaf => ({
  host,
  path: '/var/lib/kubelet/pki/kubelet.crt',
  subject: `O=system:nodes, CN=system:node:${host}`,
  dns: [host],
  ip: ['127.0.0.1'],
  for: 'server',
  days,
  serves: { port: 10250 },
});

export const LEAVES: readonly LaidLeaf[] = [
  {
    host: 'kyousuke',
    path: '/etc/kubernetes/pki/apiserver.crt',
    subject: 'CN=kube-apiserver',
    dns: ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kyousuke'],
    ip: ['10.96.0.1', '127.0.0.1'],
    for: 'server',
    days: -61,
    serves: { port: 6443 },
  },
  {
    host: 'kyousuke',
    path: '/etc/kubernetes/pki/apiserver-kubelet-client.crt',
    subject: 'O=system:masters, CN=kube-apiserver-kubelet-client',
    for: 'client',
    days: 304,
  },
  { host: 'kyousuke', path: '/etc/kubernetes/admin.conf', subject: 'O=system:masters, CN=kubernetes-admin', for: 'client', days: 304, kubeconfig: true },
  kubelet('kyousuke', 304),
  kubelet('masato', 187),
  kubelet('kengo', 187),
  kubelet('riki', 188),
  {
    host: 'masato',
    path: '/etc/nginx/tls/shop.crt',
    subject: 'CN=shop.kaza.example.org',
    dns: ['shop.kaza.example.org'],
    for: 'server',
    days: 83,
    serves: { port: 443 },
    chain: true,
  },
  {
    host: 'mio',
    path: '/etc/postgresql/15/main/server.crt',
    subject: 'CN=mio',
    dns: ['mio', 'db.kaza.example.org'],
    ip: ['127.0.0.1'],
    for: 'server',
    days: 120,
    serves: { port: 5432, starttls: 'postgres' },
  },
];

/** `/etc/kubernetes/pki/apiserver.crt` → its private key beside it. */
export const keyPathOf = (path: string): string => path.replace(/\.[a-z]+$/, '.key');
