import { cpus, loadavg } from 'node:os';
import { takeCopy } from './copy.ts';
import { print } from './table.ts';

/**
 * `npm run bench` runs all, `npm run bench -- hosts-300 start` only these. Every figure that depends on the machine stands
 * beside a baseline taken in the same run: the ratios are what to compare.
 */
const BENCHES: Record<string, () => Promise<{ run(): Promise<void> }>> = {
  alerts: () => import('./alerts.ts'),
  certs: () => import('./certs.ts'),
  'chat-burst': () => import('./chat-burst.ts'),
  'hosts-300': () => import('./hosts-300.ts'),
  'first-answer': () => import('./first-answer.ts'),
  discord: () => import('./discord.ts'),
  memory: () => import('./memory.ts'),
  pages: () => import('./pages.ts'),
  plan: () => import('./plan.ts'),
  runs: () => import('./runs.ts'),
  'runs-5000': () => import('./runs-5000.ts'),
  decide: () => import('./decide.ts'),
  slack: () => import('./slack.ts'),
  start: () => import('./start.ts'),
  status: () => import('./status.ts'),
  timers: () => import('./timers.ts'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
// What was started is ended by handlers of 'exit', which a signal alone would not call.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
takeCopy();
for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
  const load = loadavg()[0] as number;
  print(`\n== ${name} · ${new Date().toISOString().slice(0, 16)}Z · Node ${process.versions.node} · ${cpus().length} CPU · load ${load.toFixed(1)} before`);
  if (load > cpus().length / 2) print('   (the machine is busy with something else: absolute figures are worse than they could be)');
  const bench = await BENCHES[name]?.();
  await bench?.run();
}
process.exit(0);
