import { createPrivateKey, sign } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import ssh2, { type AnyAuthMethod, type AuthHandlerMiddleware, type ParsedKey } from 'ssh2';
import { watched } from './watched.ts';

/** One private key file as far as it can be used. */
export type Identity = { path: string; key: ParsedKey; blob: string } | { path: string; trouble: string };

/** What one login tries, in order; built anew for each connection. */
export interface Login {
  handler: AuthHandlerMiddleware;
  /** What the server was offered and why that was not enough, once it has failed. */
  explain(): string;
  /** Nothing is left to try. */
  exhausted(): boolean;
  /** ssh2 could not use the agent; it goes on without. */
  agentFailed(why: string): void;
}

export interface Means {
  user: string;
  /** The host's own key files; tried first. */
  own: readonly string[];
  agent?: string;
  /** Key files for every host; tried last. */
  shared: readonly string[];
}

/** Keys of the host, then the agent's, then the common ones; a key held twice is tried once. */
export function planLogin(means: Means): Login {
  const tried: string[] = [];
  const troubles: string[] = [];
  let methods: readonly string[] = [];
  let halfWay = false;
  let done = false;
  const seen = new Set<string>();
  const fromFiles = (paths: readonly string[], needed: boolean): AnyAuthMethod[] =>
    paths.flatMap((path) => {
      const identity = readIdentity(path) ?? { path, trouble: existsSync(path) ? `${path} cannot be read` : `${path} is not there` };
      if ('trouble' in identity) {
        if (needed || existsSync(path)) troubles.push(identity.trouble);
        return [];
      }
      if (seen.has(identity.blob)) return [];
      seen.add(identity.blob);
      tried.push(basename(path));
      return [{ type: 'publickey' as const, username: means.user, key: identity.key }];
    });
  const own = fromFiles(means.own, true);
  const agent: AnyAuthMethod[] = means.agent ? [{ type: 'agent', username: means.user, agent: agentAt(means.agent, seen) }] : [];
  if (means.agent) tried.push('agent');
  const steps = [...own, ...agent, ...fromFiles(means.shared, false)].reverse();
  return {
    handler: (left, partial, next) => {
      if (left) methods = left;
      if (partial) halfWay = true;
      const step = steps.pop();
      done = !step;
      // `false` is how ssh2 is told that nothing is left; its types do not know.
      next(step ?? (false as never));
    },
    exhausted: () => done,
    agentFailed: (why) => {
      troubles.push(why);
    },
    explain() {
      const offered = tried.length ? `none of ${tried.join(', ')} opened it` : 'no key to log in with';
      const also = halfWay ? ['a key was accepted, but the host asks for more than a key'] : [];
      const takes = methods.length && !methods.includes('publickey') ? [`the host takes no keys, only ${methods.join(', ')}`] : [];
      return [`login as ${means.user}: ${offered}`, ...also, ...takes, ...troubles].join('; ');
    },
  };
}

const readIdentity = watched((text, path): Identity => {
  // As ssh itself: a key of ours that others can read is theirs as well.
  const { uid, mode } = statSync(path);
  if (uid === process.getuid?.() && mode & 0o077)
    return { path, trouble: `${path} can be read by others: chmod 600 it, and make a new key if they are strangers` };
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error)
    return {
      path,
      trouble: /encrypted|passphrase/i.test(parsed.message)
        ? `${path} has a passphrase: load it into an ssh agent`
        : `${path} is no private key this can use (${parsed.message})`,
    };
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey | undefined;
  if (!key?.isPrivateKey()) return { path, trouble: `${path} is no private key` };
  return { path, key: signingQuickly(key), blob: key.getPublicSSH().toString('base64') };
});

/** ssh2 reads the PEM again for every signature, which takes ten times as long as an ed25519 signature itself. */
function signingQuickly(key: ParsedKey): ParsedKey {
  const hash = HASHES[key.type];
  if (hash === undefined) return key;
  const ready = createPrivateKey(key.getPrivatePEM());
  // `algo` is given for RSA only, where the server says which hash it takes.
  key.sign = (data, algo) => {
    try {
      return sign(algo || hash, Buffer.isBuffer(data) ? data : Buffer.from(data), ready);
    } catch (error) {
      return error as never;
    }
  };
  return key;
}

/** Kind of key → hash of its signatures; ed25519 has its own. */
const HASHES: Record<string, string | null> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'ssh-rsa': 'sha1',
};

/** An agent that offers what was not tried from a file already, so that a server's limit on tries is not used up twice over. */
function agentAt(socket: string, seen: ReadonlySet<string>): InstanceType<typeof ssh2.OpenSSHAgent> {
  const agent = new ssh2.OpenSSHAgent(socket);
  const ask = agent.getIdentities.bind(agent);
  agent.getIdentities = (done) =>
    ask((error, keys) =>
      done(
        error,
        keys?.filter((key) => !seen.has(blobOf(key))),
      ),
    );
  return agent;
}

function blobOf(key: unknown): string {
  const parsed = Buffer.isBuffer(key) ? ssh2.utils.parseKey(key) : (key as ParsedKey);
  return parsed instanceof Error ? '' : parsed.getPublicSSH().toString('base64');
}
