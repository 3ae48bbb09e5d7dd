/** How one source says a host is reached; what it does not say has no key. */
export interface Connection {
  address?: string;
  port?: number;
  user?: string;
  identityFiles?: string[];
  /** Nearest first; empty = directly, said so. */
  jump?: string[];
  proxyCommand?: string;
  hostKeyAlias?: string;
  /** User's files, and those of the whole machine. */
  userKnownHosts?: string[];
  globalKnownHosts?: string[];
  /** `false` = no agent, said so. */
  agent?: string | false;
  configFile?: string;
  /** Something only the system's ssh can do, in words. */
  onlySystem?: string;
}

/**
 * `user@host:port` of the jump host when a ProxyCommand is nothing but `ssh -W %h:%p [user@]host [-p port] [-q]`; anything
 * else needs the system's ssh.
 */
export function jumpOfProxyCommand(command: string): string | undefined {
  const words = command
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  if (!/(^|\/)ssh$/.test(words.shift() ?? '')) return undefined;
  let host: string | undefined;
  let port: string | undefined;
  let user: string | undefined;
  let forwards = false;
  while (words.length > 0) {
    const word = words.shift() as string;
    if (word === '-q' || word === '-T') continue;
    else if (word === '-W') forwards = /^\[?%h\]?:%p$/.test(words.shift() ?? '');
    else if (word === '-p') port = words.shift();
    else if (word === '-l') user = words.shift();
    else if (word.startsWith('-') || host !== undefined || /[^\w.@:[\]-]/.test(word)) return undefined;
    else host = word;
  }
  if (!host || !forwards || (port !== undefined && !/^\d+$/.test(port))) return undefined;
  return `${user && !host.includes('@') ? `${user}@` : ''}${host}${port ? `:${port}` : ''}`;
}

/** `ProxyJump` as written: `none`, or a list, visited in this order. `ssh://` in front of one is left out. */
export function readJumps(text: string): string[] {
  if (text.trim().toLowerCase() === 'none' || !text.trim()) return [];
  return text
    .split(',')
    .map((jump) =>
      jump
        .trim()
        .replace(/^ssh:\/\//, '')
        .replace(/\/$/, ''),
    )
    .filter(Boolean);
}

export function readPort(value: unknown): number | undefined {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}
