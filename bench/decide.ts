import type { decide } from '../src/rollout/decide.ts';
import type { HostView, RunView, World } from '../src/rollout/shapes.ts';
import { host, NOON, run as runOf, world } from '../test/rollout/a-run.ts';
import { built } from './copy.ts';
import { median, table, time } from './table.ts';

const HOSTS = 5000;
const ROUNDS = 25;

/** One decision about a run over 5,000 hosts: by waves of 5, and all in one wave; the aim is that it does not grow with the run. */
export async function run(): Promise<void> {
  const { decide: deciding } = await built<{ decide: typeof decide }>('src/rollout/decide');
  const rows = CASES.map(([name, view, about]) => {
    // What reading the view from the database costs anyway.
    const baseline = taking(() => JSON.parse(JSON.stringify(view)));
    const took = taking(() => deciding(view, about));
    return [name, short(took), short(baseline), (took / baseline).toFixed(2)];
  });
  table(['one decision', 'takes', 'baseline: its view as JSON and back', 'by the baseline'], rows);
}

const short = (ms: number): string => (ms < 1 ? `${Math.round(ms * 1000)} µs` : time(ms));

const wave = (size: number, going: number): HostView[] =>
  Array.from({ length: size }, (_, n) => host(`web${n}`, 0, n < going ? { state: 'going', started: NOON } : {}));
const view = (hosts: HostView[], limit: number, of: number): RunView =>
  runOf({ hosts, size: of, counts: { ok: 1 }, waves: of / hosts.length, plan: { limits: { 'run:R1': limit } } });
const holding = (hosts: readonly HostView[]): World =>
  world({ held: hosts.filter(({ state }) => state === 'going').map(({ host: name }) => ({ budget: 'run:R1', run: 'R1', host: name })) });

const CASES = (
  [
    ['wave of 5 in a run of 50, all in flight', wave(5, 5), 5, 50],
    ['wave of 5 in a run of 5,000, all in flight', wave(5, 5), 5, HOSTS],
    ['5,000 in one wave, all in flight', wave(HOSTS, HOSTS), HOSTS, HOSTS],
    ['5,000 in one wave, all begin', wave(HOSTS, 0), HOSTS, HOSTS],
    ['5,000 in one wave, 500 in flight, no more places', wave(HOSTS, 500), 500, HOSTS],
  ] as [string, HostView[], number, number][]
).map(([name, hosts, limit, of]): [string, RunView, World] => [name, view(hosts, limit, of), holding(hosts)]);

/** Median wall ms of one, each measured over as many as make a round long enough to be seen. */
function taking(act: () => unknown): number {
  act();
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    for (let n = 0; n < 20; n++) act();
    return (performance.now() - began) / 20;
  });
  return median(times);
}
