import { beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import type { Command } from '../../src/chat/command.ts';
import { type Role, rank } from '../../src/people.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { WAYS } from '../chat/ways.ts';
import { quiet } from '../store/quiet.ts';
import { contact } from './world.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});

/** The real definitions, of which each only says that it was let through: it is the door that is tried here. */
const doors = commands
  .filter(({ sandboxOnly }) => !sandboxOnly)
  .map((command): Command => ({ ...command, run: async () => ({ card: { title: `through: ${command.name}` }, write: async () => undefined }) }));

const PEOPLE = `automation:
  robot: { key: ${'k'.repeat(30)}, role: operator }
people:
  kim: { slack: U0KIM01, discord: "112233445566778801" }
  ben: { role: operator, slack: U0BEN01, discord: "112233445566778802" }
  root: { role: admin, slack: U0ROOT1, discord: "112233445566778803" }
`;

/** Who there is on each platform, by role. */
const WHO: { role: Role; account: Partial<Record<'terminal' | 'slack' | 'discord' | 'http', string>>; machine?: true }[] = [
  { role: 'anyone', account: { slack: 'slack:U0EVE01', discord: 'discord:112233445566778800', terminal: 'terminal:eve' } },
  { role: 'known', account: { slack: 'slack:U0KIM01', discord: 'discord:112233445566778801', terminal: 'terminal:kim' } },
  { role: 'operator', account: { slack: 'slack:U0BEN01', discord: 'discord:112233445566778802', terminal: 'terminal:ben' } },
  { role: 'admin', account: { slack: 'slack:U0ROOT1', discord: 'discord:112233445566778803', terminal: 'terminal:root' } },
  { role: 'operator', account: { http: 'http:machine:robot' }, machine: true },
];

const mayAsDeclared = (command: Command, role: Role, machine: boolean): boolean => rank(role) >= rank(command.role) && !(machine && command.peopleOnly);

describe('nobody acts beyond their role', () => {
  describe.each(Object.entries(WAYS))('%s', (way, { platform, line }) => {
    test.each(
      WHO.filter(({ account }) => account[platform] !== undefined).map((one): [string, (typeof WHO)[number]] => [one.machine ? 'a machine' : one.role, one]),
    )('%s may what is declared, and nothing else', async (_, { role, account, machine }) => {
      const { say, audit } = await contact(db, PEOPLE, { commands: doors });
      const came = await Promise.all(
        doors.map(async (command) => {
          const { outcome, title } = await say(account[platform] as string, line(command.examples[0] as string, doors));
          return [command.name, outcome === 'ok' ? title : outcome];
        }),
      );
      expect(came).toEqual(doors.map((command) => [command.name, mayAsDeclared(command, role, machine === true) ? `through: ${command.name}` : 'refused']));
      // Each of them is in the audit, under who it was.
      expect((await audit()).length, way).toBe(doors.length);
    });
  });

  test('a button pressed by another person is theirs: it is looked at with the role of whoever pressed', async () => {
    const { say, audit } = await contact(db, PEOPLE, { commands: doors });
    const pressed = WAYS['by a button of Slack']?.line('approve R1', doors) as string;
    expect((await say('slack:U0KIM01', pressed)).outcome).toBe('refused');
    expect((await say('slack:U0BEN01', pressed)).title).toBe('through: approve');
    expect(await audit()).toEqual(['kim: /ops approve R1 refused', 'ben: /ops approve R1 ok']);
  });

  test('what is delivered twice is done once, and a payload replayed in another name is still the first one’s', async () => {
    const { say, audit } = await contact(db, PEOPLE, { commands: doors });
    const eventId = 'press:1.1:1.4:replayed';
    expect((await say('slack:U0KIM01', '/ops approve R1', { eventId })).outcome).toBe('refused');
    expect((await say('slack:U0ROOT1', '/ops approve R1', { eventId })).outcome).toBe('refused');
    expect(await audit()).toEqual(['kim: /ops approve R1 refused']);
  });

  test('a stale button is looked at with the role of now: whoever lost theirs presses in vain', async () => {
    const { say, reload } = await contact(db, PEOPLE, { commands: doors });
    expect((await say('discord:112233445566778802', 'approve R1')).outcome).toBe('ok');
    await reload(PEOPLE.replace('ben: { role: operator,', 'ben: {'));
    expect((await say('discord:112233445566778802', 'approve R1')).title).toContain('needs the role operator; ben is known');
  });

  test.each(['slack:U0KIM01" or 1=1', 'root', 'slack:', 'console', 'machine:robot'])('an account that calls itself %s is a stranger', async (user) => {
    const { say } = await contact(db, PEOPLE, { commands: doors });
    expect((await say(`slack:${user}`, 'release slot web01 because so')).outcome).toBe('refused');
    expect((await say(`slack:${user}`, 'status')).outcome).toBe('refused');
  });
});
