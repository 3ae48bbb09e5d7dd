import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import type { Fleet } from '../fleet.ts';
import type { SshLimits } from './limits.ts';

/** Keys OpenSSH tries by itself, in its order. */
const OWN_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** What the configuration, and the account Holdfast runs under, say about reaching hosts. */
export function sshSettings(config: Config, from: { fleet(): Fleet; home: string; login: string; agent?: string }): SshLimits {
  const { ssh } = config;
  const agent = ssh.agent ?? from.agent;
  return {
    user: ssh.user ?? from.login,
    identityFiles: ssh.identity_files ? [] : OWN_KEYS.map((name) => join(from.home, '.ssh', name)).filter((file) => existsSync(file)),
    ...(agent !== undefined && { agent }),
    host: (name) => from.fleet().hosts.get(name),
    inFlight: ssh.concurrency,
    connect: ssh.connect,
    banner: ssh.banner,
    auth: ssh.auth,
    idle: ssh.idle,
  };
}
