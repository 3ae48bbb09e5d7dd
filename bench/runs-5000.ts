import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { type Engine, engines, temporary } from '../test/engines.ts';
import { serveHosts } from './memory.ts';
import { cpuOf, memoryOf } from './process.ts';
import { pause, type Running, startProgram } from './program.ts';
import { megabytes, print, table, time } from './table.ts';

const COUNT = 5000;

/**
 * The real program with runs over 5,000 simulated hosts that another process serves: what planning takes, what is shown of it, a hold of
 * updates on all of them beside a check of all of them, and the memory of it.
 */
export async function run(): Promise<void> {
  const answers: string[][] = [];
  const walls: string[][] = [];
  const memory: string[][] = [];
  for (const engine of engines()) {
    if (engine.available !== true) print(`${engine.name}: not run, ${engine.available}`);
    else await measure(engine, { answers, walls, memory });
  }
  table(['runs of 5,000 hosts', ...ANSWERS.map(([, says]) => says)], answers);
  print('');
  table(['5,000 hosts', 'what', 'wall', 'CPU', 'CPU a host', 'by the check'], walls);
  print('');
  table(['memory of the program', 'idle', 'planning, most', 'running, most', '5 s after', '20 s after that'], memory);
}

/** The first plans; the others show. Typed in this order. */
const ANSWERS: [line: string, says: string][] = [
  ['reboot @all plan', 'reboot @all plan'],
  ['reboot @all', 'reboot @all'],
  ['show R1', 'show R1, planned'],
  ['show runs', 'show runs'],
  ['status', 'status'],
];

async function measure(engine: Engine, rows: { answers: string[][]; walls: string[][]; memory: string[][] }): Promise<void> {
  const servers = await engine.start();
  const hosts = await serveHosts();
  const config = join(hosts.dir, 'holdfast.yaml');
  if (servers.databaseUrl) appendFileSync(config, `database:\n  url: ${servers.databaseUrl}\n`);
  if (servers.redisUrl) appendFileSync(config, `redis:\n  url: ${servers.redisUrl}\n`);
  const program = await startProgram({ args: ['--config', config], dataDir: temporary('data') });
  // Past the collection after the start.
  await pause(6000);
  const idle = memoryOf(program.pid).rss;

  const check = await watched(program, 'check @all', /5000/);
  const planning: number[] = [];
  const times: string[] = [];
  for (const [line] of ANSWERS) {
    const said = await watched(program, line, /./);
    planning.push(said.most);
    times.push(time(said.ms));
  }
  rows.answers.push([engine.name, ...times]);
  const held = await watched(program, 'pause updates @all for 7d because bench', /5000/);
  const ended = [];
  for (const line of ['show R2', 'show runs', 'status', 'show slots']) ended.push(`${line} ${time((await program.type(line)).ms)}`);
  print(`${engine.name}, after the hold: ${ended.join(', ')}`);
  for (const [what, one] of [
    ['check @all', check],
    ['pause updates @all', held],
  ] as const)
    rows.walls.push([engine.name, what, time(one.ms), time(one.cpu), `${(one.cpu / COUNT).toFixed(1)} ms`, (one.cpu / check.cpu).toFixed(2)]);
  await pause(5000);
  const after = memoryOf(program.pid).rss;
  await pause(20_000);
  rows.memory.push([engine.name, ...[idle, Math.max(...planning), held.most, after, memoryOf(program.pid).rss].map(megabytes)]);
  await program.stop();
  await hosts.stop();
  await servers.stop();
}

/** Types a line; how long it took, the program's CPU, and the most memory it had meanwhile. */
async function watched(program: Running, line: string, shows: RegExp): Promise<{ ms: number; cpu: number; most: number }> {
  const cpu = cpuOf(program.pid);
  let most = memoryOf(program.pid).rss;
  const watch = new AbortController();
  const watching = (async () => {
    for await (const _ of setInterval(50, undefined, { signal: watch.signal })) most = Math.max(most, memoryOf(program.pid).rss);
  })().catch(() => {});
  const { ms, outcome, shown } = await program.type(line);
  watch.abort();
  await watching;
  if (outcome === 'failed' || !shows.test(shown.join())) throw new Error(`${line}: ${outcome}: ${shown.join('\n').slice(0, 500)}`);
  return { ms, cpu: cpuOf(program.pid) - cpu, most };
}
