import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Started, startHoldfast } from '../../../src/main.ts';
import { folderWith } from '../../config/folder.ts';
import { type Program, holdfast as program } from '../../front-door/holdfast.ts';
import { quietLog } from '../../quiet-log.ts';
import { discordSection } from './config.ts';
import type { FakeDiscord } from './open.ts';

/** A whole Holdfast in this process against a stand-in, with the rest of its configuration as YAML; ended with the test. */
export async function holdfastOn(discord: FakeDiscord, config: string): Promise<Started> {
  const folder = folderWith({ 'holdfast.yaml': discordSection(discord) + config });
  const started = await startHoldfast({
    configFile: join(folder, 'holdfast.yaml'),
    dataDir: join(folder, 'data'),
    role: 'all',
    speed: 1,
    fresh: false,
    listen: true,
    env: { PRIVATE_PORT: '0' },
    home: folder,
    login: 'test',
    log: quietLog,
  });
  onTestFinished(() => started.stop());
  return started;
}

/** The same as the program, in a process of its own that can be killed; `start` again goes on with the same data. */
export function holdfastProgram(discord: FakeDiscord, config: string): { start(env?: Record<string, string>): Program } {
  const folder = folderWith({ 'holdfast.yaml': discordSection(discord) + config });
  return {
    start(env = {}) {
      const started = program(['start', '--config', join(folder, 'holdfast.yaml')], {
        stdin: 'ignore',
        env: { HOLDFAST_DATA: join(folder, 'data'), HOLDFAST_LOG: 'info', PRIVATE_PORT: '0', ...env },
      });
      onTestFinished(() => void started.child.kill('SIGKILL'));
      return started;
    },
  };
}
