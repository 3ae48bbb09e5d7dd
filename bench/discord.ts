import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '../test/engines.ts';
import { discordSection } from '../test/fake/discord/config.ts';
import { type FakeDiscord, fakeDiscord, type Interaction } from '../test/fake/discord/open.ts';
import { memoryOf } from './process.ts';
import { pause, startProgram } from './program.ts';
import { megabytes, percentile, print, table, time } from './table.ts';

/** Commands a second, and for how many seconds. */
const RATE = 200;
const SECONDS = 10;

/**
 * The real program on the stand-in for Discord, in a process of its own: how fast a burst is acknowledged by the stand-in's clock and
 * answered, what it needs for that, and how long it is without a connection after each thing that can happen to one.
 */
export async function run(): Promise<void> {
  const discord = await fakeDiscord();
  const ada = discord.person('ada');
  const side = discord.channel('side');
  const dir = temporary('discord');
  const config = join(dir, 'holdfast.yaml');
  const team = `people: { ada: { role: operator, discord: "${ada.id}" } }\nhosts: { "web[01-03]": { address: 127.0.0.1, port: 1 } }\n`;
  writeFileSync(config, discordSection(discord) + team, { mode: 0o600 });
  const program = await startProgram({ args: ['--config', config], dataDir: join(dir, 'data'), env: { PRIVATE_PORT: '0' } });
  await discord.until(() => discord.state.commands.size > 0 && discord.gateway.ready(), 60_000);
  await burst(discord, ada.id, side.id, program.pid);
  await recoveries(discord, ada.id, side.id);
  await program.stop();
  await discord.close();
}

async function burst(discord: FakeDiscord, user: string, channel: string, pid: number): Promise<void> {
  const before = memoryOf(pid).rss;
  let most = before;
  const typed: Interaction[] = [];
  const began = performance.now();
  while (typed.length < RATE * SECONDS) {
    const wait = began + (typed.length * 1000) / RATE - performance.now();
    if (wait > 0) await pause(wait);
    typed.push(discord.types(user, channel, '/ops help', { verb: 'check' }));
    if (typed.length % 100 === 0) most = Math.max(most, memoryOf(pid).rss);
  }
  await pause(4_000);
  const acks = typed.flatMap(({ ack }) => (ack ? [ack.within] : []));
  const taken = typed.filter(({ ack }) => ack?.type === 5);
  const answered = (): number => taken.filter(({ original }) => original !== undefined && discord.state.messages.get(original)?.thinking === false).length;
  while (answered() < taken.length && performance.now() - began < 600_000) await pause(500);
  const ended = performance.now() - began;
  await pause(10_000);
  print(`${RATE} commands a second for ${SECONDS} s, answered to the asker alone`);
  table(
    ['acknowledged', 'refused in time', 'not within 3 s', 'p50', 'p99', 'most', 'answered', 'all answered', 'memory before', 'most', '10 s after'],
    [
      [
        taken.length,
        acks.length - taken.length,
        typed.length - acks.length,
        time(percentile(acks, 0.5)),
        time(percentile(acks, 0.99)),
        time(Math.max(...acks)),
        answered(),
        time(ended),
        megabytes(before),
        megabytes(Math.max(most, memoryOf(pid).rss)),
        megabytes(memoryOf(pid).rss),
      ],
    ],
  );
  if (discord.violations.length > 0) print(`violations: ${discord.violations.slice(0, 5).join('; ')}`);
}

async function recoveries(discord: FakeDiscord, user: string, channel: string): Promise<void> {
  const { gateway } = discord;
  const asked = (): number => (gateway.heard[2] ?? 0) + (gateway.heard[6] ?? 0);
  const rows: string[][] = [];
  const take = async (what: string, sessions: number, happen: () => void): Promise<void> => {
    // One IDENTIFY in 5 s is allowed: none of an earlier one is waited for.
    await pause(6_000);
    const before = asked();
    const began = performance.now();
    happen();
    await discord.until(() => asked() >= before + sessions && gateway.ready(), 120_000);
    const again = performance.now() - began;
    await discord.acked(discord.types(user, channel, '/ops status'));
    gateway.ignoreResume = false;
    rows.push([what, time(again)]);
  };
  await take('TCP breaks', 1, () => gateway.drop());
  await take('op 7', 1, () => gateway.askReconnect());
  await take('closed with 1001', 1, () => gateway.shut(1001));
  await take('closed with 1000', 1, () => gateway.shut(1000));
  await take('op 9 false', 1, () => gateway.invalidate(false));
  await take('op 9 true', 1, () => gateway.invalidate(true));
  await take('the path is dead', 1, () => gateway.blackHole());
  await take('a RESUME that is never answered', 2, () => {
    gateway.ignoreResume = true;
    gateway.drop();
  });
  print('until it is connected again');
  table(['what happens', 'connected again after'], rows);
}
