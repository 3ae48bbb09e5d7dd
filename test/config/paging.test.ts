import { describe, expect, test } from 'vitest';
import { answeringOf, servicesOfHosts } from '../../src/escalation/answering.ts';
import { load, problemsOf } from './folder.ts';

const BASE = `timezone: Europe/Berlin
people: { ada: , pepe: , kim: }
hosts:
  web[01-02]:
  db01:
groups:
  web: { hosts: "web[01-02]", owner: ada }
`;

describe('who answers for what', () => {
  test('a group with an owner is a service of its name; what stands under services adds to it', async () => {
    const { config, fleet } = await load(
      `${BASE}  db: { hosts: db01, owner: kim, runbook: db.md }\nservices:\n  web: { backups: [pepe, kim], components: Website, do_not: do not restart all of them }\n  mail: { owner: pepe, hosts: "db01,web01", prefer: awake }\n`,
      { 'db.md': '# Database\n\n1. Look at the replication lag.\n' },
    );
    const answering = answeringOf(config, fleet);
    expect([...answering.services.keys()]).toEqual(['web', 'mail', 'db']);
    expect(answering.services.get('web')).toMatchObject({
      owner: 'ada',
      backups: ['pepe', 'kim'],
      components: ['Website'],
      doNot: ['do not restart all of them'],
    });
    expect(answering.services.get('db')).toMatchObject({ owner: 'kim', backups: [], runbook: { markdown: expect.stringContaining('replication lag') } });
    expect(servicesOfHosts(answering, ['web01', 'web02']).map(({ name }) => name)).toEqual(['web', 'mail']);
    expect(servicesOfHosts(answering, ['db01']).map(({ name }) => name)).toEqual(['db', 'mail']);
  });

  test('everything that does not hold is said at once, at its place', async () => {
    expect(
      await problemsOf(`${BASE}services:
  web: { owner: adda, backups: [kim, kim, zoe], policy: standrd, roster: night, hosts: "@wbe" }
  mail: { components: Mail }
  shop: { owner: ada, backups: [ada], runbook: missing.md }
policies:
  standard:
    steps:
      - { to: [oncall, pete], next: 5m }
      - { to: "roster:nights" }
      - { to: "channel:ops" }
    high: { next: 0 }
  broken: { steps: [{ to: "nobody at all" }] }
`),
    ).toEqual([
      '9:17: `services.web.owner`: nobody under `people` is called `adda`; did you mean `ada`?',
      '9:38: `services.web.backups`: kim is given twice',
      '9:43: `services.web.backups`: nobody under `people` is called `zoe`; there is ada, pepe, kim',
      '9:57: `services.web.policy`: there is no `standrd` under `policies`; did you mean `standard`?',
      '9:74: `services.web.roster`: there is no `night` under `rosters`',
      expect.stringMatching(/^9:88: `services.web.hosts` No host matches "@wbe"/),
      '10:3: `services.mail` has nobody who answers for it: give it an `owner`, `backups` or a `roster`',
      '11:33: `services.shop.backups`: ada is the owner already; a backup is somebody else',
      expect.stringMatching(/^11:48: `services.shop.runbook`: there is no file .*missing.md$/),
      '15:24: `policies.standard.steps[1].to`: nobody under `people` is called `pete`; did you mean `pepe`?',
      '16:15: `policies.standard.steps[2].to`: there is no `nights` under `rosters`',
      '17:15: `policies.standard.steps[3].to`: there is no `ops` under `channels`',
      '18:19: `policies.standard.high.next` must be a duration with its unit: `90s`, `5m`, `2h30m`, `7d`',
      expect.stringMatching(/^19:27: `policies.broken.steps\[1\].to` "nobody at all" is nobody to ask; write a person/),
    ]);
  });
});

describe('run books', () => {
  test.each([
    ['an empty one', '', 'is empty: write down the first three steps'],
    ['one that is no text', 'a\0b', 'is no text in UTF-8'],
    ['one nobody would read', 'x'.repeat(300_000), 'is larger than 256 KiB'],
  ])('%s is refused', async (_, text, says) => {
    expect(await problemsOf(`${BASE}services: { web: { runbook: web.md } }\n`, { 'web.md': text })).toEqual([expect.stringContaining(says)]);
  });

  test('a link is one people can open', async () => {
    const { config } = await load(`${BASE}services: { web: { runbook: "https://wiki.example.org/web" } }\n`);
    expect(config.services.web?.runbook).toMatchObject({ link: 'https://wiki.example.org/web', markdown: '' });
    expect(await problemsOf(`${BASE}services: { web: { runbook: "javascript:alert(1)" } }\n`)).toEqual([expect.stringContaining('neither a file nor a link')]);
  });
});

describe('rosters in holdfast.yaml', () => {
  test('are rotations in a zone, with hours and with layers', async () => {
    const { config, fleet } = await load(`${BASE}rosters:
  web: { people: [ada, pepe], every: week, handover: mon 09:00, start: 2026-01-05 }
  hours:
    zone: Asia/Seoul
    layers:
      - { people: [kim], every: 2 days, start: 2026-01-01, only: { days: weekdays, from: "09:00", until: "17:00" } }
      - { people: [ada], start: 2026-01-01 }
    overrides:
      - { person: pepe, from: 2026-12-24 18:00, until: 2026-12-27 09:00, because: Christmas }
`);
    const { rosters } = answeringOf(config, fleet);
    expect(rosters.get('web')).toEqual({
      name: 'web',
      zone: 'Europe/Berlin',
      overrides: [],
      layers: [{ people: ['ada', 'pepe'], every: 7, handover: 540, weekday: 1, start: { year: 2026, month: 1, day: 5 } }],
    });
    expect(rosters.get('hours')).toMatchObject({
      zone: 'Asia/Seoul',
      layers: [
        { every: 2, only: [{ days: [1, 2, 3, 4, 5], from: 540, until: 1020 }] },
        { every: 7, handover: 540 },
      ],
      overrides: [{ person: 'pepe', from: { month: 12, day: 24, minutes: 1080 } }],
    });
  });

  test('that cannot be are refused at their place', async () => {
    expect(
      await problemsOf(`${BASE}rosters:
  a: { people: [ada, zoe], every: week, handover: mon 09:00, start: 2026-01-06 }
  b: { people: [ada] }
  c:
  d: { start: 2026-02-30, every: 90m, handover: "9:00" }
  e: { people: [ada], start: 2026-01-06, layers: [{ people: [kim] }] }
  f: { people: [ada], start: 2026-01-06, overrides: [{ person: kim, from: 2026-01-02 09:00, until: 2026-01-02 08:00 }] }
`),
    ).toEqual([
      '9:22: `rosters.a` names `zoe`: nobody under `people` is called `zoe`; there is ada, pepe, kim',
      '9:69: `rosters.a` starts on a Tuesday and hands over on a Monday: start it on one of those days',
      '10:3: `rosters.b` lacks `start`: the day on which the first of them begins, `2026-01-05`',
      '11:3: `rosters.c` names nobody: `people: [ada, pepe]`',
      '12:3: `rosters.d` names nobody: `people: [ada, pepe]`',
      '12:15: `rosters.d.start` must be a day: `2026-01-05`',
      '12:34: `rosters.d.every` must be whole days: `day`, `week`, `3 days`, `2 weeks`',
      '12:49: `rosters.d.handover` must be a time of day, or a weekday and a time: `"09:00"`, `mon 09:00`',
      '13:3: `rosters.e` has `layers` and a rotation of its own beside them: put that into a layer',
      '13:51: `rosters.e` lacks `start`: the day on which the first of them begins, `2026-01-05`',
      '14:100: `rosters.f` has an override that ends before it begins',
    ]);
  });
});

describe('how people are reached', () => {
  test('their channels, their quiet hours and their webhook are read', async () => {
    const { people } = await load(
      'people:\n  ada: { phone: "+441632960001", channels: [sms, voice], quiet: { from: "23:30", until: "06:00" }, prefer: awake, pronoun: her, webhook: "https://example.org/hook" }\n  kim: { quiet: none }\nproviders: { webhook: { secret: 0123456789abcdef0123456789abcdef } }\n',
    );
    expect(people[0]).toMatchObject({ channels: ['sms', 'voice'], quiet: { from: 1410, until: 360 }, prefer: 'awake', pronoun: 'her' });
    expect(people[0]?.webhook?.reveal()).toBe('https://example.org/hook');
    expect(people[1]).toMatchObject({ quiet: 'none' });
  });

  test('a channel they have no address for, and hours that are none, are refused', async () => {
    expect(await problemsOf('people:\n  ada: { email: ada@example.org, channels: [email, sms, pager] }\n  kim: { quiet: "22:00" }\n')).toEqual([
      '2:52: `people.ada.channels` has `sms`, and there is no `phone` to reach ada by',
      expect.stringMatching(/^2:57: `people.ada.channels\[3\]` must be `slack`, `discord`/),
      '3:17: `people.kim.quiet` must be `{ from: "22:00", until: "07:00" }`, or `none`',
    ]);
  });
});
