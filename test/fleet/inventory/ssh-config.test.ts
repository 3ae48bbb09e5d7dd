import { describe, expect, test } from 'vitest';
import { newFolder, said } from './folder.ts';

const CONFIG = `Include conf.d/*.conf
Host gw bastion
  HostName gw.example.org
  Port 2022
Host web01 web02
  HostName %h.example.org
  ProxyJump gw
  IdentityFile ~/.ssh/fleet
Host web02
  User never-reached-first
Host lab-*
  User lab
Host lab-a !lab-b
  HostKeyAlias lab
Match host *.example.org user deploy
  IdentityFile ~/.ssh/deploy
Host *
  User deploy
  UserKnownHostsFile ~/.ssh/fleet_hosts
  GlobalKnownHostsFile none
`;

describe('An ssh config is read as ssh reads it', () => {
  test('its hosts are the names without a pattern; the first value of a keyword stays', async () => {
    const folder = newFolder({
      'home/.ssh/config': CONFIG,
      'home/.ssh/conf.d/a.conf': 'Host inc*\n  Port 99\nHost inc1\n',
      'home/.ssh/conf.d/b.txt': 'Host not-included\n',
    });
    const { fleet, problems } = await folder.build({ sources: [{ ssh_config: '~/.ssh/config' }] });
    expect(problems).toEqual([]);
    expect([...fleet.hosts.keys()]).toEqual(['inc1', 'gw', 'bastion', 'web01', 'web02', 'lab-a']);
    const key = (name: string): string => `${folder.path}/home/.ssh/${name}`;
    expect(fleet.hosts.get('web01')).toMatchObject({
      address: 'web01.example.org',
      port: 22,
      user: 'deploy',
      ssh: { jump: ['gw'], transport: 'ssh2', knownHosts: [key('fleet_hosts')], configFile: key('config') },
    });
    expect(fleet.hosts.get('web02')?.user).toBe('never-reached-first');
    expect(fleet.hosts.get('inc1')).toMatchObject({ port: 99, user: 'deploy' });
    expect(fleet.hosts.get('lab-a')).toMatchObject({ user: 'lab', ssh: { hostKeyAlias: 'lab' } });
    expect(fleet.hosts.get('bastion')).toMatchObject({ address: 'gw.example.org', port: 2022 });
  });

  test('Match is decided where it can be, in order, and never by running a program', async () => {
    const folder = newFolder({
      config: `Host a b
  User ada
Match user ada originalhost a
  Port 1001
Match host b exec "touch ${'/tmp/holdfast-was-here'}"
  Port 1002
Match all
  Port 1003
`,
    });
    const { fleet } = await folder.build({ sources: [{ ssh_config: 'config' }] });
    expect(fleet.hosts.get('a')).toMatchObject({ port: 1001, ssh: { transport: 'ssh2' } });
    expect(fleet.hosts.get('b')?.ssh.transport).toBe('system');
    expect(fleet.hosts.get('b')?.ssh.why).toMatch(/^"Match exec" in line 5 of .*config can be decided by ssh itself only$/);
  });

  test('what only the system ssh can do is named with why', async () => {
    const folder = newFolder({
      config: `Host token
  IdentityFile ~/.ssh/id_sk
Host token2
  IdentityFile ~/.ssh/private_sk
Host certified
  IdentityFile ~/.ssh/signed
Host plain
  IdentityFile ~/.ssh/plain
Host proxied
  ProxyCommand nc %h %p
Host through
  ProxyCommand ssh -W %h:%p ada@gw
Host direct
  ProxyCommand none
`,
      'home/.ssh/id_sk.pub': 'sk-ssh-ed25519@openssh.com AAAAGn ada@token\n',
      'home/.ssh/private_sk': `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from('openssh-key-v1\0\0\0\0\x04none\0\0\0\x1ask-ssh-ed25519@openssh.com').toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`,
      'home/.ssh/signed': 'x',
      'home/.ssh/signed-cert.pub': 'ssh-ed25519-cert-v01@openssh.com AAAA\n',
      'home/.ssh/plain': 'x',
      'home/.ssh/plain.pub': 'ssh-ed25519 AAAA\n',
    });
    const { fleet } = await folder.build({ sources: [{ ssh_config: 'config' }] });
    const transports = Object.fromEntries(
      [...fleet.hosts.values()].map(({ name, ssh }) => [name, ssh.why?.replaceAll(`${folder.path}/home`, '~') ?? ssh.transport]),
    );
    expect(transports).toEqual({
      token: 'its key ~/.ssh/id_sk is on a FIDO token',
      token2: 'its key ~/.ssh/private_sk is on a FIDO token',
      certified: 'its key ~/.ssh/signed logs in with a certificate',
      plain: 'ssh2',
      proxied: 'it is reached by a ProxyCommand',
      through: 'ssh2',
      direct: 'ssh2',
    });
    expect(fleet.hosts.get('through')?.ssh.jump).toEqual(['ada@gw']);
  });

  test('a host whose key is known by certificate only is left to the system’s ssh, the others are not', async () => {
    const folder = newFolder({
      config: 'Host signed\n  HostName web.example.org\nHost plain\n  HostName 192.0.2.9\n',
      'home/.ssh/known_hosts': '@cert-authority *.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ\n',
    });
    const { fleet } = await folder.build({ sources: [{ ssh_config: 'config' }] });
    expect(fleet.hosts.get('signed')?.ssh).toMatchObject({ transport: 'system', why: expect.stringContaining('@cert-authority') });
    expect(fleet.hosts.get('plain')?.ssh.transport).toBe('ssh2');
  });

  test('a jump host that is no host of ours is spelled out, with its own jumps and keys', async () => {
    const folder = newFolder({
      'hosts.ini': 'web01\n',
      config:
        'Host web01\n  ProxyJump inner\nHost inner\n  HostName 10.0.0.2\n  User ada\n  ProxyJump outer\n  IdentityFile ~/.ssh/inner\nHost outer\n  HostName 192.0.2.1\n  Port 2022\n',
    });
    const { fleet } = await folder.build({ sources: [{ ansible: 'hosts.ini' }], ssh: { config: 'config' } });
    expect(fleet.hosts.get('web01')?.ssh).toMatchObject({ jump: ['192.0.2.1:2022', 'ada@10.0.0.2'], identityFiles: [`${folder.path}/home/.ssh/inner`] });
  });

  test('a file that includes itself, or has a keyword with nothing after it, is a problem and no hang', async () => {
    const folder = newFolder({ 'home/.ssh/loop': 'Include loop\nHost a\n', broken: 'Host a\n\n  User\n  Port 22\n' });
    const problems = said(folder, await folder.build({ sources: [{ ssh_config: '~/.ssh/loop' }, { ssh_config: 'broken' }, { ssh_config: 'absent' }] }));
    expect(problems.join('\n')).toMatch(/loop:1 Includes are nested deeper than 16/);
    expect(problems.join('\n')).toMatch(/broken:3 User has no value/);
    expect(problems.join('\n')).toMatch(/holdfast\.yaml There is no file absent/);
  });
});
