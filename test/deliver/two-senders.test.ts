import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engines } from '../engines.ts';
import { slackSection } from '../fake/slack/config.ts';
import { openFakeSlack } from '../fake/slack/open.ts';
import { dataDirectory, holdfast, type Program } from '../front-door/holdfast.ts';

/** The lease lasts 10 s; the rest is for a machine that does other things. */
const TAKEN_OVER = 20_000;

for (const engine of engines().filter(({ name }) => name === 'postgres')) {
  const why = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  describe.skipIf(why !== '')(`two processes on one database, both connected to Slack${why}`, () => {
    test.each(['answer.rendered', 'answer.sent'])(
      'the one that sends is killed at %s: the other sends what it had not, once, as soon as the lease is over',
      { timeout: 150_000 },
      async (point) => {
        const running = await engine.start();
        onTestFinished(() => running.stop());
        const slack = await openFakeSlack();
        onTestFinished(() => slack.close());
        const ada = slack.user('ada');
        const ops = slack.channel('ops', ['ada']);
        const config = `${slackSection(slack)}database: { url: "${running.databaseUrl}" }
people: { ada: { role: operator, slack: ${ada} } }
channels: { ops: { slack: ${ops} } }
hosts: { lab01: { address: 127.0.0.1, port: 1 } }
`;
        const start = (env: Record<string, string>): Program => {
          const { dataDir, remove } = dataDirectory();
          const file = join(dataDir, 'holdfast.yaml');
          writeFileSync(file, config, { mode: 0o600 });
          const program = holdfast(['start', '--config', file], {
            stdin: 'ignore',
            env: { HOLDFAST_DATA: join(dataDir, 'data'), HOLDFAST_LOG: 'info', PRIVATE_PORT: '0', ...env },
          });
          onTestFinished(async () => {
            program.child.kill('SIGKILL');
            await program.ended;
            remove();
          });
          return program;
        };
        const first = start({ HOLDFAST_CRASH_AT: point });
        await slack.until(() => slack.sockets.count() === 2, 60_000);
        await first.logs(/holdfast runs/);
        start({});
        await slack.until(() => slack.sockets.count() === 4, 60_000);

        const answers = () => slack.sees('ada', ops).filter(({ by, alone }) => by === 'holdfast' && !alone);
        await slack.types('ada', ops, '/ops status');
        expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
        const died = Date.now();
        await slack.until(() => answers().length >= 1, TAKEN_OVER);
        expect(Date.now() - died).toBeLessThan(TAKEN_OVER);

        // An answer behind it in the same channel shows that nothing more comes of the first.
        await slack.until(() => slack.sockets.count() === 2, 20_000);
        await slack.types('ada', ops, '/ops help check');
        await slack.until(() => answers().some(({ text }) => text.includes('check @web')), 40_000);
        expect(answers()).toHaveLength(2);
        expect(slack.violations).toEqual([]);
      },
    );
  });
}
