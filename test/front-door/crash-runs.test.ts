import { afterAll, expect, test } from 'vitest';
import { type Engine, engines } from '../engines.ts';
import { dataDirectory, holdfast, type Program } from './holdfast.ts';
import { hostsWord, mostAtOnce, type Span } from './hosts-word.ts';

/**
 * Kills Holdfast by SIGKILL at every named moment of a run's life and starts it again on the same data, until the run is over. Each
 * death is the next one's beginning, so that one run goes through all of them; the hosts' own journal says what was done to them.
 */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers) await leftover();
});

/** Wall ms until a moment must have come: only what hangs comes near it, for a start alone may take ten seconds on a busy machine. */
const PATIENCE = 120_000;
/** An hour, within which a run must be approved, is more than half a minute here: five starts lie between. */
const SPEED = '100';

/** Each process dies there; `#3` = the third time, which in the wave of the canary is its act (1 = baseline, 2 = prepare). */
const WHILE_PLANNED = ['run.planned', 'dispatch.committed', 'answer.rendered'];
const WHILE_APPROVED = ['inbox.committed', 'run.approved', 'dispatch.decided', 'dispatch.committed'];
const WHILE_IT_GOES = [
  'relay.read',
  'relay.queued',
  'relay.marked',
  'work.claimed',
  'run.decided',
  'run.started',
  'step.written#2',
  'step.begun', // the act of the canary: about to be done
  'step.acted', // done, and nothing says so
  'step.written', // the host said no to the second, or is down already, and that is written
  'step.acted', // a look at it
  'run.decided#2', // the canary is well: the second wave is decided, and its places are not taken
  'run.started',
  'step.acted#6', // one of the second wave has acted
  'step.begun#4',
  'work.claimed#3',
  'relay.queued#3',
  // Cards of a run that goes are shown to nobody at a terminal: these come with its end.
  'answer.rendered',
  'answer.sent',
];

for (const engine of engines()) {
  const skip = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  test.skipIf(skip !== '')(
    `on ${engine.name}, a run that is killed at every moment of its life ends well, and no host was rebooted twice${skip}`,
    { timeout: 900_000 },
    async () => {
      const world = await begin(engine);
      let deaths = 0;
      /** Starts it with a death ahead, types, and waits until it has died, or said `end` before. */
      const live = async (point: string, line?: string, end?: RegExp): Promise<'died' | 'said'> => {
        const program = world.start({ HOLDFAST_CRASH_AT: point });
        if (line !== undefined) program.type(line);
        const late = setTimeout(() => program.child.kill('SIGQUIT'), PATIENCE);
        const how = await Promise.race([
          program.ended.then(() => 'died' as const),
          ...(end
            ? [
                program.says(end).then(
                  () => 'said' as const,
                  () => 'died' as const,
                ),
              ]
            : []),
        ]);
        clearTimeout(late);
        if (how === 'died') {
          expect((await program.ended).signal, `${point}\n${program.stdout()}\n${program.stderr()}`).toBe('SIGKILL');
          deaths += 1;
        } else {
          program.child.kill('SIGKILL');
          await program.ended;
        }
        return how;
      };
      for (const [n, point] of WHILE_PLANNED.entries()) await live(point, n === 0 ? '/ops reboot web[01-04] batch 2' : undefined);
      for (const [n, point] of WHILE_APPROVED.entries()) await live(point, n === 0 ? '@ada /ops approve R1' : undefined);
      for (const point of WHILE_IT_GOES) await live(point, undefined, /R1 done/);

      const last = world.start();
      const shown = JSON.parse((await last.asks('/ops show R1 --json', /^\{.*"id":"R1".*$/m)).match(/^\{.*"id":"R1".*$/m)?.[0] ?? '') as ShownRun;
      if (shown.state !== 'done') await last.says(/R1 done/);
      const run = JSON.parse((await last.asks('/ops show R1 --json', /^\{.*"state":"done".*$/m)).match(/^\{.*"state":"done".*$/m)?.[0] ?? '') as ShownRun;
      const audit = JSON.parse((await last.asks('/ops show audit --json', /^\{"audit".*$/m)).match(/^\{"audit".*$/m)?.[0] ?? '') as Audit;
      last.end();
      await last.ended;

      expect(deaths).toBeGreaterThan(20);
      expect(run.hosts.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
      const word = hostsWord(world.dataDir);
      expect(word.boots).toEqual({ web01: 1, web02: 1, web03: 1, web04: 1 });
      expect(word.told).toEqual({ 'R1-web01-1': 1, 'R1-web02-1': 1, 'R1-web03-1': 1, 'R1-web04-1': 1 });
      expect(mostAtOnce(word.down).most).toBeLessThanOrEqual(2);
      expect(mostAtOnce(run.hosts.map(spanOf)).most).toBeLessThanOrEqual(2);
      for (const pair of [
        ['web01', 'web02'],
        ['web03', 'web04'],
      ])
        expect(mostAtOnce(run.hosts.filter(({ host }) => pair.includes(host)).map(spanOf)).most).toBe(1);
      for (const { host, boot_before, boot_after } of run.hosts) expect(boot_after, host).not.toBe(boot_before);
      // The line that waited was answered: begun once, ended once.
      expect(audit.audit.filter(({ command }) => command === '/ops approve R1').map(({ outcome }) => outcome)).toEqual(['ok', 'begun']);
      expect(audit.audit.filter(({ command }) => command.startsWith('/ops reboot')).map(({ outcome }) => outcome)).toEqual(['ok']);
    },
  );
}

interface ShownRun {
  state: string;
  hosts: { host: string; outcome: string; started: string; ended: string; boot_before: string; boot_after: string }[];
}
interface Audit {
  audit: { command: string; outcome: string }[];
}

const spanOf = ({ host, started, ended }: ShownRun['hosts'][number]): Span => ({ host, from: Date.parse(started), to: Date.parse(ended) });

async function begin(engine: Engine) {
  const running = await engine.start();
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove, () => running.stop());
  const env = {
    HOLDFAST_DATA: dataDir,
    ...(running.databaseUrl && { DATABASE_URL: running.databaseUrl }),
    ...(running.redisUrl && { REDIS_URL: running.redisUrl }),
  };
  return {
    dataDir,
    start(more: Record<string, string> = {}): Program {
      const program = holdfast(['start', '--speed', SPEED], { env: { ...env, ...more } });
      leftovers.unshift(() => program.child.kill('SIGKILL'));
      return program;
    },
  };
}
