import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgetGroups } from '../../src/accounts/groups.ts';
import { putLink } from '../../src/accounts/links.ts';
import type { Store } from '../../src/store/db.ts';
import { openDb } from '../../src/store/open.ts';
import { quiet } from '../store/quiet.ts';
import { contact, forgetContacts } from './world.ts';

let db: Store;
beforeAll(async () => {
  db = await openDb({ memory: true, log: quiet });
  return () => db.close();
});
beforeEach(() => forgetContacts(db));

/** What they share, without the platforms. */
const TEAM = `hosts:
  web[01-02]: { groups: [web] }
  db1: { groups: [db] }
people:
  root: { role: admin, slack: U0ROOT1 }
  sub: { role: admin on @web, slack: U0SUB01 }
  ada: { role: operator }
  ben: { slack: U0BEN01 }
`;

const SOCKET = 'slack: { bot_token: xoxb-1, app_token: xapp-1 }\n';

describe('an account nobody knows', () => {
  test('gets help, and for anything else is told how to become known, with a button for each who has no account there', async () => {
    const { say } = await contact(db, SOCKET + TEAM);
    expect((await say('slack:U0NEW01', 'help')).outcome).toBe('ok');
    for (const typed of ['check @web', 'stop', 'frobnicate', 'show audit', 'status']) {
      const refused = await say('slack:U0NEW01', typed);
      expect(refused.outcome).toBe('refused');
      expect(refused.text).toContain('This account is not known here.');
      expect(refused.buttons).toEqual([{ label: 'I am ada', command: 'link me as ada' }]);
    }
    const onDiscord = await say('discord:112233445566778899', 'check @web');
    expect(onDiscord.buttons.map(({ label }) => label)).toEqual(['I am root', 'I am sub', 'I am ada', 'I am ben']);
  });

  test('says who it is; an admin confirms, and it acts with the role that person has, no more', async () => {
    const { say, told, links } = await contact(db, SOCKET + TEAM);
    expect((await say('slack:U0NEW01', 'link me as ada')).text).toContain('root is asked; you hear of it here.');
    const [asked] = await told();
    expect(asked).toMatchObject({ to: 'root', title: 'Somebody on slack says: I am ada' });
    expect(asked?.buttons.map(({ label }) => label)).toEqual(['Confirm', 'No']);
    const [confirm] = asked?.buttons ?? [];
    expect((await say('slack:U0BEN01', confirm?.command as string)).outcome).toBe('refused');
    expect((await say('slack:U0SUB01', confirm?.command as string)).title).toContain('needs the role admin');
    expect((await say('slack:U0NEW01', confirm?.command as string)).outcome).toBe('refused');
    expect((await say('slack:U0ROOT1', confirm?.command as string)).title).toBe('slack:U0NEW01 is ada now.');
    expect(await links()).toEqual([{ platform: 'slack', user: 'U0NEW01', person: 'ada', how: 'confirmed', by: 'root', admin: false }]);
    expect((await told()).at(-1)).toMatchObject({ to: 'U0NEW01', title: expect.stringContaining('You are ada here now; root confirmed it') });
    // A stale button: answered once.
    expect((await say('slack:U0ROOT1', confirm?.command as string)).title).toContain('does not wait to be ada any more');
    expect((await say('slack:U0NEW01', 'release slot web01 because so')).title).toContain('needs the role admin; ada is operator');
    expect((await say('slack:U0NEW01', 'take R1')).title).toContain('There is no R1');
  });

  test('is refused by an admin, is told, and asks again only an hour later', async () => {
    const { say, told, clock } = await contact(db, SOCKET + TEAM);
    await say('slack:U0NEW01', 'link me as ada');
    expect((await say('slack:U0NEW01', 'link me as ada')).title).toContain('It can ask again in 60 min');
    expect((await say('slack:U0ROOT1', 'refuse link slack:U0NEW01')).title).toBe('slack:U0NEW01 is not ada: refused.');
    expect((await told()).at(-1)).toMatchObject({ to: 'U0NEW01', title: 'root did not confirm that you are ada. Talk to them if you are.' });
    expect((await say('slack:U0NEW01', 'link me as ada')).outcome).toBe('refused');
    clock.jumpTo(clock.now() + 61 * 60_000);
    expect((await say('slack:U0NEW01', 'link me as ada')).outcome).toBe('ok');
  });

  test.each([
    ['link me as nobody', 'Nobody here is called "nobody".'],
    ['link me as adda', 'Did you mean "ada"?'],
    ['link me as ben', 'ben has another account on slack.'],
  ])('%s is refused', async (typed, expected) => {
    const { say, links } = await contact(db, SOCKET + TEAM);
    const refused = await say('slack:U0NEW01', typed);
    expect([refused.outcome, refused.title]).toEqual(['refused', expect.stringContaining(expected)]);
    expect(await links()).toEqual([]);
  });

  test('that asked to be ada does not become ben by a button that was changed', async () => {
    const { say, links } = await contact(db, SOCKET + TEAM.replace('slack: U0BEN01', 'role: admin'));
    await say('slack:U0NEW01', 'link me as ada');
    expect((await say('slack:U0ROOT1', 'confirm link slack:U0NEW01 as ben')).title).toContain('does not wait to be ben any more');
    expect(await links()).toEqual([]);
  });
});

describe('what was linked', () => {
  test('ends with the next line when an admin takes it away, also what was acknowledged before', async () => {
    const here = await contact(db, TEAM);
    const there = await contact(db, TEAM);
    await db.tx((tx) => putLink(tx, { platform: 'slack', user: 'U0NEW01', person: 'ada', how: 'confirmed', admin: true, by: 'root', at: 0 }));
    await expect.poll(() => there.accounts.people().find(({ name }) => name === 'ada')?.slack).toBe('U0NEW01');
    expect((await here.say('slack:U0ROOT1', 'remove link slack:U0NEW01')).outcome).toBe('ok');
    // The other process received it while it still thought it was ada.
    expect((await there.say('slack:U0NEW01', 'release slot web01 because so')).text).toContain('This account is not known here.');
    expect((await here.audit()).at(-1)).toBe('slack:U0NEW01: release slot web01 because so refused');
  });

  test('gives way to the configuration, for the account and for the person', async () => {
    const { say, reload, accounts } = await contact(db, TEAM);
    await db.tx((tx) => putLink(tx, { platform: 'slack', user: 'U0NEW01', person: 'ada', how: 'hello', admin: true, by: 'x', at: 0 }));
    expect((await say('slack:U0NEW01', 'release slot x because so')).title).toContain('x holds no slot');
    await reload(TEAM.replace('ada: { role: operator }', 'ada: { role: operator, slack: U0ADA02 }'));
    expect((await say('slack:U0NEW01', 'show runs')).text).toContain('This account is not known here.');
    expect((await say('slack:U0ADA02', 'release slot x because so')).title).toContain('ada is operator');
    expect((await say('slack:U0ROOT1', 'remove link slack:U0ADA02')).title).toContain("is ada's by holdfast.yaml");
    expect(accounts.people().find(({ name }) => name === 'ada')).toMatchObject({ slack: 'U0ADA02', roles: [{ role: 'operator' }] });
  });

  test('by e-mail: a person with an address is found without anybody typing, an account that is taken is left alone', async () => {
    const asked: string[] = [];
    const lookUp = async (email: string) => {
      asked.push(email);
      return { 'ada@example.org': 'U0ADA01', 'kim@example.org': 'U0BEN01' }[email];
    };
    const yaml = `slack: { bot_token: xoxb-1, app_token: xapp-1 }\n${TEAM.replace('ada: { role: operator }', 'ada: { role: operator, email: ada@example.org }')}  kim: { email: kim@example.org }\n  lea: {}\n`;
    const { say, reload, links } = await contact(db, yaml, { lookUp });
    await reload(yaml);
    expect(asked.sort()).toEqual(['ada@example.org', 'kim@example.org']);
    expect(await links()).toEqual([{ platform: 'slack', user: 'U0ADA01', person: 'ada', how: 'email', by: 'slack', admin: false }]);
    expect((await say('slack:U0ADA01', 'release slot x because so')).title).toContain('ada is operator');

    // An admin's word goes before the address: the account may be in other hands.
    expect((await say('slack:U0ROOT1', 'remove link slack:U0ADA01')).outcome).toBe('ok');
    await reload(yaml);
    expect(await links()).toEqual([]);
    expect((await say('slack:U0ADA01', 'release slot x because so')).text).toContain('This account is not known here.');
    await say('slack:U0ADA01', 'link me as ada');
    expect((await say('slack:U0ROOT1', 'confirm link slack:U0ADA01 as ada')).outcome).toBe('ok');
    expect(await links()).toMatchObject([{ user: 'U0ADA01', person: 'ada', how: 'confirmed' }]);
  });
});

describe('roles by a group of the platform', () => {
  const GROUPS = `slack: { bot_token: xoxb-1, app_token: xapp-1, groups: { S0WEB1: operator on @web } }
discord: { token: t, groups: { "998877665544332211": operator } }
${TEAM.replace('ben: { slack: U0BEN01 }', 'ben: { slack: U0BEN01, discord: "112233445566778899" }')}`;

  test('hold within their scope, for people Holdfast knows, and only on the platform that says so', async () => {
    const { say, accounts } = await contact(db, GROUPS, { members: async () => ['U0BEN01', 'U0NEW01'] });
    expect((await say('slack:U0BEN01', 'exclude @web from job reboot because it is old until 2h')).title).not.toContain('needs the role');
    expect((await say('slack:U0BEN01', 'exclude db1 from job reboot because it is old')).title).toContain('ben has it on @web only, and db1 is outside');
    expect((await say('slack:U0NEW01', 'exclude @web from job reboot because it is old')).text).toContain('This account is not known here');
    expect((await say('terminal:ben', 'exclude @web from job reboot because it is old')).title).toContain('needs the role operator; ben is known');
    expect((await say('discord:112233445566778899', 'take R1')).title).toContain('needs the role operator; ben is known');
    expect((await say('discord:112233445566778899', 'take R1', { groups: ['998877665544332211', '1'] })).title).toContain('There is no R1');
    // Whoever is asked to approve is known to every process.
    await expect
      .poll(() => accounts.people().find(({ name }) => name === 'ben')?.roles)
      .toEqual([{ role: 'known' }, { role: 'operator', scope: '@web' }, { role: 'operator' }]);
    // Alone with the bot Discord names no roles: nothing is let through there, and nothing is forgotten.
    const direct = (await say('discord:112233445566778899', 'take R1')).title;
    expect(direct).toContain('needs the role operator; ben is known');
    expect(direct).toContain('type it in a channel of the server');
    expect(await db.query(`select 1 from group_members where platform = 'discord'`)).toHaveLength(1);
    expect((await say('discord:112233445566778899', 'take R1', { groups: ['1'] })).title).toContain('needs the role operator; ben is known');
    expect(await db.query(`select 1 from group_members where platform = 'discord'`)).toEqual([]);
  });

  test('are believed for ten minutes; then Slack is asked again, and what it does not say does not hold', async () => {
    let answers: () => Promise<string[]> = async () => ['U0BEN01'];
    let asked = 0;
    const members = async () => {
      asked += 1;
      return answers();
    };
    const { say } = await contact(db, GROUPS, { members });
    const mine = async () => (await say('slack:U0BEN01', 'policy updates @web delay 48h plan')).title.includes('needs the role operator; ben is known');
    expect(await mine()).toBe(false);
    answers = () => Promise.reject(new Error('slack is away'));
    expect(await mine()).toBe(false);
    expect(asked).toBe(1);
    await db.query(`update group_looks set wall_at = now() - interval '11 minutes'`);
    expect(await mine()).toBe(true);
    answers = async () => [];
    expect(await mine()).toBe(true);
    answers = async () => ['U0BEN01'];
    await forgetGroups(db);
    expect(await mine()).toBe(false);
  });
});

describe('a channel that is bound', () => {
  const BOUND = `slack: { bot_token: xoxb-1, app_token: xapp-1 }\nchannels:\n  web: { slack: C0WEB01, targets: "@web" }\n  ops: { slack: C0OPS01 }\n${TEAM}`;
  const outside = 'This channel (web in holdfast.yaml) concerns @web, and db1 is outside.';

  test('concerns its hosts only, whoever types; elsewhere the same words are done', async () => {
    const { say } = await contact(db, BOUND);
    const typed = 'exclude db1 from job reboot because it is old';
    const here = await say('slack:U0ROOT1', typed, { channel: 'C0WEB01' });
    expect([here.outcome, here.title]).toEqual(['refused', expect.stringContaining(outside)]);
    expect((await say('slack:U0ROOT1', 'exclude @all from job reboot because it is old', { channel: 'C0WEB01' })).title).toContain(outside);
    expect((await say('slack:U0ROOT1', 'show @all', { channel: 'C0WEB01' })).title).toContain(outside);
    expect((await say('slack:U0ROOT1', 'exclude @web from job reboot because it is old', { channel: 'C0WEB01' })).outcome).not.toBe('refused');
    expect((await say('slack:U0ROOT1', typed, { channel: 'C0OPS01' })).outcome).not.toBe('refused');
    expect((await say('slack:U0ROOT1', 'stop', { channel: 'C0WEB01' })).outcome).toBe('ok');
  });

  test('where the bot is not says so before anything begins', async () => {
    const { say } = await contact(db, BOUND, { unheard: async ({ channel }) => (channel === 'C0WEB01' ? 'I am not here. /invite @holdfast' : undefined) });
    const refused = await say('slack:U0ROOT1', 'exclude @web from job reboot because it is old', { channel: 'C0WEB01' });
    expect([refused.outcome, refused.title]).toEqual(['refused', 'I am not here. /invite @holdfast']);
    expect(await db.query('select 1 from rules')).toEqual([]);
  });
});
