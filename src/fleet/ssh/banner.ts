import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import type { Host, Reach } from '../host.ts';
import { type SshLimits, withDefaults } from './limits.ts';
import { openPool } from './pool.ts';
import { seconds, Unreached } from './unreached.ts';

/** What came of looking whether a host says who it is. */
export type Banner = { reach: 'ok' } | { reach: Exclude<Reach, 'ok'>; detail: string };

export interface Banners {
  /** Dials and waits for the SSH banner; no login, except on jump hosts before it. `undefined`: its way is not ours to look along. Never throws for a host's sake. */
  look(host: Host): Promise<Banner | undefined>;
  close(): void;
}

/** Hosts dialled at once, at most: one that is gone holds its place for some seconds, and 5,000 are to be looked at within half a minute. */
const AT_ONCE = 256;
/** Longer than any banner; what says more before it is no SSH server. */
const LONGEST = 8192;

/** Connections of its own: nothing here waits for a script on a host, and nothing of that waits for this. */
export function openBanners(settings: SshLimits): Banners {
  const limits = withDefaults(settings);
  const pool = openPool(limits);
  const slots = pLimit(AT_ONCE);
  const look = async (host: Host): Promise<Banner> => {
    try {
      const { stream, done } = await pool.reach(host);
      try {
        await heard(stream, limits.banner);
        return { reach: 'ok' };
      } finally {
        stream.destroy();
        done();
      }
    } catch (error) {
      if (error instanceof Unreached) return { reach: error.reach, detail: error.message };
      throw error;
    }
  };
  return {
    // A way that only the system's own ssh knows cannot be looked along without logging in.
    look: async (host) => (host.ssh.transport === 'system' ? undefined : slots(look, host)),
    close: () => pool.close(),
  };
}

function heard(stream: Duplex, patience: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => end(new Unreached('half-dead', `TCP open, no SSH banner within ${seconds(patience)}`)), patience);
    const end = (why?: Unreached): void => {
      clearTimeout(timer);
      stream.removeAllListeners('data');
      if (why) reject(why);
      else resolve();
    };
    stream.on('data', (data: Buffer) => {
      said = (said + data.toString('latin1')).slice(-LONGEST);
      if (/^SSH-/m.test(said)) end();
    });
    const closed = (): void => end(new Unreached('half-dead', 'TCP open, closed before the SSH banner'));
    stream.on('error', closed);
    stream.on('close', closed);
  });
}
