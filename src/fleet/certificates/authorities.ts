import type { Card } from '../../chat/card.ts';
import { foldSome } from '../target/fold-some.ts';
import { short } from './judge.ts';
import type { FoundAuthorities, FoundAuthority } from './look-for-authorities.ts';
import { sayEnd } from './say.ts';

/** What `rotate ca` answers: what hangs on each authority, and the way that has no outage in it. */
export function authoritiesCard({ authorities, unknown, hosts }: FoundAuthorities, now: number): Card {
  if (authorities.length === 0) {
    return {
      title: `No certificate authority of your own was found on ${hosts === 1 ? 'this host' : `these ${hosts} hosts`}`,
      tone: 'quiet',
      body: [...sayUnknown(unknown), 'Nothing was changed: "rotate ca" never does.'],
    };
  }
  const rows = authorities.flatMap(rowsOf);
  const count = authorities.length === 1 ? '1 certificate authority' : `${authorities.length} certificate authorities`;
  return {
    title: `"rotate ca" changes nothing, ever. ${count}, and what a new one would invalidate`,
    tone: 'attention',
    body: [...authorities.flatMap((one) => says(one, now)), ...sayUnknown(unknown), ...OVERLAP],
    table: { columns: COLUMNS, rows: rows.slice(0, ROWS) },
    ...(rows.length > ROWS && { attachment: { name: 'authorities.tsv', text: [COLUMNS, ...rows].map((row) => row.join('\t')).join('\n') } }),
  };
}

/** More rows than a person reads; the rest is in the attachment. */
const ROWS = 40;
const COLUMNS = ['authority', 'host', 'file', 'what it is'];

/** The order matters: first everybody trusts both, then everything is signed anew, then nobody trusts the old one. */
const OVERLAP: readonly string[] = [
  'An authority is never swapped, it is overlapped, over days:',
  '1. A backup of its key and certificate, read back, in two places; two people besides whoever does it; the name of the host and of the authority typed, not picked.',
  '2. Make the new authority beside the old one, with another name or serial: same names are how outage 3 went unseen.',
  '3. Everybody trusts both: old and new in every file above that is "trusted", and in every kubeconfig. Nothing is signed by the new one yet.',
  '4. What serves and what asks reads its trust again, one host at a time. Every client is seen to accept both.',
  '5. Leaves are signed by the new one, one at a time ("rotate certs … cert NAME"), then kubeconfigs and join tokens.',
  '6. Only when no leaf of the old one is served any more is it taken out of the files of trust, one host at a time.',
  '"rotate ca rehearse" in the sandbox (`npm start`) goes through it with real keys on a copy, first as in outage 3 and then like this.',
];

function says({ pin, subject, until, trusted, keys, signed }: FoundAuthority, now: number): string[] {
  const hosts = (all: readonly { host: string }[]): string => foldSome([...new Set(all.map(({ host }) => host))], 60);
  const configs = signed.filter(({ kubeconfig }) => kubeconfig);
  const leaves = signed.length - configs.length;
  const kubernetes = trusted.some(({ path }) => path.startsWith('/etc/kubernetes/'));
  return [
    `${subject}, key ${short(pin)}, ${sayEnd(until, now)}; its private key lies ${keys.length === 0 ? 'on none of these hosts' : `on ${hosts(keys)}`}`,
    `a new one would make worthless at once: ${sayCount(leaves, 'leaf', 'leaves')}${leaves > 0 ? ` on ${hosts(signed)}` : ''}, ${sayCount(configs.length, 'kubeconfig', 'kubeconfigs')}; trusted in ${sayCount(trusted.length, 'file', 'files')} on ${hosts(trusted)}`,
    ...(kubernetes
      ? [
          `of the cluster besides: join tokens that pin sha256:${pin.slice(0, 16)}…, the kubelets’ own certificates, the copies in cluster-info and kube-root-ca.crt of every namespace, kubeconfigs people carry; tokens of service accounts are signed by sa.key and stay`,
        ]
      : []),
  ];
}

function rowsOf({ subject, pin, trusted, keys, signed }: FoundAuthority): string[][] {
  const name = `${subject} ${short(pin)}`;
  return [
    ...keys.map(({ host, path }) => [name, host, path, 'its private key']),
    ...signed.map(({ host, path, subject: of, kubeconfig }) => [name, host, path, `${kubeconfig ? 'kubeconfig' : 'leaf'} of ${of}`]),
    ...trusted.map(({ host, path }) => [name, host, path, 'trusted']),
  ];
}

/** One document, stable; docs/json.md. */
export const authoritiesJson = ({ authorities, unknown }: FoundAuthorities, now: number) => ({
  authorities: authorities.map(({ pin, subject, until, trusted, keys, signed }) => ({
    pin,
    subject,
    ends: new Date(until).toISOString(),
    expired: until <= now,
    keys,
    trusted,
    invalidates: signed.map(({ host, path, subject: of, until: ends, kubeconfig }) => ({
      ...{ host, path, subject: of, ends: new Date(ends).toISOString() },
      kind: kubeconfig ? 'kubeconfig' : 'leaf',
    })),
  })),
  unknown,
});

const sayUnknown = (unknown: FoundAuthorities['unknown']): string[] =>
  unknown.length === 0
    ? []
    : [
        `what stands on ${foldSome(
          unknown.map(({ host }) => host),
          60,
        )} is in none of these lists: ${unknown[0]?.why ?? ''}`,
      ];

const sayCount = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
