import { existsSync } from 'node:fs';
import type { Host } from '../host.ts';
import { hostKeyBook } from './host-key.ts';
import { type SshLimits, withDefaults } from './limits.ts';
import { watched } from './watched.ts';

/**
 * Why `host` can only be reached with the system's `ssh`, or `undefined` when ssh2 will do. Reads its key files and
 * known_hosts, connects to nothing. What ssh2 1.17 cannot do: FIDO and smart-card keys, user certificates, host
 * certificates (it negotiates no `…-cert-v01@openssh.com`), proxy commands.
 */
export function needsSystemTransport(host: Host, settings: Pick<SshLimits, 'identityFiles' | 'knownHosts' | 'globalKnownHosts'> = {}): string | undefined {
  if (host.ssh.proxyCommand) return 'it is reached through a ProxyCommand';
  const limits = withDefaults({ user: '', ...settings });
  for (const path of host.ssh.identityFiles) {
    if (existsSync(`${path}-cert.pub`)) return `${path} logs in with a certificate (${path}-cert.pub)`;
    const kind = kindOf(path) ?? kindOf(`${path}.pub`);
    if (kind === 'fido') return `${path} is a FIDO security key`;
  }
  const { keys, authorities } = hostKeyBook(host, limits).here;
  if (authorities.length && !keys.length) return `its host key is known only by certificate (@cert-authority in ${authorities[0]?.where})`;
  return undefined;
}

/** An OpenSSH private key carries its public half in the clear, also when it has a passphrase. */
const kindOf = watched((text): 'fido' | 'other' => {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(text) ?? [];
  const inside = body ? Buffer.from(body, 'base64').toString('latin1') : text;
  return /sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com/.test(inside) ? 'fido' : 'other';
});
