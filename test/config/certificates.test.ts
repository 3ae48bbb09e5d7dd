import { expect, test } from 'vitest';
import { load, problemsOf } from './folder.ts';

const HOSTS = 'hosts:\n  web01:\n  lb01:\npeople:\n  ada:\ngroups:\n  web: { hosts: web01, owner: ada }\n';

test('certificates: says where else they stand and are served, who is told, and how leaves are renewed', async () => {
  const { config } = await load(`${HOSTS}certificates:
  paths: [{ hosts: "@web", paths: /opt/tls }]
  listeners: [{ hosts: lb01, port: 443, address: "www.example.org:443", name: www.example.org }, { hosts: web01, port: 5432, starttls: postgres }]
  owners: [{ hosts: lb01, person: ada }, { hosts: "@all", service: web }]
  profiles: { cluster: { hosts: "@web", provider: kubeadm } }
`);
  expect(config.certificates).toMatchObject({
    paths: [{ hosts: '@web', paths: ['/opt/tls'] }],
    listeners: [{ address: 'www.example.org:443' }, { starttls: 'postgres' }],
    owners: [{ person: 'ada' }, { service: 'web' }],
    profiles: { cluster: { provider: 'kubeadm' } },
  });
});

test.each([
  ['paths: [{ hosts: "@nosuch", paths: /opt }]', '9:20: `certificates.paths[1].hosts` '],
  ['paths: [{ hosts: "@web", paths: opt/tls }]', '9:35: `certificates.paths[1].paths`'],
  ['listeners: [{ hosts: web01, port: 0 }]', '9:37: `certificates.listeners[1].port` must be a port'],
  ['listeners: [{ hosts: web01, port: 1, address: "www" }]', '9:49: `certificates.listeners[1].address` is no address with a port'],
  ['listeners: [{ hosts: web01, port: 1, starttls: ftp }]', '9:50: `certificates.listeners[1].starttls` must be `postgres` or `smtp`'],
  ['owners: [{ hosts: web01 }]', '9:12: `certificates.owners[1]` needs either `service` or `person`'],
  ['owners: [{ hosts: web01, person: adda }]', '9:36: `certificates.owners[1].person`: nobody under `people` is called `adda`; did you mean `ada`?'],
  [
    'owners: [{ hosts: web01, service: wep }]',
    '9:37: `certificates.owners[1].service`: nobody answers for `wep`: it is none of `services`; did you mean `web`?',
  ],
  ['profiles: { a: { hosts: web01, provider: files } }', '9:15: `certificates.profiles.a` needs `files` and `renew`'],
  [
    'profiles: { a: { hosts: web01, provider: kubeadm, renew: x } }',
    '9:60: `certificates.profiles.a.renew` names the script "x", which is not under `scripts`',
  ],
  ['profiles: { a: { hosts: web01, provider: acme } }', '9:44: `certificates.profiles.a.provider` must be `kubeadm`, `certbot` or `files`'],
])('certificates: %s is refused with its place', async (entry, says) => {
  const found = await problemsOf(`${HOSTS}certificates:\n  ${entry}\n`);
  expect(found[0]).toContain(says);
});

test('certificates: a script that could write an authority is refused for a leaf, with its place, the line in it, and why', async () => {
  const scripts = 'scripts: { renew: { file: renew.sh, risk: change, root: true }, fine: { file: fine.sh, risk: change } }\n';
  const profile = (renew: string): string =>
    `${HOSTS}${scripts}certificates:\n  profiles: { shop: { hosts: web01, provider: files, files: /etc/nginx/tls/shop.crt, renew: ${renew}, reload: fine } }\n`;
  const beside = {
    'renew.sh': '# holdfast:renew v1\nset -e\n# anew:\nrm -rf /etc/kubernetes/pki && kubeadm init phase certs all\n',
    'fine.sh': '# holdfast:fine v1\nacme-client shop.example.org\n',
  };
  const [found] = await problemsOf(profile('renew'), beside);
  expect(found).toMatch(
    /10:\d+: `certificates\.profiles\.shop\.renew` names the script `renew`, which may not be run for a leaf: kubeadm init phase certs makes a new/,
  );
  expect(found).toContain('("rm -rf /etc/kubernetes/pki && kubeadm init phase certs all")');
  expect((await load(profile('fine'), beside)).config.certificates.profiles['shop']).toMatchObject({ renew: 'fine' });
});
