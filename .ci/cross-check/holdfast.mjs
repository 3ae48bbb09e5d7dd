import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Holdfast of its own with this configuration, as its supervisor starts it: without anybody at a terminal. */
export function start(config) {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-cross-'));
  const file = join(dir, 'holdfast.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const child = spawn(process.execPath, [join(process.env.HOLDFAST_CLONE ?? process.cwd(), 'bin/holdfast.mjs'), 'start', '--config', file], {
    env: { ...process.env, HOLDFAST_DATA: join(dir, 'data'), PRIVATE_PORT: '0', HOLDFAST_LOG: 'info' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
}

/** Asks until there is an answer; a minute at most. */
export async function until(what, ask) {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await Promise.resolve()
      .then(ask)
      .catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: it did not come about within a minute`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
