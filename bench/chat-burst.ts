import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import type { openDb } from '../src/store/open.ts';
import { engines, type Running as Servers, temporary } from '../test/engines.ts';
import { type FakeSlack, openFakeSlack } from '../test/fake/slack/open.ts';
import { quietLog } from '../test/quiet-log.ts';
import { built } from './copy.ts';
import { cpuByThread, memoryOf } from './process.ts';
import { pause, startProgram } from './program.ts';
import { median, megabytes, percentile, print, table, time } from './table.ts';

const PER_SECOND = 200;
const SECONDS = 10;
const PEOPLE = 100;
/** One in so many is typed in a channel that is bound, where its answer is for everybody. */
const BOUND = 10;
const CHANNELS = 20;

/**
 * 200 commands a second for 10 s from 100 people over the stand-in of Slack (Socket Mode, response URLs, Web API), against the real
 * program. Nine in ten are answered to their asker alone by what came with them, one in ten in one of 20 bound channels, where Slack takes
 * one message a second. When each was acknowledged is the stand-in's word, and so is whether a limit was broken. Beside it a bare INSERT
 * with its commit on the same engine. The stand-in runs in this process, on the same processors as the program.
 */
export async function run(): Promise<void> {
  const rows: string[][] = [];
  const memory: string[][] = [];
  for (const engine of engines()) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const bare = await engine.start();
    const insert = await bareInsert(bare);
    await bare.stop();
    const servers = await engine.start();
    const slack = await openFakeSlack();
    const people = Array.from({ length: PEOPLE }, (_, n) => `person${n}`);
    const ids = people.map((name) => slack.user(name));
    const bound = Array.from({ length: CHANNELS }, (_, n) => slack.channel(`bound${n}`, people));
    const other = slack.channel('random', people);
    const dir = temporary('burst');
    writeFileSync(join(dir, 'holdfast.yaml'), configuration(slack, servers, { people, ids, bound }), { mode: 0o600 });
    const program = await startProgram({ args: ['--config', join(dir, 'holdfast.yaml')], dataDir: join(dir, 'data'), env: { PRIVATE_PORT: '0' } });
    await slack.until(() => slack.sockets.count() === 2, 60_000);
    await pause(5_000);
    const before = memoryOf(program.pid).rss;
    const threads = cpuByThread(program.pid);
    const sent: Promise<{ ms: number; ok: boolean; refused: boolean }>[] = [];
    let most = 0;
    const began = Date.now();
    for await (const _ of setInterval(50)) {
      const due = Math.min(PER_SECOND * SECONDS, Math.floor(((Date.now() - began) / 1000) * PER_SECOND));
      while (sent.length < due) sent.push(types(slack, people, bound, other, sent.length));
      most = Math.max(most, memoryOf(program.pid).rss);
      if (sent.length === PER_SECOND * SECONDS) break;
    }
    const acked = await Promise.all(sent);
    const taken = acked.filter(({ ok, refused }) => ok && !refused).length;
    const answered = async (): Promise<number> => {
      for await (const _ of setInterval(500)) {
        most = Math.max(most, memoryOf(program.pid).rss);
        const answers = slack.workspace.messages.filter(({ user, text }) => user === slack.workspace.bot.id && !/^Not taken/.test(text)).length;
        if (answers >= taken || Date.now() - began > 180_000) return answers;
      }
      return 0;
    };
    const answers = await answered();
    const whole = Date.now() - began;
    const spent = cpuByThread(program.pid);
    const cpu = (name?: string): string =>
      time([...spent].reduce((sum, [of, ms]) => sum + (name === undefined || of === name ? ms - (threads.get(of) ?? 0) : 0), 0) / sent.length);
    await pause(10_000);
    const after = memoryOf(program.pid).rss;
    const times = acked.map(({ ms }) => ms);
    rows.push([
      engine.name,
      `${acked.filter(({ ok }) => ok).length} of ${acked.length}`,
      `${acked.filter(({ refused }) => refused).length}`,
      time(median(times)),
      time(percentile(times, 0.99)),
      time(Math.max(...times)),
      (median(times) / median(insert)).toFixed(1),
      `${answers} of ${taken} in ${time(whole)}`,
      `${tightest(slack)} ms, ${busiest(slack)} in a minute`,
      `${slack.violations.length}`,
    ]);
    memory.push([engine.name, time(median(insert)), cpu(), cpu('main'), megabytes(before), megabytes(most), megabytes(after)]);
    await program.stop();
    await slack.close();
    await servers.stop();
  }
  table(
    [
      'engine',
      'acknowledged within 3 s',
      'of them "not taken"',
      'p50',
      'p99',
      'most',
      'p50 by the bare INSERT',
      'answers',
      'posts: least gap in a channel, most',
      'limits broken',
    ],
    rows,
  );
  table(['engine', 'bare INSERT and commit, p50', 'CPU a command', 'of it main thread', 'memory before', 'most', '10 s after'], memory);
}

async function types(
  slack: FakeSlack,
  people: readonly string[],
  bound: readonly string[],
  other: string,
  n: number,
): Promise<{ ms: number; ok: boolean; refused: boolean }> {
  const channel = n % BOUND === 0 ? (bound[(n / BOUND) % bound.length] as string) : other;
  const from = performance.now();
  const acked = await slack.types(people[n % people.length] as string, channel, '/ops help check');
  return { ms: performance.now() - from, ok: acked.ok, refused: acked.ok && /^Not taken/.test(String(acked.payload?.text ?? '')) };
}

const posts = (slack: FakeSlack) => slack.calls.filter(({ method }) => method === 'chat.postMessage');

/** The least time between two posts in one channel. */
function tightest(slack: FakeSlack): number {
  const last = new Map<string, number>();
  let least = Infinity;
  for (const { fields, at } of posts(slack)) {
    const channel = String(fields['channel']);
    least = Math.min(least, at - (last.get(channel) ?? -Infinity));
    last.set(channel, at);
  }
  return least;
}

/** The most posts in any minute: Slack takes several hundred. */
function busiest(slack: FakeSlack): number {
  const times = posts(slack).map(({ at }) => at);
  return Math.max(0, ...times.map((at, n) => times.slice(n).filter((one) => one < at + 60_000).length));
}

function configuration(slack: FakeSlack, servers: Servers, { people, ids, bound }: { people: string[]; ids: string[]; bound: string[] }): string {
  return `${JSON.stringify({
    ...(servers.databaseUrl && { database: { url: servers.databaseUrl } }),
    ...(servers.redisUrl && { redis: { url: servers.redisUrl } }),
    slack: { bot_token: slack.botToken, app_token: slack.appToken, api_url: slack.apiUrl },
    people: Object.fromEntries(people.map((name, n) => [name, { role: 'operator', slack: ids[n] }])),
    channels: Object.fromEntries(bound.map((channel, n) => [`bound${n}`, { slack: channel }])),
    hosts: { web01: { address: '127.0.0.1', port: 1 } },
  })}\n`;
}

async function bareInsert(servers: Servers): Promise<number[]> {
  const { openDb: open } = await built<{ openDb: typeof openDb }>('src/store/open');
  const db = await open({ dataDir: temporary('bare'), ...(servers.databaseUrl && { databaseUrl: servers.databaseUrl }), log: quietLog });
  const all: number[] = [];
  for (let n = 0; n < 220; n++) {
    const from = performance.now();
    await db.query(`insert into meta (key, value) values ($1, '1')`, [`bench ${n}`]);
    if (n >= 20) all.push(performance.now() - from);
  }
  await db.close();
  return all;
}
