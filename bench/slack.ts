import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '../test/engines.ts';
import { slackSection } from '../test/fake/slack/config.ts';
import { type FakeSlack, openFakeSlack } from '../test/fake/slack/open.ts';
import { memoryOf } from './process.ts';
import { pause, startProgram } from './program.ts';
import { megabytes, percentile, print, table, time } from './table.ts';

/** Commands a second, and for how many seconds. */
const RATE = 200;
const SECONDS = 10;

/**
 * The real program on the stand-in for Slack, in a process of its own: how fast a burst is acknowledged and answered, what it
 * needs for that, and how long it is without a connection after each thing that can happen to one.
 */
export async function run(): Promise<void> {
  const slack = await openFakeSlack();
  const ada = slack.user('ada');
  const random = slack.channel('random', ['ada']);
  const dir = temporary('slack');
  const config = join(dir, 'holdfast.yaml');
  writeFileSync(
    config,
    `${slackSection(slack)}people: { ada: { role: operator, slack: ${ada} } }\nhosts: { "web[01-03]": { address: 127.0.0.1, port: 1 } }\n`,
    { mode: 0o600 },
  );
  const program = await startProgram({ args: ['--config', config], dataDir: join(dir, 'data'), env: { PRIVATE_PORT: '0' } });
  await both(slack);
  await burst(slack, random, program.pid);
  await recoveries(slack);
  await program.stop();
  await slack.close();
}

async function burst(slack: FakeSlack, channel: string, pid: number): Promise<void> {
  const before = memoryOf(pid).rss;
  const acks: number[] = [];
  let failed = 0;
  let most = before;
  const typed: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < RATE * SECONDS; n += 1) {
    const wait = began + (n * 1000) / RATE - performance.now();
    if (wait > 0) await pause(wait);
    const from = performance.now();
    typed.push(
      slack.types('ada', channel, `/ops help check`).then(({ ok }) => {
        acks.push(performance.now() - from);
        if (!ok) failed += 1;
      }),
    );
    if (n % 100 === 0) most = Math.max(most, memoryOf(pid).rss);
  }
  await Promise.all(typed);
  const acked = performance.now() - began;
  const answered = (): number => slack.workspace.messages.filter(({ user }) => user === slack.workspace.bot.id).length;
  await slack.until(() => answered() >= RATE * SECONDS - failed, 600_000);
  const ended = performance.now() - began;
  await pause(10_000);
  print(`${RATE} commands a second for ${SECONDS} s, answered to the asker alone`);
  table(
    ['acknowledged', 'not within 3 s', 'p50', 'p99', 'most', 'all acknowledged', 'all answered', 'answers', 'memory before', 'most', '10 s after'],
    [
      [
        acks.length - failed,
        failed,
        time(percentile(acks, 0.5)),
        time(percentile(acks, 0.99)),
        time(Math.max(...acks)),
        time(acked),
        time(ended),
        answered(),
        megabytes(before),
        megabytes(Math.max(most, memoryOf(pid).rss)),
        megabytes(memoryOf(pid).rss),
      ],
    ],
  );
  if (slack.violations.length > 0) print(`violations: ${slack.violations.slice(0, 5).join('; ')}`);
}

async function recoveries(slack: FakeSlack): Promise<void> {
  const rows: string[][] = [];
  const take = async (what: string, happen: () => void): Promise<void> => {
    await pause(3000);
    const began = performance.now();
    happen();
    let without = slack.sockets.count() === 0 ? began : undefined;
    let longest = 0;
    await slack.until(() => slack.sockets.count() < 2);
    await slack.until(() => {
      const now = performance.now();
      if (slack.sockets.count() === 0) without ??= now;
      else if (without !== undefined) {
        longest = Math.max(longest, now - without);
        without = undefined;
      }
      return slack.sockets.count() >= 2;
    }, 120_000);
    rows.push([what, time(longest), time(performance.now() - began)]);
  };
  await take('one connection is renewed (`refresh_requested`)', () => slack.sockets.disconnect('refresh_requested'));
  await take('both are renewed at once', () => slack.sockets.disconnect('refresh_requested', true));
  await take('one connection is cut', () => slack.sockets.cut());
  await take('both are cut', () => slack.sockets.cut(true));
  await take('both are cut, and three openings fail with 503', () => {
    slack.faults.add('apps.connections.open', { kind: 'status', status: 503 }, { times: 3 });
    slack.sockets.cut(true);
  });
  await take('one path goes dead', () => slack.sockets.freeze());
  await take('both paths go dead', () => slack.sockets.freeze(true));
  await take('Slack accepts and says nothing for 20 s', () => {
    slack.sockets.noHello = true;
    slack.sockets.cut(true);
    setTimeout(() => {
      slack.sockets.noHello = false;
    }, 20_000);
  });
  table(['what happens', 'without any connection', 'until both are there'], rows);
}

const both = (slack: FakeSlack): Promise<unknown> => slack.until(() => slack.sockets.count() === 2, 60_000);
