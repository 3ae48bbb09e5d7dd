import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { ALGORITHMS } from './algorithms.ts';
import { type HostKeyBook, judgeHostKey, preferKnown } from './host-key.ts';
import type { Login } from './identities.ts';
import { oneLine, seconds, Unreached } from './unreached.ts';

export interface HandshakePlan {
  user: string;
  book: HostKeyBook;
  /** Absent = no login is tried: the handshake ends when the host has proven its key. */
  login?: Login;
  /** Takes the key the host offers; what it gives back decides. Default: only a known key goes on. */
  key?(offered: Buffer): boolean;
  banner: number;
  auth: number;
}

/**
 * Banner, key exchange, host key and login over an open stream. Throws Unreached: `half-dead`, `key-mismatch` or `auth`;
 * the stream is destroyed then. What is given back never emits an unheard `error`.
 */
export function handshake(stream: Duplex, plan: HandshakePlan): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let phase: 'banner' | 'exchange' | 'login' | 'over' = 'banner';
    let heard = '';
    let timer = setTimeout(() => fail(new Unreached('half-dead', `TCP open, no SSH banner within ${seconds(plan.banner)}`)), plan.banner);
    timer.unref();

    const end = () => {
      phase = 'over';
      clearTimeout(timer);
      stream.off('data', listen);
    };
    const fail = (why: Unreached) => {
      if (phase === 'over') return;
      end();
      stream.destroy();
      reject(why);
    };
    const bannerSeen = () => {
      phase = 'exchange';
      stream.off('data', listen);
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (phase === 'exchange') fail(new Unreached('half-dead', `SSH banner, but no key exchange within ${seconds(plan.auth)}`));
        else fail(new Unreached('auth', `no answer to the login as ${plan.user} within ${seconds(plan.auth)}`));
      }, plan.auth);
      timer.unref();
    };
    // ssh2 tells nobody of the banner, so it is overheard.
    const listen = (data: Buffer) => {
      heard = (heard + data.toString('latin1')).slice(-4096);
      if (/^SSH-/m.test(heard)) bannerSeen();
    };

    const verify = (offered: Buffer): boolean => {
      if (plan.key) return plan.key(offered);
      const verdict = judgeHostKey(plan.book, offered);
      if (verdict.state === 'known') return true;
      fail(new Unreached('key-mismatch', verdict.detail));
      return false;
    };

    client.on('handshake', () => {
      if (phase === 'over') return;
      phase = 'login';
      // OpenSSH now announces all its host keys, and ssh2 would have it prove each: an RSA signature there and three
      // verifications here per connection, a quarter of the cost of all. It asks nobody it does not take for OpenSSH.
      (client as unknown as { _remoteVer?: string })._remoteVer = '';
      if (plan.login) return;
      end();
      resolve(client);
    });
    client.on('ready', () => {
      if (phase === 'over') return;
      end();
      resolve(client);
    });
    client.on('error', (error: Error & { level?: string }) => {
      if (phase === 'over') return;
      if (error.level === 'agent') plan.login?.agentFailed(`the ssh agent did not help (${oneLine(error.message)})`);
      else if (error.level !== 'client-authentication' || plan.login?.exhausted()) fail(whyNot(error, phase, plan));
    });
    client.on('close', () => fail(whyNot(undefined, phase, plan)));
    stream.on('close', () => fail(whyNot(undefined, phase, plan)));

    const config: ConnectConfig = {
      sock: stream as ConnectConfig['sock'] & Duplex,
      username: plan.user,
      hostVerifier: verify,
      readyTimeout: 0,
      keepaliveInterval: 0,
      algorithms: { ...ALGORITHMS, serverHostKey: preferKnown(plan.book, ALGORITHMS.serverHostKey) as (typeof ALGORITHMS)['serverHostKey'] },
      authHandler: plan.login?.handler ?? ((_left, _partial, next) => next(false as never)),
    };
    client.connect(config);
    stream.on('data', listen);
  });
}

function whyNot(error: Error | undefined, phase: string, plan: HandshakePlan): Unreached {
  const said = error ? oneLine(error.message) : 'the connection was closed';
  if (phase === 'banner') return new Unreached('half-dead', `TCP open, closed before the SSH banner (${said})`, true);
  if (phase === 'exchange') {
    if (/no matching host key/i.test(said)) return new Unreached('key-mismatch', `no kind of host key in common with this host (${said})`);
    if (/no matching/i.test(said)) return new Unreached('auth', `no algorithm in common with this host (${said})`);
    if (/signature verification failed|Host key does not match/i.test(said)) return new Unreached('key-mismatch', `the host could not prove its key (${said})`);
    return new Unreached('half-dead', `SSH banner, then the key exchange broke off (${said})`, true);
  }
  const asked = plan.login?.explain() ?? `login as ${plan.user}`;
  return new Unreached('auth', plan.login?.exhausted() ? asked : `${asked} (${said})`);
}
