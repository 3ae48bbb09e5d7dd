import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { engines } from '../engines.ts';
import { dataDirectory, holdfast, listening } from './holdfast.ts';

/** Kills Holdfast by SIGKILL while it takes an alert: the sender has no answer and sends it again, and that is one page; so it is with what is over. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

for (const engine of engines()) {
  const skip = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  test.skipIf(skip !== '')(
    `on ${engine.name}, an alert is one page and over once, whenever Holdfast is killed while it takes it${skip}`,
    { timeout: 600_000 },
    async () => {
      const running = await engine.start();
      const { dataDir, remove } = dataDirectory();
      leftovers.push(remove, () => running.stop());
      const env = {
        HOLDFAST_DATA: dataDir,
        HOLDFAST_LOG: 'info',
        PRIVATE_PORT: '0',
        PORT: '0',
        ...(running.databaseUrl && { DATABASE_URL: running.databaseUrl }),
        ...(running.redisUrl && { REDIS_URL: running.redisUrl }),
      };
      const start = async (more: Record<string, string> = {}) => {
        const program = holdfast(['start', '--speed', '2'], { env: { ...env, ...more } });
        leftovers.push(() => program.child.kill('SIGKILL'));
        const [, url = ''] = await program.logs(/other automation is heard on (http:\/\/[\d.:]+)/);
        await listening(dataDir, program);
        return { program, url };
      };
      /** The status the sender has, or `undefined` where nobody answers it. */
      const send = async (url: string, state: string): Promise<number | undefined> => {
        const key = readFileSync(join(dataDir, 'sandbox', 'alert-key'), 'utf8');
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
        const body = JSON.stringify([
          { summary: 'HTTP 5xx', host: 'web01', state },
          { summary: 'slow', host: 'web02', state },
        ]);
        return fetch(`${url}/in/generic`, { method: 'POST', headers, body }).then(
          ({ status }) => status,
          () => undefined,
        );
      };
      let seen = '';
      for (const [point, state] of [
        ['alert.taken', 'firing'],
        ['alert.handled', 'firing'],
        ['page.asked', 'firing'],
      ] as const) {
        const { program, url } = await start({ HOLDFAST_CRASH_AT: point });
        expect(await send(url, state)).toBeUndefined();
        expect((await program.ended).signal, point).toBe('SIGKILL');
        seen += program.stdout();
      }
      const first = await start();
      expect(await send(first.url, 'firing')).toBe(200);
      expect(await send(first.url, 'firing')).toBe(200);
      await first.program.says(/^to ada by dm \(id \S+\): .*PG1: 2 alerts of web on web\[01-02\]/m);
      first.program.end();
      await first.program.ended;
      seen += first.program.stdout();
      for (const point of ['alert.taken', 'alert.handled']) {
        const { program, url } = await start({ HOLDFAST_CRASH_AT: point });
        expect(await send(url, 'resolved')).toBeUndefined();
        expect((await program.ended).signal, point).toBe('SIGKILL');
        seen += program.stdout();
      }
      const last = await start();
      expect(await send(last.url, 'resolved')).toBe(200);
      await last.program.says(/^to ada by \w+ \(id \S+\): .*PG1 is over/m);
      const listed = await last.program.asks('/ops show pages --json', /^\{"pages".*$/m);
      last.program.end();
      await last.program.ended;
      seen += last.program.stdout();
      const { pages } = JSON.parse(listed.match(/^\{"pages".*$/m)?.[0] ?? '{}') as { pages: { id: string; state: string }[] };
      expect(pages.map(({ id, state }) => `${id} ${state}`)).toEqual(['PG1 resolved']);
      // Each message has the id of its row: one that stands twice on the screen was shown twice.
      const shown = [...seen.matchAll(/^to \w+ by \w+ \(id (\S+)\): .*PG1/gm)].map(([, id]) => id as string);
      expect(shown.length - new Set(shown).size).toBeLessThanOrEqual(5);
    },
  );
}
