import { describe, expect, test } from 'vitest';
import { foldNames } from '../../../src/fleet/target/fold.ts';
import { newFolder, said } from './folder.ts';

const INI = `# the fleet
mon01 ansible_host=10.0.0.9   # the monitor

[web]
web[01:03].example.org ansible_user=deploy label="front row" count=3 spare=false
[db]
db-[a:e:2] ansible_port=2222 xen=4.10 db_password=hush
lone:2200
[kvm]
kvm[1:2] redundancy=hypervisors
[prod:children]
web
db
; variables
[prod:vars]
site=bne
tier=back
[web:vars]
ring = prod
tier = "front"
`;

describe('An Ansible inventory in INI form is read as Ansible reads it', () => {
  test('hosts, ranges, groups of groups', async () => {
    const folder = newFolder({ 'hosts.ini': INI });
    const { fleet, problems } = await folder.build({ sources: [{ ansible: 'hosts.ini' }] });
    expect(problems).toEqual([]);
    expect([...fleet.hosts.keys()]).toEqual([
      'mon01',
      'web01.example.org',
      'web02.example.org',
      'web03.example.org',
      'db-a',
      'db-c',
      'db-e',
      'lone',
      'kvm1',
      'kvm2',
    ]);
    const groups = Object.fromEntries([...fleet.groups].map(([name, hosts]) => [name, foldNames(hosts)]));
    expect(groups).toMatchObject({
      web: 'web[01-03].example.org',
      db: 'db-a,db-c,db-e,lone',
      prod: 'db-a,db-c,db-e,lone,web[01-03].example.org',
      bne: 'db-a,db-c,db-e,lone,web[01-03].example.org',
      hypervisors: 'kvm[1-2]',
      ungrouped: 'mon01',
    });
    expect(fleet.groups.get('all')).toEqual([...fleet.hosts.keys()]);
  });

  test('variables go from parents to children to the host; what is not about connecting is a fact', async () => {
    const folder = newFolder({ 'hosts.ini': INI });
    const { fleet } = await folder.build({ sources: [{ ansible: 'hosts.ini' }] });
    expect(fleet.hosts.get('web02.example.org')).toMatchObject({
      address: 'web02.example.org',
      user: 'deploy',
      site: 'bne',
      ring: 'prod',
      vars: { label: 'front row', count: 3, spare: false, tier: 'front' },
    });
    expect(fleet.hosts.get('mon01')).toMatchObject({ address: '10.0.0.9', port: 22, vars: {} });
    expect(fleet.hosts.get('lone')).toMatchObject({ port: 2200, vars: { tier: 'back' } });
    expect(fleet.hosts.get('kvm1')).toMatchObject({ redundancy: ['hypervisors'] });
  });

  test('4.10 stays 4.10, and passwords stay out', async () => {
    const folder = newFolder({ 'hosts.ini': INI });
    const { fleet } = await folder.build({ sources: [{ ansible: 'hosts.ini' }] });
    expect(fleet.hosts.get('db-c')?.vars).toEqual({ xen: '4.10', tier: 'back' });
    expect(JSON.stringify([...fleet.hosts.values()])).not.toContain('hush');
  });

  test('jump hosts from ssh arguments, whichever way they are written', async () => {
    const folder = newFolder({
      'hosts.ini': `a ansible_ssh_common_args='-o ProxyJump=ada@gw:2022 -o StrictHostKeyChecking=no'
b ansible_ssh_common_args="-J one,two -i ~/.ssh/other"
c ansible_ssh_common_args='-o ProxyCommand="ssh -q -W %h:%p -p 2200 ada@gw"'
d ansible_ssh_extra_args='-o ProxyCommand="nc -X connect %h %p"'
e ansible_host=10.0.0.1 ansible_ssh_private_key_file=keys/e
`,
    });
    const { fleet, problems } = await folder.build({ sources: [{ ansible: 'hosts.ini' }] });
    expect(problems).toEqual([]);
    const ssh = (name: string) => fleet.hosts.get(name)?.ssh;
    expect(ssh('a')).toMatchObject({ jump: ['ada@gw:2022'], transport: 'ssh2' });
    expect(ssh('b')).toMatchObject({ jump: ['one', 'two'], identityFiles: [`${folder.path}/home/.ssh/other`] });
    expect(ssh('c')).toMatchObject({ jump: ['ada@gw:2200'], transport: 'ssh2' });
    expect(ssh('d')).toMatchObject({ jump: [], transport: 'system', why: 'it is reached by a ProxyCommand', proxyCommand: 'nc -X connect %h %p' });
    expect(ssh('e')).toMatchObject({ identityFiles: [`${folder.path}/keys/e`] });
  });

  test('everything wrong is said at once, with its line', async () => {
    const folder = newFolder({
      'hosts.ini': `[web]
web[3:1]
web[01:003]
web04 ansible_host=10.0.0.4
bad!name
web05 ansible_port=none
web06 loose
[db]
web04 ansible_host=10.0.0.5
web07 label="open
[prod:children]
wbe
[nowhere:vars]
a=1
[broken
`,
    });
    const built = await folder.build({ sources: [{ ansible: 'hosts.ini' }] });
    const problems = said(folder, built);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^hosts\.ini:2:1 .*\[3:1\] runs backwards/),
        expect.stringMatching(/^hosts\.ini:3:1 .*same number of digits/),
        expect.stringMatching(/^hosts\.ini:5:1 "bad!name" is no host name/),
        expect.stringMatching(/^hosts\.ini:6:1 web05: the port none is none/),
        expect.stringMatching(/^hosts\.ini:7:1 Cannot read "loose"/),
        expect.stringMatching(/^hosts\.ini:9:1 web04 has ansible_host 10\.0\.0\.5 here and 10\.0\.0\.4 in line 4/),
        expect.stringMatching(/^hosts\.ini:10:1 The quote " is not closed/),
        expect.stringMatching(/^hosts\.ini:12:1 Group prod has a child wbe, and there is no such group: did you mean web\?/),
        expect.stringMatching(/^hosts\.ini:13:1 \[nowhere:vars\]/),
      ]),
    );
    expect(built.fleet.hosts.has('web06')).toBe(false);
  });
});

describe('An Ansible inventory in YAML form', () => {
  const YAML = `all:
  vars:
    site: bne
  children:
    web:
      hosts:
        web[01:02]:
        web09: &nine {ansible_host: 10.0.0.9, ver: 4.10, list: [a, b]}
      vars: {ring: prod}
    db:
      hosts:
        db01:
          <<: *nine
          ansible_host: 10.0.1.1
          vault_key: !vault |
            $ANSIBLE_VAULT;1.1;AES256
    prod:
      children:
        web:
        db: {}
`;
  test('means the same', async () => {
    const folder = newFolder({ 'hosts.yml': YAML });
    const { fleet, problems } = await folder.build({ sources: [{ ansible: 'hosts.yml' }] });
    expect(problems).toEqual([]);
    expect([...fleet.hosts.keys()]).toEqual(['web01', 'web02', 'web09', 'db01']);
    expect(fleet.hosts.get('web09')).toMatchObject({ address: '10.0.0.9', site: 'bne', ring: 'prod', vars: { ver: '4.10', list: ['a', 'b'] } });
    expect(fleet.hosts.get('db01')).toMatchObject({ address: '10.0.1.1', groups: ['prod', 'db', 'bne'], vars: { ver: '4.10', list: ['a', 'b'] } });
    expect(fleet.groups.get('prod')).toEqual(['web01', 'web02', 'web09', 'db01']);
  });

  test('group_vars and host_vars beside it go before what stands in it; what is encrypted is passed over', async () => {
    const folder = newFolder({
      'hosts.yml': YAML,
      'group_vars/all.yml': 'patch_window: sunday\nring: lab\n',
      'group_vars/web/10-main.yml': 'team: shop\n',
      'group_vars/web/20-vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n333\n',
      'host_vars/web01.yaml': 'ansible_host: "{{ ip }}"\nip: 10.7.7.7\nteam: pay\nnested: {api_key: hush, level: 2}\n',
    });
    const { fleet, problems } = await folder.build({ sources: [{ ansible: 'hosts.yml' }] });
    expect(problems).toEqual([]);
    expect(fleet.hosts.get('web01')).toMatchObject({ address: '10.7.7.7', ring: 'lab', vars: { team: 'pay', patch_window: 'sunday', nested: { level: 2 } } });
    expect(fleet.hosts.get('web02')).toMatchObject({ vars: { team: 'shop' } });
    expect(JSON.stringify(fleet.hosts.get('web01'))).not.toContain('hush');
  });

  test('what is wrong has its line and column', async () => {
    const folder = newFolder({
      'broken.yml': 'all:\n  hosts:\n    web01: {a: 1\n  children: ]\n',
      'odd.yml':
        'all:\n  hosts:\n    web01:\n    web01: {a: 1}\n    x1: {ansible_host: "{{ lookup(1) }}"}\n  child:\n    web:\n  children:\n    prod:\n      children:\n        wbe:\n',
    });
    const problems = said(folder, await folder.build({ sources: [{ ansible: 'broken.yml' }, { ansible: 'odd.yml' }] }));
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^broken\.yml:\d+:\d+ This is no YAML that can be read/),
        expect.stringMatching(/^odd\.yml:4:5 web01 stands here and in line 3/),
        expect.stringMatching(/^odd\.yml:5:\d+ x1: ansible_host is a template that only Ansible can work out/),
        expect.stringMatching(/^odd\.yml:6:3 Group all has an unknown key child/),
        expect.stringMatching(/^odd\.yml:11:9 Group prod has a child wbe/),
      ]),
    );
  });
});

describe('An inventory that a command prints', () => {
  const LIST = {
    _meta: { hostvars: { web01: { ansible_host: '10.0.0.1', site: 'mel', size: 'm4.large', secret_thing: { __ansible_vault: 'x' } }, web02: {} } },
    all: { children: ['ungrouped', 'web'] },
    web: { hosts: ['web01', 'web02'] },
  };

  test('is read from its JSON, the command run without a shell', async () => {
    const folder = newFolder({ 'list.json': JSON.stringify(LIST) });
    const { fleet, problems } = await folder.build({ sources: [{ ansible_command: ['cat', '--', 'list.json'] }] });
    expect(problems).toEqual([]);
    expect(fleet.groups.get('web')).toEqual(['web01', 'web02']);
    expect(fleet.hosts.get('web01')).toMatchObject({ address: '10.0.0.1', site: 'mel', vars: { size: 'm4.large' } });
  });

  test.each([
    [['nosuch-program'], /cannot be started: there is no program "nosuch-program"/],
    [[process.execPath, '-e', 'console.error("no credentials"); process.exit(3)'], /ended with 3: no credentials/],
    [[process.execPath, '-e', 'console.log("hosts:")'], /printed no JSON \(it begins "hosts:"\)/],
    [[process.execPath, '-e', 'console.log("[]")'], /is no JSON object/],
  ])('or says why it could not be: %j', async (argv, says) => {
    const folder = newFolder();
    const { fleet, problems } = await folder.build({ sources: [{ ansible_command: argv }], at: () => ({ line: 3, column: 5 }) });
    expect(fleet.hosts.size).toBe(0);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.says).toMatch(says);
  });
});
