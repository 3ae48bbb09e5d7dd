import { beforeAll, describe, expect, test } from 'vitest';
import { rotateCerts } from '../../../jobs/rotate-certs.ts';
import { DEFAULTS, type Defaults } from '../../../src/config/defaults.ts';
import { type PlanOf, planHost } from '../../../src/fleet/certificates/plan-host.ts';
import { isPubliclySigned } from '../../../src/fleet/certificates/public-chain.ts';
import { rotationLines, sayRotation } from '../../../src/fleet/certificates/say.ts';
import type { HostRotation, Seen } from '../../../src/fleet/certificates/shapes.ts';
import type { ChangeJob } from '../../../src/jobs.ts';
import { issue, type Pair } from '../../../src/sandbox/certificates/authority.ts';
import { authority, leafOf, NOW, PKI, seen } from './some-pki.ts';

const DAY = 86_400_000;
let ca: Pair;
let expired: Pair;
let fresh: Pair;
beforeAll(async () => {
  ca = await authority();
  [expired, fresh] = await Promise.all([leafOf(ca, -61), leafOf(ca, 200)]);
});

const plan = (all: readonly Seen[], more: Partial<PlanOf> = {}): HostRotation => {
  const made = planHost({ host: 'kyousuke', seen: all, keys: new Map(), served: [], profiles: {}, scripts: {}, within: 30 * DAY, now: NOW, ...more });
  if ('nothing' in made) throw new Error(`nothing: ${made.nothing}`);
  return made;
};
const nothing = (all: readonly Seen[], more: Partial<PlanOf> = {}): string => {
  const made = planHost({ host: 'kyousuke', seen: all, keys: new Map(), served: [], profiles: {}, scripts: {}, within: 30 * DAY, now: NOW, ...more });
  return 'nothing' in made ? made.nothing : 'something';
};

describe('a plan for one host', () => {
  test('says of each file whether it is renewed, left, or an authority that stays, with its key and its end', () => {
    const here = [seen(`${PKI}/apiserver.crt`, expired.cert), seen(`${PKI}/ca.crt`, ca.cert), seen(`${PKI}/front-proxy-client.crt`, fresh.cert)];
    const made = plan(here);
    expect(sayRotation(made, NOW)).toBe('1 leaf expired 61 d ago, 0 CAs will change: kubeadm certs renew apiserver');
    expect(rotationLines(made, NOW)).toEqual([
      expect.stringMatching(
        /^LEAF renew \/etc\/kubernetes\/pki\/apiserver\.crt: expired 61 d ago, key [0-9a-f]{12}, issuer CN=kubernetes, served nowhere known$/,
      ),
      expect.stringMatching(/^CA untouched \/etc\/kubernetes\/pki\/ca\.crt: CN=kubernetes, key [0-9a-f]{12}$/),
      'LEAF left /etc/kubernetes/pki/front-proxy-client.crt: ends in 200 d, not due',
    ]);
    // What an authority could be written over with is kept as well.
    expect(made.keep).toEqual(expect.arrayContaining([`${PKI}/ca.crt`, `${PKI}/ca.key`, `${PKI}/apiserver.key`]));
  });

  test('renews each leaf of a control plane by itself, and has each static pod read it once, one after the other', () => {
    const here = ['apiserver', 'apiserver-kubelet-client', 'etcd/server'].map((name) => seen(`${PKI}/${name}.crt`, expired.cert));
    const made = plan([...here, seen(`${PKI}/ca.crt`, ca.cert)]);
    expect(made.renewals.map(({ words }) => words)).toEqual([['apiserver'], ['apiserver-kubelet-client'], ['etcd-server']]);
    expect(made.reloads.map(({ words }) => words[0])).toEqual(['kube-apiserver', 'etcd']);
    const params = { within: 0, hosts: { kyousuke: made }, nothing: {} };
    const defaults = Object.fromEntries(Object.entries(DEFAULTS).map(([name, { value }]) => [name, value])) as unknown as Defaults;
    expect((rotateCerts as ChangeJob).pace?.(defaults, params)).toMatchObject({ first: [1], hosts: 1, site: 1 });
  });

  test('gives a listener to the leaf that it shows, not to another one for the same name; what is in no file any more is told by the name', async () => {
    const [peer, older] = await Promise.all([leafOf(ca, -61), leafOf(ca, -300)]);
    const here = [seen(`${PKI}/etcd/server.crt`, expired.cert), seen(`${PKI}/etcd/peer.crt`, peer.cert)];
    const shows = (port: number, { cert }: Pair) => ({ listener: { port, host: '127.0.0.1', at: port }, ...seen('', cert) });
    const ports = (all: readonly Seen[], ...served: PlanOf['served'][number][]) =>
      plan(all, { served }).leaves.map(({ listeners }) => listeners.map(({ port }) => port));
    expect(ports(here, shows(2379, expired), shows(2380, peer))).toEqual([[2379], [2380]]);
    expect(ports(here.slice(0, 1), shows(2379, older))).toEqual([[2379]]);
  });

  test('freezes what a leaf is judged by where its authority is nowhere on the host, and whether its key was there', () => {
    const [leaf] = plan([seen(`${PKI}/apiserver.crt`, expired.cert, expired.key)]).leaves;
    expect(leaf).toMatchObject({ authorityKey: expect.stringMatching(/^[0-9a-f]{40}$/), keyMatches: true });
    expect(leaf).not.toHaveProperty('signedBy');
  });

  test('does nothing where nothing is due, and says what is next and how it is renewed all the same', () => {
    expect(nothing([seen(`${PKI}/apiserver.crt`, fresh.cert), seen(`${PKI}/ca.crt`, ca.cert)])).toBe(
      `none of its leaves is due; the first is ${PKI}/apiserver.crt, which ends in 200 d ("cert NAME" renews one all the same)`,
    );
    expect(nothing([], { cert: 'apiserver' })).toBe('no certificate was found on it');
  });

  test.each(['apiserver', 'apiserver.crt', `${PKI}/apiserver.crt`, 'pki/apiserver'])('renews what is named, due or not: %s', (cert) => {
    const made = plan([seen(`${PKI}/apiserver.crt`, fresh.cert), seen(`${PKI}/front-proxy-client.crt`, expired.cert)], { cert });
    expect(made.leaves.map(({ path }) => path)).toEqual([`${PKI}/apiserver.crt`]);
    expect(made.left).toEqual([`LEAF left ${PKI}/front-proxy-client.crt: expired 61 d ago, not asked for`]);
  });
});

describe('an authority in the set refuses all of it, by name', () => {
  test.each(['ca', 'ca.crt', `${PKI}/ca.crt`])('named as %s', (cert) => {
    expect(() => plan([seen(`${PKI}/ca.crt`, ca.cert)], { cert })).toThrow(
      /^\/etc\/kubernetes\/pki\/ca\.crt on kyousuke is a certificate authority \(CA:TRUE, CN=kubernetes, key [0-9a-f]{12}\): .*"rotate ca"/,
    );
  });

  test('a leaf with its authority in the same file, too, named or due', () => {
    const file = '/etc/nginx/tls/shop.crt';
    const both = [seen(file, expired.cert), { ...seen(file, ca.cert), block: 1 }];
    expect(() => plan(both)).toThrow(`${file} on kyousuke has in it a certificate authority (CA:TRUE`);
    expect(() => plan(both, { cert: 'shop' })).toThrow('nothing was begun');
  });

  test('but not the one that a kubeconfig trusts, which its renewal leaves as it is', () => {
    const file = '/etc/kubernetes/admin.conf';
    const made = plan([seen(file, expired.cert), { ...seen(file, ca.cert), block: 1 }]);
    expect(made.renewals).toEqual([{ kind: 'kubeadm', words: ['admin.conf'], says: 'kubeadm certs renew admin.conf' }]);
    expect(made.authorities).toEqual([expect.objectContaining({ path: file })]);
  });
});

test('a leaf that nothing is known to renew is refused by name when it is all there is, and left when there is more', () => {
  const strange = seen('/opt/app/tls.crt', expired.cert);
  expect(() => plan([strange])).toThrow('Nothing is known that renews /opt/app/tls.crt on kyousuke (expired 61 d ago)');
  expect(plan([strange, seen(`${PKI}/apiserver.crt`, expired.cert)]).left).toEqual([
    'LEAF left /opt/app/tls.crt: expired 61 d ago, nothing is known that renews it',
  ]);
});

test('a profile says what renews a file, by the very text that was approved, and what reads it follows from where it stands', () => {
  const file = '/etc/haproxy/tls/www.crt';
  const profiles = { www: { hosts: '@web', provider: 'files' as const, files: [file], renew: 'renew-www' } };
  const made = plan([seen(file, expired.cert)], { profiles, scripts: { 'renew-www': { sha256: 'abc' } } });
  expect(made.renewals).toEqual([{ kind: 'script', words: ['renew-www@abc'], says: 'www (the script renew-www)' }]);
  expect(made.reloads).toEqual([{ kind: 'haproxy', words: [], says: 'haproxy reloaded' }]);
});

test('a lineage of certbot is one thing: its leaf is renewed by its name, with its chain and settings kept', () => {
  const live = '/etc/letsencrypt/live/shop.example.org';
  const made = plan([seen(`${live}/cert.pem`, expired.cert), seen(`${live}/chain.pem`, ca.cert), seen(`${live}/fullchain.pem`, expired.cert)]);
  expect(made.renewals).toEqual([{ kind: 'certbot', words: ['shop.example.org'], says: 'certbot renew --cert-name shop.example.org' }]);
  expect(made.keep).toEqual(expect.arrayContaining([`${live}/privkey.pem`, `${live}/chain.pem`, '/etc/letsencrypt/renewal/shop.example.org.conf']));
});

test('the chain that certbot fetched holds when it leads to a root, whichever key of its authority signed this time', async () => {
  const live = '/etc/letsencrypt/live/shop.example.org';
  const [root, other] = await Promise.all([authority('CN=root'), authority('CN=root')]);
  const made = await issue(root, { subject: 'CN=shop', dns: ['shop.example.org'], for: 'server', from: NOW - DAY, until: NOW + 90 * DAY });
  const leaf = seen(`${live}/cert.pem`, made.cert);
  expect(isPubliclySigned(leaf, [leaf], [root.cert])).toBe(true);
  expect(isPubliclySigned(leaf, [leaf, seen(`${live}/chain.pem`, root.cert)], [other.cert])).toBe(false);
  // An authority of a chain elsewhere is no proof.
  expect(isPubliclySigned(leaf, [leaf, seen('/etc/nginx/chain.pem', root.cert)], [other.cert])).toBe(false);
});
