import { afterAll, describe, expect, test } from 'vitest';
import { connectControl, typeLine } from '../../src/control/client.ts';
import { CRASH_POINTS } from '../../src/lib/crash.ts';
import { uniqueId } from '../../src/lib/ids.ts';
import { type Engine, engines, type Running } from '../engines.ts';
import { dataDirectory, holdfast, listening, type Program } from './holdfast.ts';

/**
 * Kills Holdfast by SIGKILL at every named moment between a command and its answer, starts it again on the same data, and
 * looks at what the person got. The person is the client of the control socket: it asks again with the same line id.
 */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers) await leftover();
});

// The points of a run, a page, an alert and an incident are reached by no check: crash-runs, crash-pages, alert-deaths and crash-incidents die there.
for (const engine of engines()) {
  const skip = engine.available === true ? '' : ` (skipped: ${engine.available})`;
  describe.skipIf(skip !== '')(`kill -9 on ${engine.name}${skip}`, () => {
    for (const point of CRASH_POINTS.filter((point) => !/^(run|step|attempt|page|alert|incident)\./.test(point))) {
      test(`at ${point}, the command is answered after the restart, and done once`, { timeout: 180_000 }, async () => {
        const world = await begin(engine);
        const first = await world.start({ HOLDFAST_CRASH_AT: point });
        const person = world.types('check @web');
        expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
        const second = await world.start();
        expect(await person.outcome).toBe('ok');
        const answers = person.shown.filter((text) => text.includes('web[01-06] ok'));
        // Between showing and noting it a second showing cannot be told from a first: one duplicate at most.
        expect(answers.length).toBeGreaterThanOrEqual(1);
        expect(answers.length).toBeLessThanOrEqual(point === 'answer.sent' ? 2 : 1);
        expect(await world.audited('check @web')).toEqual(['begun', 'ok']);
        await world.end(second);
      });
    }

    if (engine.name !== 'postgres and redis') return;
    test('FLUSHALL between queue and worker loses nothing', { timeout: 180_000 }, async () => {
      const world = await begin(engine);
      const first = await world.start({ HOLDFAST_CRASH_AT: 'relay.marked' });
      const person = world.types('check @web');
      await first.ended;
      await world.running.flushAll?.();
      const second = await world.start();
      expect(await person.outcome).toBe('ok');
      expect(person.shown.join('\n')).toContain('web[01-06] ok');
      await world.end(second);
    });
  });
}

async function begin(engine: Engine) {
  const running: Running = await engine.start();
  const { dataDir, remove } = dataDirectory();
  leftovers.push(() => running.stop(), remove);
  const env = {
    HOLDFAST_DATA: dataDir,
    ...(running.databaseUrl && { DATABASE_URL: running.databaseUrl }),
    ...(running.redisUrl && { REDIS_URL: running.redisUrl }),
  };
  const types = (text: string): { outcome: Promise<string | undefined>; shown: string[] } => {
    const shown: string[] = [];
    const outcome = typeLine({ dataDir, text, login: 'you', zone: 'UTC', print: (said) => shown.push(said), warn: () => {}, id: uniqueId() });
    return { outcome, shown };
  };
  return {
    running,
    types,
    async start(more: Record<string, string> = {}): Promise<Program> {
      const program = holdfast(['start'], { stdin: 'ignore', env: { ...env, ...more } });
      leftovers.push(() => program.child.kill('SIGKILL'));
      await listening(dataDir, program);
      return program;
    },
    /** How the audit says the lines with this text ended, oldest first. */
    async audited(command: string): Promise<string[]> {
      const { outcome, shown } = types('show audit --json');
      await outcome;
      const { audit } = JSON.parse(shown[0] as string) as { audit: { command: string; outcome: string }[] };
      return audit
        .filter((row) => row.command === command)
        .map((row) => row.outcome)
        .reverse();
    },
    async end(program: Program): Promise<void> {
      program.child.kill('SIGTERM');
      await program.ended;
      expect(await connectControl(dataDir)).toBeUndefined();
    },
  };
}
