import { mkdirSync, statSync } from 'node:fs';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';

/**
 * Makes the data directory, for this user alone. Refuses one that everybody may write to: whoever can replace the database,
 * the stop or the control socket in it is an admin of the fleet. One of another user is taken, and said.
 */
export function makeDataDir(dataDir: string, log: Log): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(dataDir);
  if (mode & 0o002)
    throw new Refusal(
      `Everyone on this machine can write to the data directory ${dataDir} (mode ${(mode & 0o7777).toString(8).padStart(4, '0')}), and whoever does commands the fleet. \`chmod 700 ${dataDir}\`, or name another with HOLDFAST_DATA.`,
    );
  const me = process.getuid?.();
  if (me !== undefined && uid !== me && uid !== 0)
    log.warn({ dataDir, owner: uid, me }, 'the data directory belongs to another user, who can do with this Holdfast what they like');
}
