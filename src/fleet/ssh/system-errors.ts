import type { Reach } from '../host.ts';
import { oneLine, Unreached } from './unreached.ts';

/**
 * Where on the reach ladder the system's ssh stopped, read from what it wrote before it ended with 255 (in the C
 * locale; OpenSSH 7 to 10). `undefined` when nothing it says of itself is there: then the script itself ended with 255.
 */
export function sshSaid(stderr: string): Unreached | undefined {
  for (const [pattern, reach, words] of SAYINGS) {
    const line = stderr.split('\n').find((each) => pattern.test(each));
    if (line !== undefined) return new Unreached(reach, words ? `${words} (${oneLine(line)})` : oneLine(line));
  }
  return undefined;
}

/** The first that is found anywhere counts: what a proxy said comes before what ssh makes of it. */
const SAYINGS: readonly (readonly [RegExp, Exclude<Reach, 'ok'>, string?])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'key-mismatch',
    'host key changed. If the host was rebuilt, take its line out of known_hosts and confirm the new key; if not, somebody may stand between',
  ],
  [/REVOKED HOST KEY|host key .* revoked/i, 'key-mismatch', 'host key is marked @revoked'],
  [/^No \S+ host key is known for /, 'key-mismatch', "host key not known: compare it with the host's own and add it to known_hosts"],
  [/^Host key verification failed/, 'key-mismatch', 'host key not accepted'],
  [/^(Permission denied|.*: Permission denied) \(/, 'auth'],
  [/Too many authentication failures|^no such identity|sign_and_send_pubkey: signing failed/i, 'auth'],
  [/^Unable to negotiate with /, 'auth', 'no algorithm in common with this host'],
  [/Connection refused/, 'refused'],
  [/timed out during banner exchange/i, 'half-dead', 'TCP open, no SSH banner'],
  [/Could not resolve hostname|No route to host|Network is unreachable|Connection timed out|Operation timed out|timed out$/i, 'unroutable'],
  [/^(kex_exchange_identification|ssh_exchange_identification|banner exchange): .*UNKNOWN port 65535/, 'unroutable', 'the proxy command did not get through'],
  [/^Connection closed by UNKNOWN port 65535/, 'unroutable', 'the proxy command did not get through'],
  [/^(kex_exchange_identification|ssh_exchange_identification|banner exchange): /, 'half-dead', 'TCP open, closed before the SSH banner'],
  [
    /^Timeout, server .* not responding|^Connection to .* closed by remote host|client_loop: send disconnect|^Connection reset by /,
    'exec-timeout',
    'the connection was lost while the script ran; what it had done by then is not known',
  ],
  [/^Connection closed by /, 'half-dead', 'closed before the login'],
  [/^ssh: |^muxclient: |^command-line: |^Bad (configuration option|owner or permissions)/, 'unroutable'],
];
