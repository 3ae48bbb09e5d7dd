import { z } from 'zod';

/** One certificate in a file of a host, as it was read. */
export interface Seen {
  path: string;
  /** Which block of the file, from 0. */
  block: number;
  ca: boolean;
  subject: string;
  issuer: string;
  serial: string;
  /** SHA-256 of its public key (SPKI), hex: what tells two authorities of one name apart. */
  pin: string;
  /** SHA-256 of the whole certificate, hex. */
  fingerprint: string;
  /** Subject alternative names, `DNS:shop.example.org`. */
  names: readonly string[];
  /** Its beginning and its end, ms. */
  begins: number;
  until: number;
  /** Whether the private key beside it is its own; absent = there is none, or nobody could look. */
  keyMatches?: boolean;
  pem: string;
}

/** How one or several leaves are renewed, all of them by this at once. */
const Renewal = z.object({
  kind: z.enum(['kubeadm', 'certbot', 'script']),
  /** Of a script its name with its hash: exactly the text that was approved is run. */
  words: z.array(z.string()),
  /** For people: `kubeadm certs renew apiserver`. */
  says: z.string(),
});
export type Renewal = z.infer<typeof Renewal>;

/** What has the new certificate served. */
const Reload = z.object({
  kind: z.enum(['nginx', 'haproxy', 'unit', 'static-pod', 'script']),
  words: z.array(z.string()),
  says: z.string(),
});
export type Reload = z.infer<typeof Reload>;

/** Where a leaf is served, to be looked at from here. */
const Listener = z.object({
  /** As the host calls it. */
  port: z.number(),
  host: z.string(),
  at: z.number(),
  name: z.string().optional(),
  starttls: z.enum(['postgres', 'smtp']).optional(),
});

const Leaf = z.object({
  path: z.string(),
  /** Short, for people: `apiserver`. */
  name: z.string(),
  subject: z.string(),
  issuer: z.string(),
  serial: z.string(),
  pin: z.string(),
  fingerprint: z.string(),
  names: z.array(z.string()),
  until: z.number(),
  /** Key of the authority that signed it, where that is on the host. Its own = signed by itself. */
  signedBy: z.string().optional(),
  /** What it calls the key of its authority by (authorityKeyIdentifier), hex: all there is to go by where the authority is nowhere on the host. */
  authorityKey: z.string().optional(),
  /** The private key beside it was seen to be its own. Plans of before know it not. */
  keyMatches: z.boolean().optional(),
  listeners: z.array(Listener),
});
export type Leaf = z.infer<typeof Leaf>;

const Authority = z.object({
  path: z.string(),
  pin: z.string(),
  subject: z.string(),
  /** File of its private key, where one was found on the host. */
  key: z.string().optional(),
});
export type Authority = z.infer<typeof Authority>;

const HostRotation = z.object({
  /** Those that are renewed. */
  leaves: z.array(Leaf),
  /** Leaves that are left as they are, one line each. */
  left: z.array(z.string()),
  /** Every authority on the host, by the pin of its key: none of them may be another one afterwards. */
  authorities: z.array(Authority),
  renewals: z.array(Renewal),
  reloads: z.array(Reload),
  /** Files that are kept before, and are to be as they were where anything goes wrong. */
  keep: z.array(z.string()),
});
export type HostRotation = z.infer<typeof HostRotation>;

/** Frozen with the plan: what was approved is what is renewed. */
export const RotateParams = z.object({
  /** As typed: `apiserver`. */
  cert: z.string().optional(),
  /** Unless one was named, leaves that end within so many domain ms are renewed. */
  within: z.number(),
  hosts: z.record(z.string(), HostRotation),
  /** Host → why nothing is done there. */
  nothing: z.record(z.string(), z.string()),
});
export type RotateParams = z.infer<typeof RotateParams>;

/** What the plan says of one host. Throws (a fault of ours) for one that it does not name. */
export function rotationOf(host: string, { hosts }: RotateParams): HostRotation {
  const plan = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
  if (!plan) throw new Error(`the plan names no certificates of ${host}`);
  return plan;
}
