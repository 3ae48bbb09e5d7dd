import { afterAll, describe, expect, test } from 'vitest';
import { dataDirectory, piped } from './holdfast.ts';

/** Pages as a stranger tries them: lines piped into the program, and what people's devices received. Time is moved, never slept. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

const env = (): { HOLDFAST_DATA: string } => {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return { HOLDFAST_DATA: dataDir };
};

interface Received {
  person: string;
  channel: string;
  text: string;
}
const received = (stdout: string): Received[] =>
  [...stdout.matchAll(/^to (\w+) by (\w+) \(id \S+\): (.*(?:\n {2}.*)*)/gm)].map(([, person = '', channel = '', text = '']) => ({ person, channel, text }));

const EACH = ['dm', 'ntfy', 'email', 'sms', 'voice'];
/** Who was asked, in order, each for all of their channels. */
const inTurn = (messages: readonly Received[]): string[] => messages.map(({ person }) => person).filter((person, n, all) => person !== all[n - 1]);

describe('page web "db down"', () => {
  test('asks ada by each channel, pepe with a brief in his own time, kim, then ada again, until pepe has it; then everybody is told, and nothing follows', {
    timeout: 180_000,
  }, async () => {
    const { code, stdout, stderr } = await piped(
      ['/ops page web "db down"', 'wait 20m', '@pepe /ops ack PG1', '/ops status', 'wait 3h', '/ops show PG1 --json'],
      { env: env() },
    );
    const all = received(stdout);
    const [before = '', after = ''] = stdout.split('20 min went by.');
    const asked = received(before);
    expect(inTurn(asked).slice(0, 4)).toEqual(['ada', 'pepe', 'kim', 'ada']);
    for (const [n, person] of ['ada', 'pepe', 'kim', 'ada'].entries()) {
      const turn = asked.slice(n * EACH.length, (n + 1) * EACH.length);
      expect(turn.map((one) => one.person)).toEqual(EACH.map(() => person));
      expect(turn.map(({ channel }) => channel).sort()).toEqual([...EACH].sort());
    }
    const pepe = asked.find(({ person, channel }) => person === 'pepe' && channel === 'dm')?.text;
    expect(pepe).toMatch(
      /PG1: db down\n.* it is \d\d:\d\d for you \(America\/Lima\)\n {2}ada was asked at \d\d:\d\d by dm, ntfy, email, sms, voice: no answer\n/,
    );
    expect(pepe).toContain('1. Look what the broken ones share: check @web');
    expect(pepe).toContain('do NOT reboot both of a pair at once');
    expect(pepe).toContain('/ops ack PG1');
    expect(pepe?.split('\n').length).toBeLessThan(16);

    const told = received(after);
    expect(told.map(({ person, text }) => ({ person, text }))).toEqual([
      { person: 'ada', text: 'PG1 is with pepe: db down' },
      { person: 'kim', text: 'PG1 is with pepe: db down' },
    ]);
    expect(after).toMatch(/^✓ PG1 is with pepe: db down$/m);
    expect(all.length).toBe(asked.length + told.length);

    const page = JSON.parse(stdout.match(/^\{.*"id":"PG1".*$/m)?.[0] ?? '{}');
    expect(page).toMatchObject({ id: 'PG1', state: 'acked', acked: { by: 'pepe' } });
    expect(
      page.attempts
        .map(({ person }: Received) => person)
        .filter((_: string, n: number) => n % EACH.length === 0)
        .slice(0, 4),
    ).toEqual(['ada', 'pepe', 'kim', 'ada']);
    const due = page.attempts.map((one: { due: string }) => Date.parse(one.due));
    expect(due).toEqual([...due].sort((a: number, b: number) => a - b));
    expect((due[EACH.length] - due[0]) / 60_000).toBeCloseTo(5, 0);
    expect(page.attempts.filter((one: { answer: string | null }) => one.answer === 'ack').map(({ person }: Received) => person)).toContain('pepe');
    expect(page.attempts.every((one: { sent: string | null }) => one.sent !== null)).toBe(true);
    expect(stderr).not.toContain('"level":50');
    expect(code).toBe(0);
  });

  test('two that wait are two buttons, never a guess; pass goes on at once, by name it begins with that person', { timeout: 180_000 }, async () => {
    const { code, stdout } = await piped(
      [
        ...[
          '/ops page web "one"',
          '/ops page db "two" critical',
          'wait 1m',
          '/ops ack',
          '@ada /ops pass PG1 because I am ill, the script is on the wiki',
          'wait 1m',
        ],
        ...['@pepe /ops pass PG1 to you', 'wait 1m', '/ops ack PG1', '/ops ack', '/ops page nobody "x"', '/ops page web'],
      ],
      { env: env() },
    );
    expect(stdout).toContain('Which one? 2 pages wait. Nothing was done.');
    expect(stdout).toContain('/ops ack PG1   [PG1]');
    const [, later = ''] = stdout.split('PG1 goes to whoever is next now.');
    const pepe = received(later).find(({ person, text }) => person === 'pepe' && text.includes('PG1'));
    expect(pepe?.text).toContain('ada passed it on: I am ill, the script is on the wiki');
    const [, last = ''] = later.split('PG1 goes to you now.');
    expect(received(last)[0]).toMatchObject({ person: 'you' });
    expect(last).toContain('PG1 is with you: one');
    expect(last).toContain('PG2 is with you: two');
    expect(last).toContain('Nobody and nothing here is called "nobody"');
    expect(last).toContain('Say what is wrong, in one line');
    expect(code).not.toBe(0);
  });

  test('page me proves each channel to whoever asks and to nobody else, and prints what it took', { timeout: 120_000 }, async () => {
    const { stdout } = await piped(['/ops page me', 'wait 1m', '/ops ack', 'wait 1h'], { env: env() });
    expect([...new Set(received(stdout).map(({ person }) => person))]).toEqual(['you']);
    expect(
      received(stdout)
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual([...EACH].sort());
    expect(stdout).toMatch(/dm \d+\.\d s, ntfy \d+\.\d s, email \d+\.\d s, sms \d+\.\d s, voice \d+\.\d s; you answered in \d+ s/);
  });
});
