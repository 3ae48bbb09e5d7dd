import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rotateCerts } from '../../../jobs/rotate-certs.ts';
import { openSsh } from '../../../src/fleet/ssh/open.ts';
import type { Ssh } from '../../../src/fleet/ssh/transport.ts';
import type { ChangeJob } from '../../../src/jobs.ts';
import { noHost, present } from '../../patch/host-root.ts';
import { LIMITS } from '../ssh/hosts.ts';
import { noSshd } from '../ssh/sshd.ts';
import { LEAF, named, type Shop, shop } from './a-shop.ts';
import { carried, planned, type Rotation, rotation } from './carried.ts';

/** Debian's own nginx and openssl on a host of its own, over a real sshd; the scripts are those that are shipped. */
const lacking = noHost ?? noSshd ?? ['nginx', 'openssl', 'tar'].map((tool) => (present(tool) ? undefined : `no ${tool} here`)).find(Boolean);
if (lacking) console.warn(`skipped: ${lacking}`);

describe.skipIf(lacking)(`a real nginx with a PKI that openssl made${lacking ? ` (skipped: ${lacking})` : ''}`, { timeout: 60_000 }, () => {
  let here: Shop;
  let ssh: Ssh;
  const scripts = named({
    'renew-shop': 'sign-shop 365\necho renewed\n',
    'renew-trap': 'vendor-renew\n',
    'renew-broken': 'echo "-----BEGIN PRIVATE KEY-----"\necho secret\necho "-----END PRIVATE KEY-----"\necho "the registry is closed today"\nexit 3\n',
    'reload-trap': 'new-authority\nnginx -s reload\n',
    'renew-other': 'sed -i "s/DNS:www.example.org/DNS:other.example.org/" /usr/local/sbin/sign-shop && sign-shop 365\n',
  });
  const by = (renew: string, reload?: string): Rotation =>
    rotation(
      here.host,
      ssh,
      {
        known_ports: false,
        listeners: [{ hosts: 'shop', port: here.port, name: 'shop.example.org' }],
        profiles: { shop: { hosts: 'shop', provider: 'files', files: LEAF, renew, ...(reload && { reload }) } },
      },
      scripts,
    );

  beforeAll(async () => {
    here = await shop();
    ssh = openSsh({ ...LIMITS, connect: 2_000, banner: 2_000, auth: 4_000 });
  }, 60_000);
  afterAll(async () => {
    await ssh?.close();
    here?.close();
  });

  test('the plan says what is due, by what it is renewed and where it is served, and that no CA will change', async () => {
    const { hosts } = await planned(by('renew-shop'));
    expect(hosts['shop']).toMatchObject({
      leaves: [{ path: LEAF, name: 'shop', listeners: [{ port: here.port }], names: ['DNS:shop.example.org', 'DNS:www.example.org'] }],
      authorities: expect.arrayContaining([expect.objectContaining({ path: '/etc/ssl/shop-ca/ca.crt', subject: 'CN=shop-ca' })]),
      renewals: [{ kind: 'script' }],
      reloads: [{ kind: 'nginx' }],
    });
  });

  test('an authority that stands where the system is told to trust it is one of the plan, and by it a leaf is judged', async () => {
    const trusted = ['/usr/local/share/ca-certificates/shop-ca.crt', '/etc/pki/ca-trust/source/anchors/shop-ca.pem'];
    here.root.sh(`for f in ${trusted.join(' ')}; do mkdir -p "\${f%/*}" && cp /etc/ssl/shop-ca/ca.crt $f; done; mv /etc/ssl/shop-ca/ca.crt /tmp/ca.away`);
    const { hosts } = await planned(by('renew-shop'));
    here.root.sh(`rm ${trusted.join(' ')} && mv /tmp/ca.away /etc/ssl/shop-ca/ca.crt`);
    const authorities = hosts['shop']?.authorities.filter(({ subject }) => subject === 'CN=shop-ca') ?? [];
    expect(authorities.map(({ path }) => path).sort()).toEqual([...trusted].sort());
    expect(hosts['shop']?.leaves[0]).toMatchObject({ signedBy: authorities[0]?.pin, keyMatches: true });
  });

  test('the trap: a tool that makes the CA anew under the same name is found by the key, and all is back byte for byte before nginx has read any of it', async () => {
    const [before, serial] = [here.everything(), here.served()];
    const trap = by('renew-trap');
    const { step } = await carried(trap, await planned(trap), { intent: 'R1-shop-1' });
    expect(step).toMatchObject({ step: 'end', outcome: 'failed' });
    expect(step.step === 'end' && step.detail).toMatch(
      /^put back byte for byte \(\d+ files\): \/etc\/ssl\/shop-ca\/ca\.crt is another certificate authority under the same name: its key was [0-9a-f]{12} and is [0-9a-f]{12}/,
    );
    expect(here.everything()).toBe(before);
    expect(here.served()).toBe(serial);
    expect(here.root.sh('stat -c "%a %U" /var/lib/holdfast/certs/R1-shop-1/kept.*.tar /var/lib/holdfast/certs/R1-shop-1')).toBe('600 root\n700 root\n');
  });

  test('a command that fails leaves everything as it was, and its words are told without the keys that it printed', async () => {
    const before = here.everything();
    const broken = by('renew-broken');
    const { step, memory } = await carried(broken, await planned(broken), { intent: 'R2-shop-1' });
    expect(step.step === 'end' && step.detail).toMatch(/ended with 3: .*the registry is closed today/);
    expect(JSON.stringify([step, memory])).not.toContain('secret');
    expect(here.everything()).toBe(before);
  });

  test('a leaf that lost one of its names is put back', async () => {
    const before = here.everything();
    const other = by('renew-other');
    const { step } = await carried(other, await planned(other), { intent: 'R3-shop-1' });
    here.root.sh('sed -i "s/DNS:other.example.org/DNS:www.example.org/" /usr/local/sbin/sign-shop');
    expect(step.step === 'end' && step.detail).toContain(`${LEAF} no longer names DNS:www.example.org`);
    expect(here.everything()).toBe(before);
  });

  test('nginx that will not take its configuration any more has the old certificate back', async () => {
    const [before, serial] = [here.everything(), here.served()];
    const well = by('renew-shop');
    const params = await planned(well);
    here.root.sh('cp /etc/nginx/nginx.conf /tmp/well && echo "nonsense;" >>/etc/nginx/nginx.conf');
    const { step } = await carried(well, params, { intent: 'R4-shop-1' });
    here.root.sh('cp /tmp/well /etc/nginx/nginx.conf');
    expect(step.step === 'end' && step.detail).toMatch(/"nginx reloaded" ended with 1: .*nonsense/);
    expect([here.everything(), here.served()]).toEqual([before, serial]);
  });

  test('renewed by the named command, nginx serves the new serial, and the undo has the old one served again', async () => {
    const [before, serial] = [here.everything(), here.served()];
    const well = by('renew-shop');
    const params = await planned(well);
    const { step, memory } = await carried(well, params, { intent: 'R5-shop-1' });
    expect(step.step === 'done' && step.detail).toMatch(/^renewed shop: serial [0-9a-f]+, ends in 36\d d; seen served on 1 listener; no CA was written$/);
    expect(here.served()).not.toBe(serial);
    expect(here.served()).toBe(here.root.sh(`openssl x509 -noout -serial -in ${LEAF}`).trim());
    expect(here.root.sh(`openssl verify -CAfile /etc/ssl/shop-ca/ca.crt ${LEAF}`)).toBe(`${LEAF}: OK\n`);

    const back = await carried(well, params, { intent: 'R6-shop-1', memory, phases: ['undo'] });
    expect(back.step).toMatchObject({ step: 'done' });
    expect([here.everything(), here.served()]).toEqual([before, serial]);
  });

  test('a worker that dies between renewing and looking is followed by one that goes on; the host takes no second renewal for the intent', async () => {
    const well = by('renew-shop');
    const params = await planned(well);
    const ready = await carried(well, params, { intent: 'R7-shop-1', phases: ['prepare'] });
    await carried(well, params, { intent: 'R7-shop-1', memory: ready.memory, phases: ['act'] });
    const renewals: string[] = [];
    // Nothing of the act was written down: it is done again.
    const { step } = await carried(well, params, {
      intent: 'R7-shop-1',
      memory: ready.memory,
      phases: ['act', 'verify'],
      script: (own) => async (name, args, timeout) => {
        const answer = await own(name, args, timeout);
        if (name === 'certs-do' && args?.[1] === 'renew-0' && answer.reach === 'ok') renewals.push(answer.stdout.split('\n')[0] as string);
        return answer;
      },
    });
    expect(step.step).toBe('done');
    expect(renewals.filter((said) => said === 'fence=taken')).toEqual([]);
    expect(here.root.sh('ls /var/lib/holdfast/certs/R7-shop-1/do')).toBe('reload-0\nrenew-0\n');
  });

  test('a rotation whose host was lost in the middle is undone by everything that was kept', async () => {
    const [before, serial] = [here.everything(), here.served()];
    const well = by('renew-shop');
    const params = await planned(well, 'shop');
    const begun = await carried(well, params, { intent: 'R9-shop-1', phases: ['prepare', 'act'] });
    await expect.poll(() => here.everything(), { timeout: 20_000 }).not.toBe(before);
    expect((rotateCerts as ChangeJob).sayUndo?.(here.host, begun.memory)).toBe('put back everything as kept before R9-shop-1');
    const { step } = await carried(well, params, { intent: 'R10-shop-1', memory: begun.memory, phases: ['undo'] });
    expect(step).toMatchObject({ step: 'done' });
    expect([here.everything(), here.served()]).toEqual([before, serial]);
  });

  test('the trap in what reloads it: an authority that was written after the renewal was judged is put back, and the script is not run again', async () => {
    here.root.sh(
      `printf '#!/bin/sh\\ncd /etc/ssl/shop-ca && grep -v ^exec /usr/local/sbin/vendor-renew | sh' >/usr/local/sbin/new-authority && chmod 755 /usr/local/sbin/new-authority`,
    );
    const before = here.everything();
    const trap = by('renew-shop', 'reload-trap');
    const { step } = await carried(trap, await planned(trap, 'shop'), { intent: 'R11-shop-1' });
    expect(step).toMatchObject({ step: 'end', outcome: 'failed' });
    expect(step.step === 'end' && step.detail).toMatch(/^put back byte for byte \(\d+ files\): \/etc\/ssl\/shop-ca\/ca\.crt is another certificate authority/);
    expect(here.everything()).toBe(before);
    here.root.sh('nginx -s reload');
  });

  test('what changed between plan and beginning is not renewed over', async () => {
    const well = by('renew-shop');
    const params = await planned(well, 'shop');
    here.root.sh('sign-shop 20');
    const { step } = await carried(well, params, { intent: 'R8-shop-1' });
    expect(step).toMatchObject({ outcome: 'failed', detail: `not begun: ${LEAF} is another certificate, since it was planned; plan it again` });
  });
});
