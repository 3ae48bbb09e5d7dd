import { describe, expect, test } from 'vitest';
import { newFolder, said } from './folder.ts';

describe('Sources are put together', () => {
  test('names from Ansible, connection from the ssh config, unless Ansible says otherwise', async () => {
    const folder = newFolder({
      'hosts.ini': '[web]\nweb01\nweb02 ansible_port=2202\nweb03 ansible_host=10.0.0.3\nby-address ansible_host=db.example.org\n',
      config: `Host web01 web02 web03
  HostName 192.0.2.1
  Port 2222
  User ada
  IdentityFile ~/.ssh/fleet
Host db.example.org
  HostName 192.0.2.9
  User dba
Host only-ssh
`,
    });
    const { fleet, problems } = await folder.build({ sources: [{ ansible: 'hosts.ini' }, { ssh_config: 'config' }] });
    expect(problems).toEqual([]);
    const reach = (name: string): string => {
      const { address, port, user } = fleet.hosts.get(name) as NonNullable<ReturnType<typeof fleet.hosts.get>>;
      return `${user}@${address}:${port}`;
    };
    expect(reach('web01')).toBe('ada@192.0.2.1:2222');
    expect(reach('web02')).toBe('ada@192.0.2.1:2202');
    expect(reach('web03')).toBe('ada@10.0.0.3:2222');
    expect(reach('by-address')).toBe('dba@192.0.2.9:22');
    expect([...fleet.hosts.keys()]).toEqual(['web01', 'web02', 'web03', 'by-address', 'db.example.org', 'only-ssh']);
    expect(fleet.hosts.get('web01')).toMatchObject({ groups: ['web'], ssh: { identityFiles: [`${folder.path}/home/.ssh/fleet`] } });
  });

  test('several names for one address stay hosts of their own', async () => {
    const folder = newFolder({ config: Array.from({ length: 30 }, (_, at) => `Host h${at}\n  HostName 127.0.0.1\n  Port 2222\n`).join('') });
    const { fleet, problems } = await folder.build({ sources: [{ ssh_config: 'config' }] });
    expect(problems).toEqual([]);
    expect(fleet.hosts.size).toBe(30);
  });

  test('what holdfast.yaml says goes first; sites, rings and redundancy groups are groups', async () => {
    const folder = newFolder({ 'hosts.ini': '[web]\nweb[01:04] ring=prod\n[old]\nweb04\n' });
    const { fleet, problems } = await folder.build({
      sources: [{ ansible: 'hosts.ini' }],
      hosts: {
        'web[01-02]': { ring: 'lab', user: 'ada' },
        kvm01: { address: '10.0.0.1', groups: ['kvm'], vars: { rack: 'a' } },
        web01: { parent: 'kvm01', alert_path: true },
      },
      groups: {
        fresh: { hosts: '@web!@old', site: 'bne', redundancy: true },
        both: { hosts: '@fresh,@mel' },
        old: { site: 'mel', redundancy: 'pair' },
        kvm: { redundancy: 'pair' },
      },
      sites: { bne: { jump: ['ada@gw-bne', 'web02'] }, mel: {} },
      ssh: { user: 'root', known_hosts: ['known_hosts'], identity_files: ['id_fleet'] },
    });
    expect(problems).toEqual([]);
    expect(fleet.hosts.get('web01')).toMatchObject({ ring: 'lab', user: 'ada', site: 'bne', parent: 'kvm01', alertPath: true, redundancy: ['fresh'] });
    expect(fleet.hosts.get('web01')?.groups.sort()).toEqual(['bne', 'both', 'fresh', 'lab', 'web']);
    const groups = Object.fromEntries(fleet.groups);
    expect(groups).toMatchObject({
      lab: ['web01', 'web02'],
      prod: ['web03', 'web04'],
      bne: ['web01', 'web02', 'web03'],
      mel: ['web04'],
      pair: ['web04', 'kvm01'],
    });
    expect(groups.both).toEqual(['web01', 'web02', 'web03', 'web04']);
    // A site is reached by its jump hosts, and a jump host by those before it.
    expect(fleet.hosts.get('web01')?.ssh.jump).toEqual(['ada@gw-bne', 'web02']);
    expect(fleet.hosts.get('web02')?.ssh.jump).toEqual(['ada@gw-bne']);
    expect(fleet.hosts.get('kvm01')).toMatchObject({ user: 'root', vars: { rack: 'a' }, ssh: { jump: [], identityFiles: [`${folder.path}/id_fleet`] } });
    expect(fleet.hosts.get('kvm01')?.ssh.knownHosts[0]).toBe(`${folder.path}/known_hosts`);
  });
});

describe('Everything wrong is said at once', () => {
  test('with where it stands and what to do', async () => {
    const folder = newFolder({ 'one.ini': '[web]\nweb01 ansible_host=10.0.0.1 parent=nosuch\n', 'two.ini': '\nweb01 ansible_host=10.0.0.2\n' });
    const built = await folder.build({
      sources: [{ ansible: 'one.ini' }, { ansible: 'two.ini' }, { ansible: 'absent.ini' }],
      hosts: {
        a: { parent: 'b' },
        b: { parent: 'c' },
        c: { parent: 'a' },
        self: { parent: 'self' },
        web: {},
        'x[3-1]': {},
        'y[1-2]': { site: 'bne' },
        y2: { site: 'mel' },
        'not a name': {},
        j1: { jump: 'j2' },
        j2: { jump: ['ada@j1:22'] },
      },
      groups: {
        g1: { hosts: '@g2' },
        g2: { hosts: '@g1' },
        typo: { hosts: 'web0l' },
        asks: { hosts: '@web where uptime > 3d' },
        s1: { hosts: 'a', site: 'bne' },
        s2: { hosts: 'a', site: 'mel' },
      },
      at: (path) => ({ line: path.length, column: 1 }),
    });
    const problems = said(folder, built).sort();
    const wanted = [
      /^holdfast\.yaml:3:1 Groups are made of each other in a circle: @g1 → @g2 → @g1/,
      /^holdfast\.yaml:2:1 Hosts are each other's parents in a circle: (a → b → c → a)/,
      /^holdfast\.yaml:2:1 Hosts are reached through each other in a circle: j1 → j2 → j1/,
      /^holdfast\.yaml:2:1 self is its own parent/,
      /^holdfast\.yaml:2:1 The host x\[3-1\]: Cannot read the range "3-1" at column 3/,
      /^holdfast\.yaml:2:1 There is no file absent\.ini/,
      /^holdfast\.yaml:3:1 a gets site mel from group s2 and bne from group s1/,
      /^holdfast\.yaml:2:1 web is the name of a host and of a group/,
      /^holdfast\.yaml:2:1 y2 has site mel under y2 and bne under y\[1-2\]/,
      /^holdfast\.yaml:2:1 "not a name" is no host name/,
      /^holdfast\.yaml:3:1 Group asks: a group cannot be made with `where`/,
      /^holdfast\.yaml:3:1 Group typo: No host matches "web0l"\. Did you mean web01/,
      /^one\.ini:2:1 web01 has the parent nosuch, which is no host/,
      /^two\.ini:2:1 web01 has address 10\.0\.0\.2 here and 10\.0\.0\.1 in .*one\.ini:2/,
    ];
    for (const says of wanted) expect(problems).toContainEqual(expect.stringMatching(says));
    expect(problems).toHaveLength(wanted.length);
  });
});

describe('A large inventory', () => {
  test('of 5,000 hosts in Ansible and in the ssh config is built in well under a second of processor time', async () => {
    const racks = Array.from({ length: 100 }, (_, rack) => rack);
    const nodes = Array.from({ length: 50 }, (_, node) => node);
    const folder = newFolder({
      'hosts.ini': `${racks.map((rack) => `[g${rack}]\n${nodes.map((node) => `r${rack}n${node} ansible_user=root rack=r${rack} site=s${rack % 5}`).join('\n')}`).join('\n')}\n[prod:children]\n${racks.map((rack) => `g${rack}`).join('\n')}\n`,
      config: `${racks.flatMap((rack) => nodes.map((node) => `Host r${rack}n${node}\n  HostName 10.${rack}.0.${node}\n  IdentityFile ~/.ssh/id`)).join('\n')}\nHost *\n  Port 2222\n`,
    });
    const input = { sources: [{ ansible: 'hosts.ini' }, { ssh_config: 'config' }], groups: { most: { hosts: '@all!r0n0' } } };
    const before = process.cpuUsage();
    const { fleet, problems } = await folder.build(input);
    const { user, system } = process.cpuUsage(before);
    expect(problems).toEqual([]);
    expect(fleet.hosts.size).toBe(5000);
    expect(fleet.groups.get('most')).toHaveLength(4999);
    expect(fleet.hosts.get('r99n49')).toMatchObject({ address: '10.99.0.49', port: 2222, site: 's4' });
    // Aim 0.5 s; a first run compiles as it goes, on a machine that is busy with other tests.
    expect((user + system) / 1000).toBeLessThan(1500);
  });
});
