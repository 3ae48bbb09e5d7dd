import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Engine, engines } from '../engines.ts';
import { dataDirectory, holdfast, type Program } from './holdfast.ts';

/**
 * Kills Holdfast by SIGKILL while a certificate is renewed, and starts it again on the same data: at the act itself, between renewing
 * and looking, while what serves it reads it, while it is put back. The files and steps on the host say what was done to it.
 */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

/** Each process dies there. With a leaf that is renewed well: the act, every look after it, the end. */
const DEATHS = ['step.begun#3', 'step.acted', 'step.written', 'step.acted#2', 'step.begun#2', 'work.claimed#2', 'step.acted#3', 'step.written#2'];
/** In the trap: while it is renewed, judged, and put back. */
const DEATHS_IN_THE_TRAP = ['step.acted#3', 'step.acted', 'step.acted#2', 'step.written', 'step.acted', 'step.begun#2'];

const PATIENCE = 60_000;

for (const engine of engines()) {
  const skip = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  test.skipIf(skip !== '')(
    `on ${engine.name}, a rotation that is killed wherever it is ends renewed and served, and nothing was renewed twice${skip}`,
    { timeout: 400_000 },
    async () => {
      const world = await begin(engine);
      const deaths = await die(world, ['/ops rotate certs kyousuke', '@ada /ops approve R1'], DEATHS, /R1 done/);
      const last = world.start();
      const run = await shown(last, /"state":"done"/);
      expect(deaths).toBeGreaterThan(4);
      expect(run.hosts).toEqual([expect.objectContaining({ host: 'kyousuke', outcome: 'ok' })]);
      // One intent, one renewal, one reload.
      expect(world.intents()).toHaveLength(1);
      expect(world.steps()).toEqual(['reload-0.json', 'renew-0.json']);
      last.end();
      await last.ended;
    },
  );

  test.skipIf(skip !== '')(
    `on ${engine.name}, a rotation that is killed while a CA is put back ends with every file as it was${skip}`,
    { timeout: 400_000 },
    async () => {
      const world = await begin(engine);
      const first = world.start();
      await first.asks('/ops sandbox kyousuke rotate-trap', /writes a new authority/);
      const before = world.everything();
      first.child.kill('SIGKILL');
      await first.ended;
      const deaths = await die(world, ['/ops rotate certs kyousuke', '@ada /ops approve R1'], DEATHS_IN_THE_TRAP, /INC-1 is open/);
      const last = world.start();
      const run = await shown(last, /"state":"halted"/);
      expect(deaths).toBeGreaterThan(3);
      expect(run.hosts[0]?.detail).toMatch(/^put back byte for byte \(9 files\): .*ca\.crt is another certificate authority under the same name/);
      expect(run.incident).toBe('INC-1');
      expect(world.everything()).toEqual(before);
      expect(world.steps()).toEqual(['renew-0.json']);
      last.end();
      await last.ended;
    },
  );
}

interface World {
  start(more?: Record<string, string>): Program;
  intents(): string[];
  /** What was begun on the host for the one intent. */
  steps(): string[];
  everything(): unknown;
}

interface ShownRun {
  state: string;
  incident: string | null;
  hosts: { host: string; outcome: string; detail: string | null }[];
}

/** Starts it again and again, each time with a death ahead; the lines are typed once each. Answers how often it died. */
async function die(world: World, lines: readonly string[], points: readonly string[], end: RegExp): Promise<number> {
  const typing = world.start();
  await typing.asks(lines[0] as string, /every host: show R1 plan/);
  typing.child.kill('SIGKILL');
  await typing.ended;
  let deaths = 0;
  for (const [n, point] of points.entries()) {
    const program = world.start({ HOLDFAST_CRASH_AT: point });
    if (n === 0) program.type(lines[1] as string);
    const late = setTimeout(() => program.child.kill('SIGQUIT'), PATIENCE);
    const how = await Promise.race([
      program.ended.then(() => 'died' as const),
      program.says(end).then(
        () => 'said' as const,
        () => 'died' as const,
      ),
    ]);
    clearTimeout(late);
    if (how === 'said') {
      program.child.kill('SIGKILL');
      await program.ended;
      break;
    }
    expect((await program.ended).signal, `${point}\n${program.stdout()}\n${program.stderr()}`).toBe('SIGKILL');
    deaths += 1;
  }
  return deaths;
}

/** The run, once it stands as it should end. */
async function shown(program: Program, state: RegExp): Promise<ShownRun> {
  for (;;) {
    const text = await program.asks('/ops show R1 --json', /^\{.*"id":"R1".*\}$/m);
    const line = text.match(/^\{.*"id":"R1".*\}$/m)?.[0] ?? '';
    if (state.test(line)) return JSON.parse(line) as ShownRun;
    await program.asks('wait 1m', /./);
  }
}

async function begin(engine: Engine): Promise<World> {
  const running = await engine.start();
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove, () => running.stop());
  const env = {
    HOLDFAST_DATA: dataDir,
    ...(running.databaseUrl && { DATABASE_URL: running.databaseUrl }),
    ...(running.redisUrl && { REDIS_URL: running.redisUrl }),
  };
  const root = join(dataDir, 'sandbox/hosts/kyousuke');
  const kept = join(root, 'var/lib/holdfast/certs');
  const intents = (): string[] => readdirSync(kept).filter((name) => name !== 'latest');
  return {
    start(more = {}) {
      const program = holdfast(['start'], { env: { ...env, ...more } });
      leftovers.push(() => program.child.kill('SIGKILL'));
      return program;
    },
    intents,
    steps: () => readdirSync(join(kept, intents()[0] as string, 'do')).sort(),
    everything() {
      const pki = join(root, 'etc/kubernetes/pki');
      return readdirSync(pki)
        .sort()
        .map((name) => {
          const { mode, mtimeMs } = statSync(join(pki, name));
          return [
            name,
            createHash('sha256')
              .update(readFileSync(join(pki, name)))
              .digest('hex'),
            mode,
            Math.floor(mtimeMs),
          ];
        });
    },
  };
}
