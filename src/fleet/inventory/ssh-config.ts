import { isIPv6 } from 'node:net';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { matchesWildcard } from '../target/wildcard.ts';
import { type Connection, jumpOfProxyCommand, readJumps, readPort } from './connection.ts';
import type { Block, BlockCondition, SshConfigText } from './ssh-config-read.ts';

/** An ssh config made ready to be asked about many hosts. */
export interface SshConfig {
  file: string;
  names: SshConfigText['names'];
  /** What ssh would do for `ssh <name>`, with `user` and `port` as if given with -l and -p. */
  connectionOf(name: string, given?: { user?: string; port?: number }): Connection;
}

export function askSshConfig(text: SshConfigText, home: string): SshConfig {
  const { byName, general } = indexBlocks(text.blocks);
  const localUser = loginName();
  const answer: SshConfig['connectionOf'] = (name, given = {}) => {
    const found = new Settings(name, given.user, localUser);
    for (const at of inOrder(byName.get(name) ?? [], general)) {
      const block = text.blocks[at] as Block;
      if (block.conditions.every((condition) => found.holds(condition))) found.take(block);
    }
    return found.connection(text.file, home, given);
  };
  return { file: text.file, names: text.names, connectionOf: answer };
}

/** Most blocks name hosts in full; a config of 5,000 of them is not to be walked 5,000 times. */
function indexBlocks(blocks: readonly Block[]): { byName: Map<string, number[]>; general: number[] } {
  const byName = new Map<string, number[]>();
  const general: number[] = [];
  for (const [at, { conditions }] of blocks.entries()) {
    const [only] = conditions;
    if (conditions.length !== 1 || only?.kind !== 'host' || only.patterns.some((pattern) => /[*?!]/.test(pattern))) {
      general.push(at);
    } else {
      for (const name of new Set(only.patterns)) {
        const list = byName.get(name);
        if (list) list.push(at);
        else byName.set(name, [at]);
      }
    }
  }
  return { byName, general };
}

const inOrder = (own: readonly number[], general: readonly number[]): number[] => (own.length > 0 ? [...own, ...general].sort((a, b) => a - b) : [...general]);

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return ''; // an id without a name, as in some containers
  }
}

/** What has been found for one host so far; the first value of a keyword stays, as ssh has it. */
class Settings {
  readonly #first = new Map<string, { value: string; words: string[] }>();
  readonly #identities: string[] = [];
  readonly #name: string;
  readonly #givenUser: string | undefined;
  readonly #localUser: string;
  #onlySystem: string | undefined;

  constructor(name: string, givenUser: string | undefined, localUser: string) {
    this.#name = name;
    this.#givenUser = givenUser;
    this.#localUser = localUser;
  }

  take(block: Block): void {
    for (const { key, value, words } of block.settings) {
      if (key === 'identityfile') this.#identities.push(value);
      else if (!this.#first.has(key)) this.#first.set(key, { value, words });
      // Whichever of the two comes first shuts the other out.
      if (key === 'proxyjump' && !this.#first.has('proxycommand')) this.#first.set('proxycommand', { value: '', words: [] });
      if (key === 'proxycommand' && !this.#first.has('proxyjump')) this.#first.set('proxyjump', { value: '', words: [] });
    }
  }

  holds(condition: BlockCondition): boolean {
    if (condition.kind === 'host') return matchesList(condition.patterns, this.#name);
    let undecided: string | undefined;
    for (const { keyword, value, negated } of condition.criteria) {
      const holds = this.#decide(keyword, value);
      if (holds === undefined) undecided ??= keyword;
      else if (holds === negated) return false;
    }
    if (undecided === undefined) return true;
    this.#onlySystem ??= `"Match ${undecided}" in line ${condition.origin.line} of ${condition.origin.file} can be decided by ssh itself only`;
    return false;
  }

  #decide(keyword: string, value: string): boolean | undefined {
    const list = value.split(',');
    if (keyword === 'all') return true;
    if (keyword === 'host') return matchesList(list, this.#hostName());
    if (keyword === 'originalhost') return matchesList(list, this.#name);
    if (keyword === 'user') return matchesList(list, this.#givenUser ?? this.#text('user') ?? this.#localUser);
    if (keyword === 'localuser') return matchesList(list, this.#localUser);
    if (keyword === 'canonical' && !this.#isOn('canonicalizehostname')) return false;
    return undefined;
  }

  connection(file: string, home: string, given: { user?: string; port?: number }): Connection {
    const connection: Connection = { address: this.#hostName(), configFile: file };
    const user = given.user ?? this.#text('user');
    const port = given.port ?? readPort(this.#text('port'));
    if (user) connection.user = user;
    if (port) connection.port = port;
    const fill = (text: string): string => this.#tokens(text, home, connection);
    const path = (text: string): string => toPath(fill(text), home);
    const files = (key: string): string[] | undefined => {
      const words = this.#first.get(key)?.words;
      return words?.flatMap((word) => (word.toLowerCase() === 'none' ? [] : [path(word)]));
    };
    const identities = this.#identities.filter((one) => one.toLowerCase() !== 'none');
    if (identities.length > 0) connection.identityFiles = [...new Set(identities.map(path))];
    const jump = this.#text('proxyjump');
    if (jump) connection.jump = readJumps(fill(jump));
    const command = this.#text('proxycommand');
    if (command) {
      const through = jumpOfProxyCommand(command);
      if (command.toLowerCase() === 'none') connection.jump = [];
      else if (through) connection.jump = [through];
      else connection.proxyCommand = command;
    }
    const alias = this.#text('hostkeyalias');
    if (alias) connection.hostKeyAlias = fill(alias);
    const [userFiles, globalFiles] = [files('userknownhostsfile'), files('globalknownhostsfile')];
    if (userFiles) connection.userKnownHosts = userFiles;
    if (globalFiles) connection.globalKnownHosts = globalFiles;
    const agent = this.#text('identityagent');
    if (agent?.toLowerCase() === 'none') connection.agent = false;
    else if (agent && !/^(\$|SSH_AUTH_SOCK$)/.test(agent)) connection.agent = path(agent);
    const only = this.#onlySystem ?? this.#needsSystem();
    if (only) connection.onlySystem = only;
    return connection;
  }

  #needsSystem(): string | undefined {
    const has = (key: string): boolean => (this.#text(key) ?? 'none').toLowerCase() !== 'none';
    if (has('certificatefile')) return 'it logs in with a certificate (CertificateFile)';
    if (has('pkcs11provider')) return 'its key is on a smart card (PKCS11Provider)';
    if (has('knownhostscommand')) return 'its host key comes from a program (KnownHostsCommand)';
    if (this.#isOn('canonicalizehostname')) return 'its name is made canonical (CanonicalizeHostname)';
    return undefined;
  }

  #text(key: string): string | undefined {
    return this.#first.get(key)?.value || undefined;
  }

  #isOn(key: string): boolean {
    return /^(yes|true|always)$/i.test(this.#text(key) ?? '');
  }

  #hostName(): string {
    return (this.#text('hostname') ?? this.#name).replace(/%[%hn]/g, (token) => (token === '%%' ? '%' : this.#name));
  }

  #tokens(text: string, home: string, { address = '', port = 22, user }: Connection): string {
    const known: Record<string, string> = {
      '%': '%',
      h: address,
      n: this.#name,
      p: String(port),
      r: user ?? this.#localUser,
      u: this.#localUser,
      d: home,
      k: this.#text('hostkeyalias') ?? this.#name,
    };
    return text.replace(/%(.)/g, (whole, letter: string) => known[letter] ?? whole);
  }
}

function toPath(text: string, home: string): string {
  if (text === '~' || text.startsWith('~/')) return join(home, text.slice(1));
  return isAbsolute(text) || text.startsWith('$') ? text.replace(/^\$\{?HOME\}?(?=\/)/, home) : text;
}

/** A list of patterns holds when one fits and none of those with `!` does. */
function matchesList(patterns: readonly string[], text: string): boolean {
  let fits = false;
  const lower = text.toLowerCase();
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchesWildcard((negated ? pattern.slice(1) : pattern).toLowerCase(), lower)) continue;
    if (negated) return false;
    fits = true;
  }
  return fits;
}

export interface SpelledJump {
  hops: string[];
  identityFiles: string[];
  onlySystem?: string;
}

/** A jump host that only an ssh config knows, as `user@host:port`, with the jumps and keys it needs itself. */
export function spellJump(config: SshConfig, jump: string, seen: readonly string[] = []): SpelledJump {
  const found = /^(?:([^@]+)@)?(.+?)(?::(\d+))?$/.exec(jump);
  const name = found?.[2]?.replace(/^\[(.*)\]$/, '$1');
  if (!found || !name || seen.includes(name)) return { hops: [], identityFiles: [] };
  const connection = config.connectionOf(name, { ...(found[1] && { user: found[1] }), ...(found[3] && { port: Number(found[3]) }) });
  const { address = name, user, port, identityFiles = [], proxyCommand, onlySystem } = connection;
  const shown = isIPv6(address) ? `[${address}]` : address;
  const before = (connection.jump ?? []).map((one) => spellJump(config, one, [...seen, name]));
  const only = onlySystem ?? (proxyCommand ? `its jump host ${name} is reached by a ProxyCommand` : before.find((one) => one.onlySystem)?.onlySystem);
  return {
    hops: [...before.flatMap((one) => one.hops), `${user ? `${user}@` : ''}${shown}${port && port !== 22 ? `:${port}` : ''}`],
    identityFiles: [...identityFiles, ...before.flatMap((one) => one.identityFiles)],
    ...(only && { onlySystem: only }),
  };
}
