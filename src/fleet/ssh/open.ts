import pLimit from 'p-limit';
import type { Host } from '../host.ts';
import { NotAccepted } from './connection.ts';
import { type Limits, type SshLimits, withDefaults } from './limits.ts';
import { openPool, type Pool } from './pool.ts';
import { run } from './run.ts';
import { stdinOf } from './stdin.ts';
import { openSystemSsh } from './system.ts';
import type { ExecResult, ScriptCall, Ssh } from './transport.ts';
import { Unreached } from './unreached.ts';

/**
 * All SSH of this process. Calls over the bound wait first come first served, and their time-outs begin with their slot.
 * `close` ends what runs: those calls, and those that wait, throw.
 */
export function openSsh(settings: SshLimits): Ssh {
  const limits = withDefaults(settings);
  const slots = pLimit({ concurrency: limits.inFlight, rejectOnClear: true });
  const pool = openPool(limits);
  const system = openSystemSsh(limits);
  /** How to end each call that runs. */
  const running = new Set<(why: Error) => void>();
  let closed = false;

  const exec = (host: Host, call: ScriptCall) =>
    new Promise<ExecResult>((resolve, reject) => {
      const started = performance.now();
      const ms = () => Math.round(performance.now() - started);
      running.add(reject);
      (host.ssh.transport === 'system' ? system.run(host, call) : runOnPool(pool, host, call, limits))
        .then((ran) => resolve({ ...ran, ms: ms() }))
        .catch((error: unknown) => {
          if (error instanceof Unreached) resolve({ reach: error.reach, detail: error.message, ms: ms() });
          else reject(error);
        })
        .finally(() => running.delete(reject));
    });
  return {
    async exec(host, call) {
      if (closed) throw new Error('ssh was closed');
      // An unreadable script or an argument no shell can hold is our fault, not the host's: it shows before any host is asked.
      stdinOf(call);
      return slots(exec, host, call);
    },
    load: () => ({ open: pool.open() + system.open(), waiting: slots.pendingCount }),
    async close() {
      if (closed) return;
      closed = true;
      slots.clearQueue();
      for (const end of running) end(new Error('ssh was closed while the call ran'));
      pool.close();
      await system.close();
    },
  };
}

/** An open connection may turn out dead; as long as the host has not begun anything, a fresh one is tried, once. */
async function runOnPool(pool: Pool, host: Host, call: ScriptCall, limits: Limits) {
  for (let again = false; ; again = true) {
    const connection = await pool.lease(host);
    const reused = connection.calls > 0;
    try {
      return await run(connection, call, limits);
    } catch (error) {
      if (error instanceof NotAccepted) connection.retire();
      if (!(error instanceof NotAccepted) || !reused || again) throw error;
    } finally {
      connection.leave();
    }
  }
}
