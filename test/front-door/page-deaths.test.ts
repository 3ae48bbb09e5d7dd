import { afterAll, expect, test } from 'vitest';
import { engines } from '../engines.ts';
import { dataDirectory, holdfast, listening } from './holdfast.ts';

/**
 * Kills Holdfast by SIGKILL at the named moments of a page's life and starts it again on the same data: the page is not lost, everybody who
 * is to be asked is asked, and nobody has more than one message twice for each death.
 */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

/** In the order in which one page comes there; each process dies at its own. */
const DEATHS = [
  'page.asked',
  'page.decided',
  'page.stepped',
  'attempt.begun#2',
  'attempt.sent#2',
  'attempt.written',
  'page.stepped',
  'attempt.sent#3',
  'page.decided',
];
const PATIENCE = 60_000;

for (const engine of engines()) {
  const skip = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  test.skipIf(skip !== '')(
    `on ${engine.name}, a page that is killed at every moment of its life reaches everybody all the same${skip}`,
    { timeout: 600_000 },
    async () => {
      const running = await engine.start();
      const { dataDir, remove } = dataDirectory();
      leftovers.push(remove, () => running.stop());
      const env = {
        HOLDFAST_DATA: dataDir,
        ...(running.databaseUrl && { DATABASE_URL: running.databaseUrl }),
        ...(running.redisUrl && { REDIS_URL: running.redisUrl }),
      };
      const start = (more: Record<string, string> = {}) => {
        const program = holdfast(['start', '--speed', '300'], { env: { ...env, ...more } });
        leftovers.push(() => program.child.kill('SIGKILL'));
        return program;
      };
      let deaths = 0;
      let seen = '';
      for (const [n, point] of DEATHS.entries()) {
        const program = start({ HOLDFAST_CRASH_AT: point });
        if (n === 0) program.type('/ops page web "db down"');
        const late = setTimeout(() => program.child.kill('SIGQUIT'), PATIENCE);
        const { signal } = await program.ended;
        clearTimeout(late);
        expect(signal, `${point}\n${program.stdout()}\n${program.stderr()}`).toBe('SIGKILL');
        deaths += 1;
        seen += program.stdout();
      }
      const last = start();
      await listening(dataDir, last);
      await last.says(/to kim by voice/);
      last.type('@kim /ops ack PG1');
      await last.says(/PG1 is with kim/);
      const text = await last.asks('/ops show PG1 --json', /^\{.*"id":"PG1".*$/m);
      last.end();
      await last.ended;
      seen += last.stdout();
      const page = JSON.parse(text.match(/^\{.*"id":"PG1".*$/m)?.[0] ?? '{}') as {
        state: string;
        attempts: { person: string; channel: string; sent: string | null }[];
      };
      expect(page.state).toBe('acked');
      for (const person of ['ada', 'pepe', 'kim']) {
        expect(new Set(page.attempts.filter((one) => one.person === person && one.sent).map(({ channel }) => channel)), person).toEqual(
          new Set(['dm', 'ntfy', 'email', 'sms', 'voice']),
        );
      }
      // Each message has the id of its row: one that stands twice on the screen was shown twice.
      const shown = [...seen.matchAll(/^to \w+ by \w+ \(id (\S+)\): (?:✗ )?PG1: /gm)].map(([, id]) => id as string);
      expect(shown.length - new Set(shown).size).toBeLessThanOrEqual(deaths);
      expect(new Set(shown).size).toBe(page.attempts.filter(({ sent }) => sent !== null).length);
    },
  );
}
