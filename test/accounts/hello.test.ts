import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { withoutCode } from '../../src/accounts/hello-code.ts';
import { offerCode, openCode, takeInCode } from '../../src/accounts/hello-file.ts';
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

const TEAM = 'people:\n  ada: { role: known }\n  ben: { role: operator }\n';
const another = (code: string, by = 1): string => String((Number(code) + by) % 1_000_000).padStart(6, '0');

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-hello-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe('the first admin', () => {
  test('types the code that init printed, and may do from then on what admins may, on every process', async () => {
    const here = await contact(db, TEAM);
    const there = await contact(db, TEAM);
    const code = await openCode(db);
    expect((await here.say('slack:U0ADA1', 'release slot web01 because it is gone')).outcome).toBe('refused');
    const hello = await here.say('slack:U0ADA1', `hello ${code} as ada`);
    expect(hello.title).toBe('Hello ada. This account is yours now, and an admin.');
    expect(await here.links()).toEqual([{ platform: 'slack', user: 'U0ADA1', person: 'ada', how: 'hello', by: 'slack:U0ADA1', admin: true }]);
    for (const world of [here, there]) {
      expect((await world.say('slack:U0ADA1', 'release slot web01 because it is gone')).title).toBe('web01 holds no slot. "show slots" lists what is held.');
      await expect
        .poll(() => world.accounts.people().find(({ name }) => name === 'ada'))
        .toMatchObject({ slack: 'U0ADA1', roles: [{ role: 'known' }, { role: 'admin' }] });
    }
    // The code stands nowhere where somebody else could read it.
    expect((await here.audit()).join('\n')).toContain('ada: hello …… as ada ok'.replace('ada:', 'slack:U0ADA1:'));
    expect((await here.audit()).join('\n')).not.toContain(code);
  });

  test('need not be in the configuration: whoever has the shell of the machine is an admin', async () => {
    const { say, accounts } = await contact(db, 'name: empty\n');
    const code = await openCode(db);
    expect((await say('discord:112233445566778899', `hello ${code}`)).title).toContain('Say who you are as well: hello CODE as ada');
    expect((await say('discord:112233445566778899', `hello ${code} as Root!`)).outcome).toBe('refused');
    expect((await say('discord:112233445566778899', `hello ${code} as grace`)).outcome).toBe('ok');
    expect(accounts.people()).toEqual([expect.objectContaining({ name: 'grace', discord: '112233445566778899', roles: [{ role: 'admin' }] })]);
  });

  test('is told to type it on a platform when it is typed in a shell', async () => {
    const { say } = await contact(db, TEAM);
    expect((await say('terminal:ada', 'hello 123456')).title).toBe('"hello" is typed on Slack or Discord: it is about the account there.');
  });
});

describe('a code', () => {
  test('works once', async () => {
    const { say } = await contact(db, TEAM);
    const code = await openCode(db);
    expect((await say('slack:U0ADA1', `hello ${code} as ada`)).outcome).toBe('ok');
    expect((await say('slack:U0EVE1', `hello ${code} as ben`)).title).toBe('That code opens nothing.');
  });

  test('makes one admin when twenty accounts type it at once', async () => {
    const { say, links } = await contact(db, 'name: empty\n');
    const code = await openCode(db);
    const came = await Promise.all(Array.from({ length: 20 }, (_, n) => say(`slack:U0${n}AAA`, `hello ${code} as p${n}`)));
    expect(came.filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
    expect(await links()).toHaveLength(1);
  });

  test('that is wrong is refused in the same words however near it is, and after three from one account also the right one is', async () => {
    const { say } = await contact(db, TEAM);
    const code = await openCode(db);
    const said = [];
    for (const typed of [another(code), 'abc', another(code, 500_000)]) said.push(await say('slack:U0EVE1', `hello ${typed} as ada`));
    said.push(await say('slack:U0EVE1', `hello ${code} as ada`));
    expect(new Set(said.map(({ text }) => text)).size).toBe(1);
    expect(said.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused', 'refused']);
    // Somebody else's tries are their own.
    expect((await say('slack:U0ADA1', `hello ${code} as ada`)).outcome).toBe('ok');
  });

  test('is good for nothing after ten wrong ones, whoever typed them', async () => {
    const { say } = await contact(db, TEAM);
    const code = await openCode(db);
    for (let n = 1; n <= 10; n++) await say(`slack:U0EVE${n}`, `hello ${another(code, n)} as ada`);
    expect((await say('slack:U0ADA1', `hello ${code} as ada`)).title).toBe('That code opens nothing.');
    expect((await say('slack:U0ADA1', `hello ${await openCode(db)} as ada`)).outcome).toBe('ok');
  });

  test('is good for a day, and for nothing once another was made', async () => {
    const { say } = await contact(db, TEAM);
    const first = await openCode(db);
    const second = await openCode(db);
    expect((await say('slack:U0ADA1', `hello ${first} as ada`)).outcome).toBe(first === second ? 'ok' : 'refused');
    await db.query(`update hello_codes set expires_until = now() - interval '1 second'`);
    expect((await say('slack:U0ADA2', `hello ${second} as ada`)).outcome).toBe('refused');
  });

  test('made while nothing runs waits as a hash that only its owner reads, is taken in once, and survives a restart', async () => {
    const dir = dataDir();
    const code = await offerCode(dir);
    expect(readdirSync(dir)).toEqual(['hello.json']);
    expect(statSync(join(dir, 'hello.json')).mode & 0o777).toBe(0o600);
    const kept = readFileSync(join(dir, 'hello.json'), 'utf8');
    expect(kept).not.toContain(code);
    await takeInCode(db, dir);
    expect(readdirSync(dir)).toEqual([]);
    const { say } = await contact(db, TEAM);
    expect((await say('slack:U0ADA1', `hello ${code} as ada`)).outcome).toBe('ok');
    // A process that died between taking it in and taking the file away does not open it again.
    await (await import('node:fs/promises')).writeFile(join(dir, 'hello.json'), kept);
    await takeInCode(db, dir);
    expect((await say('slack:U0EVE1', `hello ${code} as ben`)).outcome).toBe('refused');
  });

  test('is taken out of whatever is written down', () => {
    expect(withoutCode('hello 493021 as ada')).toBe('hello …… as ada');
    expect(withoutCode('/oncall HELLO "493021"')).toBe('/oncall HELLO "……');
    expect(withoutCode('hello as ada2 493021')).toBe('hello as ada2 ……');
    expect(withoutCode('incident note "hello web01 is down since 12:30, ticket 493021"')).not.toContain('493021');
    expect(withoutCode('check web01')).toBe('check web01');
  });
});
