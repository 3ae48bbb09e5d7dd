import { openLog } from '../log.ts';
import { type Started, startHoldfast } from '../main.ts';
import type { Invocation } from './invocation.ts';

/** A whole Holdfast for one question, where none runs on this data. The caller ends it. */
export async function startShortLived(call: Invocation, dataDir: string, logLevel: 'warn' | 'error'): Promise<Started> {
  return startHoldfast({
    ...(call.configFile !== undefined && { configFile: call.configFile }),
    dataDir,
    role: 'all',
    speed: 1,
    fresh: false,
    env: call.env,
    home: call.home,
    login: call.login,
    log: await openLog(call.env.HOLDFAST_LOG ?? logLevel),
  });
}
