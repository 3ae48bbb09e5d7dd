import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setInterval } from 'node:timers/promises';
import { engines, temporary } from '../test/engines.ts';
import { takeCopy } from './copy.ts';
import { cpuByThread, cpuOf, memoryOf } from './process.ts';
import { pause, startProgram } from './program.ts';
import { megabytes, print, table, time } from './table.ts';

const COUNT = 5000;

/**
 * The real program on 5,000 simulated hosts that another process serves: what it needs when nothing happens, and during and after
 * `check @all`. The wall is shared with the process that plays the hosts, on the same processors.
 */
export async function run(): Promise<void> {
  const rows: string[][] = [];
  for (const engine of engines()) {
    if (engine.available !== true) {
      print(`${engine.name}: not run, ${engine.available}`);
      continue;
    }
    const servers = await engine.start();
    const hosts = await serveHosts();
    const config = join(hosts.dir, 'holdfast.yaml');
    if (servers.databaseUrl) appendFileSync(config, `database:\n  url: ${servers.databaseUrl}\n`);
    if (servers.redisUrl) appendFileSync(config, `redis:\n  url: ${servers.redisUrl}\n`);
    const dataDir = temporary('data');
    const program = await startProgram({ args: ['--config', config], dataDir });
    // Past the collection after the start, before the first nightly export.
    await pause(6000);
    const idle = memoryOf(program.pid);
    const checks: string[][] = [];
    let busy = 0;
    let pss = 0;
    for (const which of ['first', 'second']) {
      const [cpu, threads, served] = [cpuOf(program.pid), cpuByThread(program.pid), cpuOf(hosts.pid)];
      const watch = new AbortController();
      const watching = (async () => {
        for await (const _ of setInterval(100, undefined, { signal: watch.signal })) {
          const now = memoryOf(program.pid);
          busy = Math.max(busy, now.rss);
          pss = Math.max(pss, now.pss);
        }
      })().catch(() => {});
      const { ms, outcome, shown } = await program.type('check @all');
      watch.abort();
      await watching;
      const used = cpuOf(program.pid) - cpu;
      const after = cpuByThread(program.pid);
      const main = (after.get('main') ?? 0) - (threads.get('main') ?? 0);
      if (!/5000/.test(shown.join()) || outcome === 'failed') throw new Error(`${outcome}: ${shown.join('\n').slice(0, 500)}`);
      checks.push([
        engine.name,
        which,
        time(ms),
        time(used),
        `${(used / COUNT).toFixed(1)} ms`,
        `${(main / COUNT).toFixed(1)} ms`,
        time(cpuOf(hosts.pid) - served),
      ]);
    }
    await pause(5000);
    const after = memoryOf(program.pid);
    const json = await program.type('show @all --json');
    const jsonPeak = memoryOf(program.pid);
    await pause(20_000);
    const later = memoryOf(program.pid);
    rows.push([
      engine.name,
      megabytes(idle.rss),
      megabytes(busy),
      megabytes(pss),
      megabytes(after.rss),
      megabytes(later.rss),
      megabytes(jsonPeak.peak),
      engine.name === 'embedded' ? '350 idle, 550 busy' : '200',
    ]);
    table(['check @all over 5,000', 'which', 'wall', 'CPU', 'CPU a host', 'of it main thread', 'CPU of the process that plays the hosts'], checks);
    print(
      `show @all --json: ${time(json.ms)}, ${megabytes(Buffer.byteLength(json.shown.join('')))}${servers.dataDir ? `; data directory: ${megabytes(sizeOf(dataDir))}` : ''}`,
    );
    await program.stop();
    if (servers.dataDir) print(`data directory after the end (vacuum, checkpoint): ${megabytes(sizeOf(dataDir))}`);
    await hosts.stop();
    await servers.stop();
  }
  table(['memory of the program', 'idle', 'busy, most', 'busy, PSS', '5 s after', '20 s after that', 'most, with show @all --json', 'aim, MB'], rows);
}

function sizeOf(dir: string): number {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stat = statSync(join(dir, name));
    return sum + (stat.isFile() ? stat.size : 0);
  }, 0);
}

/** 5,000 simulated hosts, served by a process of their own. */
export async function serveHosts(): Promise<{ dir: string; pid: number; stop(): Promise<void> }> {
  const dir = temporary('many');
  const script = `import(${JSON.stringify(join(takeCopy(), 'dist/src/sandbox/many.js'))}).then(async ({ serveMany }) => { await serveMany({ dir: process.argv[1], count: ${COUNT} }); console.log('serves'); })`;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  for await (const _ of createInterface({ input: child.stdout as NodeJS.ReadableStream })) break;
  return {
    dir,
    pid: child.pid as number,
    async stop() {
      child.kill('SIGKILL');
    },
  };
}
