import { describe, expect, test } from 'vitest';
import { type ScriptParams, script } from '../../jobs/script.ts';
import { scriptReading } from '../../jobs/script-reading.ts';
import type { Config } from '../../src/config/schema.ts';
import { ScriptEntries } from '../../src/config/scripts.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { ExecResult } from '../../src/fleet/ssh/transport.ts';
import type { ChangeJob, ReadJob, StepContext } from '../../src/jobs.ts';

const job = script as ChangeJob;
const host = { name: 'web01' } as Host;
const scripts = ScriptEntries.parse({
  restart: { file: 'r.sh', risk: 'disrupt', undo: 'start', timeout: '40s' },
  start: { file: 's.sh', risk: 'change' },
});
for (const [name, entry] of Object.entries(scripts)) Object.assign(entry, { sha256: `sum of ${name}`, version: 2 });
const config = { scripts } as unknown as Config;
const params: ScriptParams = {
  script: { name: 'restart', sha256: 'sum of restart', root: false },
  undo: { name: 'start', sha256: 'sum of start', root: false },
  risk: 'disrupt',
  params: { service: 'web' },
};

const ok = (stdout: string, code = 0, stderr = ''): ExecResult => ({ reach: 'ok', code, stdout, stderr, cut: false, ms: 1 });

function context(answer: ExecResult, over: Partial<StepContext<unknown>> = {}) {
  const asked: unknown[][] = [];
  return {
    asked,
    params,
    config,
    script: async (...words: unknown[]) => {
      asked.push(words);
      return answer;
    },
    once: async (_key: string, effect: () => Promise<unknown>) => ({ answer: await effect() }),
    ...over,
  } as unknown as StepContext<unknown> & { asked: unknown[][] };
}

const foresight = { params, config, fleet: {} as never, now: 0, keptOff: [] };

describe('a script as a change', () => {
  test('has the risk that is declared, and says in the plan what is run', () => {
    expect((job.risk as (params: unknown) => string)(params)).toBe('disrupt');
    expect(job.foresee(host, foresight)).toMatchObject({ does: 'run restart service=web', class: 'script restart' });
  });

  test('runs exactly the text of the plan, its parameters as arguments, within its own time', async () => {
    const calls = context(ok('stopping\nstarted web\n'));
    expect(await job.act(host, calls)).toEqual({
      step: 'done',
      detail: 'restart ended well: started web',
      remember: { output: 'stopping\nstarted web', takenBackBy: 'start service=web' },
    });
    expect(calls.asked).toEqual([['restart@sum of restart', ['service=web'], 40_000]]);
  });

  test('fails with its last words when it ends with anything but 0', async () => {
    expect(await job.act(host, context(ok('stopping\n', 3, 'no such unit\n')))).toMatchObject({
      step: 'end',
      outcome: 'failed',
      detail: 'restart ended with 3: no such unit',
    });
  });

  test('tells a host that was never reached from a script of which nobody knows how it ended', async () => {
    expect(await job.act(host, context({ reach: 'refused', detail: 'no sshd', ms: 1 }))).toMatchObject({ outcome: 'lost', detail: 'refused: no sshd' });
    expect(await job.act(host, context({ reach: 'exec-timeout', detail: 'the script did not end within 40 s', ms: 1 }))).toMatchObject({
      outcome: 'unverified',
    });
    expect(await job.act(host, context(ok(''), { once: async () => 'unsure' as const }))).toMatchObject({ outcome: 'unverified' });
  });

  test('is not run when its file changed between plan and act, and says so', async () => {
    const changed = { scripts: { ...scripts, restart: { ...scripts.restart, sha256: 'another' } } } as unknown as Config;
    const calls = context(ok(''), { config: changed });
    expect(await job.act(host, calls)).toMatchObject({ step: 'end', outcome: 'failed', detail: expect.stringContaining('is not the script that was planned') });
    expect(calls.asked).toEqual([]);
    expect(() => job.foresee(host, { ...foresight, config: changed })).toThrow('plan it again');
    expect(() => job.foresee(host, { ...foresight, config: { scripts: {} } as Config })).toThrow('has no script restart');
  });

  test('is taken back by the script the configuration names, and by nothing else', async () => {
    expect(job.sayUndo?.(host, { takenBackBy: 'start service=web' })).toBe('run start service=web');
    expect(job.sayUndo?.(host, {})).toBeUndefined();
    const calls = context(ok('back\n'));
    expect(await job.undo?.(host, calls)).toMatchObject({ step: 'done' });
    expect(calls.asked[0]?.[0]).toBe('start@sum of start');
    const { undo: _, ...without } = params;
    expect(await job.undo?.(host, context(ok(''), { params: without }))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('nothing takes restart back'),
    });
  });
});

describe('a script that only reads', () => {
  const asks = async (answer: ExecResult) =>
    (scriptReading as ReadJob).act(host, {
      params: { name: 'disk', sha256: 'aa', timeout: 5000, params: {} },
      clock: {} as never,
      known: { findings: [{ hazard: 'x', severity: 'info', text: 'y' }] } as never,
      script: async () => answer,
    });

  test('answers with what it printed, and unlearns nothing of the host', async () => {
    expect(await asks(ok('/ 40%\n'))).toMatchObject({ host: 'web01', outcome: 'ok', output: '/ 40%', findings: [{ hazard: 'x' }] });
    expect(await asks(ok('', 2, 'df: no\n'))).toMatchObject({ outcome: 'failed', output: 'exit 2\ndf: no' });
    expect(await asks({ reach: 'unroutable', detail: 'no route', ms: 1 })).toMatchObject({ outcome: 'lost', detail: 'no route' });
  });
});
