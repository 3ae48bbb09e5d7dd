import { constants } from 'node:os';
import type { ClientChannel } from 'ssh2';
import { readScript } from '../scripts/read.ts';
import { COMMAND, ROOT_COMMAND, withRootRefusal } from './command.ts';
import type { Connection } from './connection.ts';
import type { Limits } from './limits.ts';
import { keepFirst } from './output.ts';
import { stdinOf } from './stdin.ts';
import { type ExecResult, HeldBack, type ScriptCall } from './transport.ts';
import { seconds, Unreached } from './unreached.ts';

/**
 * Runs one script on an open connection. Throws NotAccepted while nothing has begun on the host, Unreached `exec-timeout`
 * afterwards; then what the script did is not known.
 */
export async function run(connection: Connection, call: ScriptCall, limits: Limits): Promise<Omit<ExecResult & { reach: 'ok' }, 'ms'>> {
  const stdin = stdinOf(call);
  const { root } = readScript(call.script);
  const channel = await connection.startShell(root ? ROOT_COMMAND : COMMAND, connection.calls ? limits.banner : limits.auth);
  // A login takes seconds: what was said meanwhile counts.
  const heldBack = call.unless?.();
  if (heldBack !== undefined) {
    channel.on('error', () => {}).close();
    throw new HeldBack(heldBack);
  }
  return new Promise((resolve, reject) => {
    const stdout = keepFirst(limits.stdout);
    const stderr = keepFirst(limits.stderr);
    const timer = setTimeout(() => {
      reject(new Unreached('exec-timeout', `the script did not end within ${seconds(call.timeout)}`));
      giveUp(channel);
      // Whatever holds the script up may hold up the next as well: that one gets a connection of its own.
      connection.retire();
    }, call.timeout);
    timer.unref();
    channel.on('data', stdout.take);
    channel.stderr.on('data', stderr.take).on('error', () => {});
    channel.once('close', (code?: number | null, signal?: string) => {
      clearTimeout(timer);
      const end = code ?? (signal ? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0) : undefined);
      if (end === undefined) {
        const why = connection.dead ? 'the connection was lost while the script ran' : 'the script went away without saying how it ended';
        return reject(new Unreached('exec-timeout', `${why}; what it had done by then is not known`));
      }
      const ran = {
        reach: 'ok' as const,
        code: end,
        ...(signal && { signal }),
        stdout: stdout.text(),
        stderr: stderr.text(),
        cut: stdout.cut() || stderr.cut(),
      };
      resolve(root ? withRootRefusal(ran) : ran);
    });
    channel.end(stdin);
  });
}

/** OpenSSH 7.9 and later pass the signal on; older ones let the script find out when it writes. */
function giveUp(channel: ClientChannel): void {
  try {
    channel.signal('TERM');
    channel.close();
  } catch {
    // the connection broke at that moment
  }
}
