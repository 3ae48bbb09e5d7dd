import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { folderWith } from '../config/folder.ts';
import { finished, holdfast, type Program } from './holdfast.ts';

const KEY = 'a-key-of-more-than-24-characters';
const CONFIG = `automation: { ci: { key: "${KEY}", role: operator } }
people: { ada: { role: operator } }
hosts: { "web[01-03]": { address: 127.0.0.1, port: 1, ring: prod } }
down: { watch: false }
`;

/** A Holdfast in a process of its own on one data directory, as often as a test wants to start it. */
function world() {
  const folder = folderWith({ 'holdfast.yaml': CONFIG });
  const config = ['--config', join(folder, 'holdfast.yaml')];
  const env = { HOLDFAST_DATA: join(folder, 'data'), HOLDFAST_LOG: 'info', PRIVATE_PORT: '0' };
  return {
    exec: async (line: string) => (await finished(['exec', ...config, line], { env })).stdout,
    async start(more: Record<string, string> = {}) {
      const program: Program = holdfast(['start', ...config], { env: { ...env, ...more }, stdin: 'ignore' });
      onTestFinished(() => void program.child.kill('SIGKILL'));
      const [, url = ''] = await program.logs(/heard on (http:\S+?)["\s]/);
      const post = (path: string, body: object, key = 'deploy-1') =>
        fetch(url + path, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, 'idempotency-key': key }, body: JSON.stringify(body) });
      return { program, url, post };
    },
  };
}

describe('a machine that asks', () => {
  test.each(['inbox.committed', 'dispatch.decided', 'dispatch.committed'])(
    'and asks again after a kill -9 at %s has one run, and its answer',
    { timeout: 60_000 },
    async (point) => {
      const { start, exec } = world();
      const first = await start({ HOLDFAST_CRASH_AT: point });
      await first.post('/v1/runs', { command: 'reboot @all' }).catch(() => {});
      expect(await first.program.ended).toEqual({ code: null, signal: 'SIGKILL' });
      const second = await start();
      const again = await second.post('/v1/runs', { command: 'reboot @all' });
      expect([again.status, await again.json()]).toEqual([202, expect.objectContaining({ run: 'R1', outcome: 'ok' })]);
      const listed = JSON.parse(await exec('show runs --json')) as { runs: unknown[] };
      expect(listed.runs).toHaveLength(1);
    },
  );

  test('that has stopped everything has stopped it, whatever dies next', { timeout: 60_000 }, async () => {
    const { start, exec } = world();
    const first = await start();
    expect((await first.post('/v1/stop', { because: 'the graphs fell' })).status).toBe(200);
    first.program.child.kill('SIGKILL');
    await first.program.ended;
    expect(await exec('status')).toContain('Stopped by machine:ci because the graphs fell');
  });

  test('is let go in time when Holdfast ends, and stdout says nothing of it', { timeout: 60_000 }, async () => {
    const { start } = world();
    const { program, url, post } = await start();
    expect((await post('/v1/runs', { command: 'check @all' })).ok).toBe(true);
    const open = fetch(`${url}/healthz`, { keepalive: true });
    expect((await open).status).toBe(200);
    const told = performance.now();
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - told).toBeLessThan(4000);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(program.stdout()).toBe('');
    expect(program.stderr()).not.toContain(KEY);
  });

  test('is heard by the Holdfast that serves, not by one that answers a single question', { timeout: 60_000 }, async () => {
    const folder = folderWith({ 'holdfast.yaml': CONFIG });
    const env = { HOLDFAST_DATA: join(folder, 'data'), HOLDFAST_LOG: 'info', PRIVATE_PORT: '0' };
    const { stderr, code } = await finished(['exec', '--config', join(folder, 'holdfast.yaml'), 'status'], { env });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('heard on')]);
  });
});
