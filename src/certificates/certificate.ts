/** One certificate, by itself. Times in milliseconds since 1970, hashes in lower-case hex. */
export interface Certificate {
  /**
   * By basicConstraints: whoever may sign others is an authority, whatever it is called. Where they are missing, one that signed itself
   * is an authority when it is of X.509 version 1, or signed another one on the same host.
   */
  kind: 'leaf' | 'ca';
  /** One line: `O=system:nodes, CN=system:node:kengo`. */
  subject: string;
  /** `DNS:kubernetes`, `IP Address:127.0.0.1`. */
  sans: string[];
  issuer: string;
  /** It names itself as its issuer, and its key fits. */
  selfIssued: boolean;
  /** Hex, as openssl prints it. */
  serial: string;
  /** SHA-256 of its public key (SubjectPublicKeyInfo, DER), as kubeadm pins an authority; absent where the kind of key is not known here. */
  pin?: string;
  /** SHA-256 of all of it. */
  fingerprint: string;
  begins: number;
  ends: number;
}

/** Where a certificate was found on a host. */
export interface Held extends Certificate {
  /** The file, with `#field` behind it in a kubeconfig; `tls://host:port` when it is served and in none of the files. */
  path: string;
  /** Which block of the file, from 0. */
  n: number;
  /** An authority stands in the same file. */
  trust: boolean;
  owner?: string;
  /** Octal digits: `644`. */
  mode?: string;
  /** Seconds since 1970. */
  mtime?: number;
  /** Where a symbolic link leads. */
  link?: string;
  /** Whether the private key beside it is its own; absent = there is none, or nobody could look. */
  key?: 'match' | 'mismatch';
  /** Ports on which it is served. */
  servedOn: number[];
}

/** What a listener showed, or why nothing was seen. */
export interface Seen {
  port: number;
  /** Where it was asked: `127.0.0.1:31000`. */
  address: string;
  name?: string;
  fingerprint?: string;
  wrong?: string;
}

/** Everything that was found on one host by one look. */
export interface HostCertificates {
  held: Held[];
  /** Files, or blocks of files, that are no certificates though they say so. */
  wrong: { path: string; says: string }[];
  /** Files and folders the login may not read. */
  unread: string[];
  seen: Seen[];
  /** There was more than one answer holds. */
  more: boolean;
  /** The look as root did not come to its end, though it may: what only root sees is not in it. */
  part?: boolean;
}

/** Whole days until it ends by domain time `now`; negative once it has: -61 = it ended 61 days ago. */
export const daysLeft = (ends: number, now: number): number => Math.trunc((ends - now) / DAY) + 0;

/** What people call it: the common name, else the first name it is for. */
export function nameOf({ subject, sans }: Pick<Certificate, 'subject' | 'sans'>): string {
  return /(?:^|, )CN=([^,]+)/.exec(subject)?.[1] ?? sans[0]?.replace(/^[A-Za-z ]+:/, '') ?? (subject || 'without a name');
}

const DAY = 86_400_000;
