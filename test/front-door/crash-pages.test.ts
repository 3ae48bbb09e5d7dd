import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { typeLine } from '../../src/control/client.ts';
import { uniqueId } from '../../src/lib/ids.ts';
import { type Engine, engines } from '../engines.ts';
import { fakeNtfy } from '../fake/ntfy.ts';
import { fakeTwilio } from '../fake/twilio.ts';
import { dataDirectory, holdfast, listening, type Program } from './holdfast.ts';
import { comesAbout } from './several.ts';

/**
 * Kills Holdfast by SIGKILL while a page is on its way to a person, starts it again on the same data, and looks at what lies on her telephone:
 * a push server and Twilio are the real wire, on loopback. She gets each message; of a push one more at most, of what Twilio took never a second.
 */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers) await leftover();
});

const POINTS = ['attempt.begun', 'attempt.sent', 'attempt.written'] as const;

for (const engine of engines()) {
  const skip = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  describe.skipIf(skip !== '')(`kill -9 on ${engine.name}${skip}`, () => {
    for (const point of POINTS) {
      for (const nth of [1, 2]) {
        test(`at ${point} for the ${nth === 1 ? 'first' : 'second'} time, she is paged by each of her channels all the same`, { timeout: 90_000 }, async () => {
          const { ntfy, twilio, start, types } = await begin(engine);
          const first = await start({ HOLDFAST_CRASH_AT: `${point}#${nth}` });
          // Whose answer dies with the program, or comes from the next one: what counts is what her devices get.
          void types('page ada "db down" critical').catch(() => undefined);
          expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
          const second = await start();
          await comesAbout('a push', () => ntfy.phone.length > 0);
          await comesAbout('an SMS', () => twilio.texts.length > 0);
          const { attempts } = await comesAbout('all tries done', async () => {
            const page = JSON.parse((await types('show PG1 --json'))[0] ?? '{}') as { attempts: { channel: string; sent: string | null }[] };
            return page.attempts.length >= 2 && page.attempts.slice(0, 2).every(({ sent }) => sent !== null) && page;
          });
          expect(
            attempts
              .slice(0, 2)
              .map(({ channel }) => channel)
              .sort(),
          ).toEqual(['ntfy', 'sms']);
          expect(ntfy.phone.length).toBeLessThanOrEqual(2);
          expect(twilio.texts.map(({ body }) => body)).toEqual([expect.stringContaining('db down')]);
          second.child.kill('SIGTERM');
          await second.ended;
        });
      }
    }
  });
}

async function begin(engine: Engine) {
  const running = await engine.start();
  const { dataDir, remove } = dataDirectory();
  leftovers.push(() => running.stop(), remove);
  const [ntfy, twilio] = await Promise.all([fakeNtfy(), fakeTwilio()]);
  const config = join(dataDir, 'holdfast.yaml');
  const { account, from, api_url } = twilio.config;
  writeFileSync(
    config,
    `data: ${dataDir}
${running.databaseUrl ? `database: { url: "${running.databaseUrl}" }\n` : ''}${running.redisUrl ? `redis: { url: "${running.redisUrl}" }\n` : ''}people:
  ada: { role: operator, phone: "+441632960001", ntfy: "\${env:TOPIC}" }
hosts: { web01: { address: 127.0.0.1 } }
down: { watch: false }
providers:
  ntfy: { url: "${ntfy.url}" }
  twilio: { account: ${account}, token: "\${env:TWILIO}", from: "${from}", api_url: "${api_url}", voice: false }
`,
  );
  const env = { HOLDFAST_DATA: dataDir, TOPIC: 'ada-topic', TWILIO: twilio.config.token, PRIVATE_PORT: '0' };
  return {
    ntfy,
    twilio,
    async start(more: Record<string, string> = {}): Promise<Program> {
      const program = holdfast(['start', '--config', config], { stdin: 'ignore', env: { ...env, ...more } });
      leftovers.unshift(() => program.child.kill('SIGKILL'));
      await listening(dataDir, program);
      return program;
    },
    /** What the line was answered. */
    async types(text: string): Promise<string[]> {
      const shown: string[] = [];
      await typeLine({ dataDir, text, login: 'you', zone: 'UTC', print: (said) => shown.push(said), warn: () => {}, id: uniqueId() });
      return shown;
    },
  };
}
