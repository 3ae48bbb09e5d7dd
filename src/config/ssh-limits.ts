import type { Fleet } from '../fleet/fleet.ts';
import type { SshLimits } from '../fleet/ssh/limits.ts';
import type { Config } from './schema.ts';

/** What `ssh:` says, as the SSH room takes it. `fleet` is asked anew each time; `login` is who Holdfast runs as. */
export function sshLimits({ ssh }: Pick<Config, 'ssh'>, fleet: () => Fleet, login: string): SshLimits {
  const { user, concurrency, open, idle, connect, banner, auth } = ssh;
  return { user: user ?? login, host: (name) => fleet().hosts.get(name), inFlight: concurrency, open, idle, connect, banner, auth };
}
