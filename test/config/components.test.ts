import { describe, expect, test } from 'vitest';
import { componentsIn, componentsOf } from '../../src/status/components.ts';
import { load, problemsOf } from './folder.ts';

const BASE = `people: { ada: }
hosts:
  web[01-02]:
  db01:
  kvm[01-02]:
groups:
  web: { hosts: "web[01-02]", owner: ada }
  db: { hosts: db01, owner: ada }
`;

describe('what the public has a name for', () => {
  test('components stand in the order in which they are written, with the hosts they name and those of their services', async () => {
    const { config, fleet } = await load(`${BASE}components:
  Website: { services: web, description: www }
  Compute: { hosts: "kvm[01-02]", group: Servers }
  Payments:
  Storage: { services: [db], hosts: kvm02, showcase: false }
`);
    expect(componentsIn(config, fleet).map(({ name, hosts }) => [name, [...hosts]])).toEqual([
      ['Website', ['web01', 'web02']],
      ['Compute', ['kvm01', 'kvm02']],
      ['Payments', []],
      ['Storage', ['kvm02', 'db01']],
    ]);
    expect(componentsOf(config, fleet, ['kvm02', 'web01'])).toEqual(['Website', 'Compute', 'Storage']);
    expect(componentsOf(config, fleet, ['mail01'])).toEqual([]);
  });

  test('where none are listed, what services call themselves makes them', async () => {
    const { config, fleet } = await load(`${BASE}services:\n  web: { components: [Website, API] }\n`);
    expect(componentsIn(config, fleet).map(({ name, showcase }) => [name, showcase])).toEqual([
      ['Website', true],
      ['API', true],
    ]);
    expect(componentsOf(config, fleet, ['web02'])).toEqual(['Website', 'API']);
  });

  test('a service may say it is part of a listed one', async () => {
    const { config, fleet } = await load(`${BASE}services:\n  db: { components: Website }\ncomponents: { Website: { hosts: web01 } }\n`);
    expect(componentsOf(config, fleet, ['db01'])).toEqual(['Website']);
  });

  test('everything that does not hold is said at once, at its place', async () => {
    expect(
      await problemsOf(`${BASE}services:
  web: { components: [Websit] }
components:
  Website: { hosts: "@wbe", services: [wep] }
  website: { hosts: "@web where uptime > 3d" }
  Servers: { shows: yes }
  Mail: { group: Website, showcase: maybe }
  " x": { description: blank }
status: { url: "status.example.org", zone: Brisbane, support: "javascript:alert(1)" }
listen: { public: { host: status.example.org, port: 80000 } }
`),
    ).toEqual([
      '10:23: `services.web.components` names `Websit`, and there is no such thing under `components`; did you mean `Website`?',
      expect.stringMatching(/^12:21: `components.Website` has `hosts` that do not hold: No host matches "@wbe"/),
      expect.stringMatching(/^12:40: `components.Website` names the service `wep`, which there is not; did you mean `web`\?/),
      '13:3: `components.website` differs from `Website` only in its capitals: nobody could tell them apart',
      '13:21: `components.website` has `hosts` made with `where`: facts change, and the public would read of another component than one thinks. Name groups',
      expect.stringMatching(/^14:14: `shows` is not known in `components.Servers`/),
      expect.stringMatching(/^15:18: `components.Mail` is in the group `Website`, which is a component itself/),
      '15:37: `components.Mail.showcase` must be `true` or `false`',
      '16:3: ` x` is empty, or begins or ends with a blank',
      '17:16: `status.url` must be a URL: `https://status.example.org`',
      expect.stringMatching(/^17:44: `status.zone` "Brisbane" is no time zone/),
      '17:63: `status.support` must be a URL: `https://…`, or `mailto:…`',
      expect.stringMatching(/^18:27: `listen.public.host` must be an address of this machine/),
      '18:53: `listen.public.port` must be a port: a whole number from 1 to 65535',
    ]);
  });
});
