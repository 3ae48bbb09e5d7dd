import { describe, expect, test } from 'vitest';
import { load, problemsOf } from './folder.ts';

const FLEET = 'timezone: Europe/Berlin\nhosts:\n  kvm[01-12]: { site: bne }\ngroups:\n  kvm: { hosts: "kvm[01-12]" }\n';

describe('windows in holdfast.yaml', () => {
  test('name hosts, days and times', async () => {
    const { config } = await load(`${FLEET}windows:\n  - { hosts: "@kvm", days: weekdays, from: "22:00", until: "02:00" }\n`);
    expect(config.windows).toEqual([{ hosts: '@kvm', days: [1, 2, 3, 4, 5], from: 1320, until: 120 }]);
  });

  test('that could never open, or likely mean something else, are refused at their place', async () => {
    expect(
      await problemsOf(
        `${FLEET}windows:\n  - { hosts: "@kvm", from: "02:00", until: "02:00" }\n  - { hosts: "@kwm", from: "08:00", until: "06:00" }\n  - { hosts: "@all where uptime > 3d", from: "01:00", until: "02:00" }\n`,
      ),
    ).toEqual([
      '7:44: `windows[1].until` is the time at which it opens: such a window is never open',
      '8:44: `windows[2].until` makes it 22 h long, over midnight: are `from` and `until` the wrong way round? A longer one is two windows',
      expect.stringContaining('9:14: the `hosts` of this window: it cannot be made with `where`: facts change'),
    ]);
  });

  test('of hosts nobody knows are refused, with the name that comes near', async () => {
    const [problem] = await problemsOf(`${FLEET}windows:\n  - { hosts: "@kwm", from: "02:00", until: "04:00" }\n`);
    expect(problem).toContain('7:14: the `hosts` of this window: No host matches "@kwm". Did you mean @kvm?');
  });
});

describe('how many of a group at once', () => {
  test('is a number of hosts or a share, and a cluster keeps its quorum', async () => {
    const { config } = await load(`${FLEET}  web: { hosts: kvm01, at_once: "10%" }\n  db: { hosts: kvm02, at_once: 2, quorum: true }\n`);
    expect(config.groups).toMatchObject({ web: { at_once: { share: 10 } }, db: { at_once: { hosts: 2 }, quorum: true } });
  });

  test.each(['0', '-1', '1.5', '"0%"', '"101%"', 'all'])('cannot be %s', async (value) => {
    expect(await problemsOf(`${FLEET}  web: { hosts: kvm01, at_once: ${value} }\n`)).toEqual([
      expect.stringContaining('must be a number of hosts from 1, or a share'),
    ]);
  });
});
