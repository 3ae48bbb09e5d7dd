import type { Reload, Renewal } from './shapes.ts';

/** How a leaf that stands where its tool put it is renewed, and what serves it. */
export interface Renewer {
  /** What people call it: `apiserver`. */
  name: string;
  renewal: Renewal;
  reloads: Reload[];
  /** Further files that its renewal writes or reads: kept, and put back with it. */
  keep: string[];
}

/**
 * The tool that a file belongs to by where it stands: kubeadm's leaves, and the lineages of certbot. `undefined` = nobody's we
 * know; a profile of the configuration says what renews it.
 */
export function renewerByPlace(path: string): Renewer | undefined {
  const kubeadm = KUBEADM[path];
  if (kubeadm) return byKubeadm(path, ...kubeadm);
  const [, lineage] = /^\/etc\/letsencrypt\/live\/([A-Za-z0-9._-]+)\/cert\.pem$/.exec(path) ?? [];
  return lineage === undefined ? undefined : byCertbot(lineage);
}

/** A certbot lineage brings the chain of its authority anew: these are no trust of this host's own. */
export const isLineageChain = (path: string): boolean => /^\/etc\/letsencrypt\/(live|archive)\/[^/]+\/(full)?chain\d*\.pem$/.test(path);

/** The leaf of such a lineage, by itself. */
export const isLineageLeaf = (path: string): boolean => /^\/etc\/letsencrypt\/live\/[^/]+\/cert\.pem$/.test(path);

const PKI = '/etc/kubernetes/pki';

/** Path → kubeadm's name of it, and the static pods that read it. */
const KUBEADM: Record<string, readonly [name: string, pods: readonly string[]]> = {
  [`${PKI}/apiserver.crt`]: ['apiserver', ['kube-apiserver']],
  [`${PKI}/apiserver-kubelet-client.crt`]: ['apiserver-kubelet-client', ['kube-apiserver']],
  [`${PKI}/apiserver-etcd-client.crt`]: ['apiserver-etcd-client', ['kube-apiserver']],
  [`${PKI}/front-proxy-client.crt`]: ['front-proxy-client', ['kube-apiserver']],
  [`${PKI}/etcd/server.crt`]: ['etcd-server', ['etcd']],
  [`${PKI}/etcd/peer.crt`]: ['etcd-peer', ['etcd']],
  [`${PKI}/etcd/healthcheck-client.crt`]: ['etcd-healthcheck-client', ['etcd']],
  '/etc/kubernetes/admin.conf': ['admin.conf', []],
  '/etc/kubernetes/super-admin.conf': ['super-admin.conf', []],
  '/etc/kubernetes/controller-manager.conf': ['controller-manager.conf', ['kube-controller-manager']],
  '/etc/kubernetes/scheduler.conf': ['scheduler.conf', ['kube-scheduler']],
};

/** Wall seconds a manifest is away: the kubelet looks every 20 s, and then ends the pod. */
const AWAY = 25;

function byKubeadm(path: string, name: string, pods: readonly string[]): Renewer {
  return {
    name,
    renewal: { kind: 'kubeadm', words: [name], says: `kubeadm certs renew ${name}` },
    reloads: pods.map((pod) => ({ kind: 'static-pod', words: [pod, String(AWAY)], says: `static pod ${pod}` })),
    keep: path.endsWith('.conf') ? [] : [keyBeside(path)],
  };
}

function byCertbot(lineage: string): Renewer {
  const live = `/etc/letsencrypt/live/${lineage}`;
  return {
    name: lineage,
    renewal: { kind: 'certbot', words: [lineage], says: `certbot renew --cert-name ${lineage}` },
    reloads: [],
    keep: [...['cert', 'privkey', 'chain', 'fullchain'].map((file) => `${live}/${file}.pem`), `/etc/letsencrypt/renewal/${lineage}.conf`],
  };
}

/** `/etc/nginx/tls/shop.crt` → the private key that stands beside it by custom. */
export const keyBeside = (path: string): string => path.replace(/\.(crt|pem|cer)$/, '.key');
