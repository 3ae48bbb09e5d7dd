import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Why no real sshd can be started here; `undefined` when it can. For `describe.skipIf(noSshd)`. */
export const noSshd: string | undefined = ['/usr/sbin/sshd', '/usr/bin/ssh-keygen'].every(existsSync)
  ? undefined
  : 'no /usr/sbin/sshd here: install openssh-server to run these tests';
if (noSshd) console.warn(`skipped: ${noSshd}`);

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface Sshd {
  address: string;
  port: number;
  /** Who may log in: whoever runs the tests. */
  user: string;
  /** Private key file that opens it. */
  identity: string;
  /** known_hosts file with its host keys under `[address]:port`. */
  knownHosts: string;
  dir: string;
  /** `ssh-ed25519 AAAA…` of one host key. */
  hostKey(type?: KeyType): string;
  /** TCP connections taken since the start. */
  accepted(): number;
  /** What sshd wrote, LogLevel VERBOSE. */
  log(): string;
  /** Kills every session and connection; it goes on listening. */
  cut(): void;
  /** Ends it and takes its folder away. */
  stop(): Promise<void>;
  /** Ends it, connections and all, until `start`. */
  down(): Promise<void>;
  /** Listens again on the same port, with a new host key if asked. */
  start(change?: { newHostKey?: boolean }): Promise<void>;
}

/** A private sshd on loopback with keys of its own in a folder of its own; any user may start it. `config` lines go first, so they win. */
export async function startSshd(options: { config?: string[]; hostKeys?: KeyType[]; address?: string; port?: number } = {}): Promise<Sshd> {
  const types = options.hostKeys ?? ['ed25519'];
  const address = options.address ?? '127.0.0.1';
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-sshd-'));
  const port = options.port ?? (await freePort(address));
  const identity = makeKey(join(dir, 'identity'));
  for (const type of types) makeKey(join(dir, `host_${type}`), type);
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(`${identity}.pub`));
  const hostKey = (type: KeyType = types[0] ?? 'ed25519') =>
    readFileSync(join(dir, `host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  const writeKnown = () => writeFileSync(join(dir, 'known_hosts'), types.map((type) => `[${address}]:${port} ${hostKey(type)}\n`).join(''));
  writeKnown();
  writeFileSync(
    join(dir, 'config'),
    [
      ...(options.config ?? []),
      `Port ${port}`,
      `ListenAddress ${address}`,
      ...types.map((type) => `HostKey ${dir}/host_${type}`),
      `AuthorizedKeysFile ${dir}/authorized_keys`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PrintMotd no',
      'UseDNS no',
      // A home of its own: bash under sshd reads ~/.bashrc, and what stands there (pyenv, nvm) is neither quick nor ours to run.
      `SetEnv HOME=${dir}`,
      'MaxStartups 1000:30:2000',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  );
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });

  let child: ChildProcess | undefined;
  let log = '';
  const start = async (change: { newHostKey?: boolean } = {}): Promise<void> => {
    if (change.newHostKey) for (const type of types) makeKey(join(dir, `host_${type}`), type);
    const started = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.stderr?.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        log += text;
        if (text.includes('Server listening on')) resolve();
      });
      started.on('exit', (code) => reject(new Error(`sshd ended with ${code}: ${log}`)));
    });
  };
  const cut = () => {
    for (const pid of child?.pid ? descendants(child.pid) : []) kill(pid);
  };
  const down = async () => {
    const ending = child;
    child = undefined;
    if (!ending?.pid || ending.exitCode !== null) return;
    const left = descendants(ending.pid);
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGKILL');
    for (const pid of left) kill(pid);
    await gone;
  };
  const stop = async () => {
    await down();
    rmSync(dir, { recursive: true, force: true });
  };
  await start();
  process.once('exit', () => {
    if (child?.pid) for (const pid of [...descendants(child.pid), child.pid]) kill(pid);
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    address,
    port,
    user: userInfo().username,
    identity,
    knownHosts: join(dir, 'known_hosts'),
    dir,
    hostKey,
    accepted: () => log.match(/^Connection from /gm)?.length ?? 0,
    log: () => log,
    cut,
    stop,
    down,
    start,
  };
}

/** A new key pair without passphrase (or with one) at `path`; gives the path. An old one there is replaced. */
export function makeKey(path: string, type: KeyType = 'ed25519', passphrase = ''): string {
  for (const old of [path, `${path}.pub`]) rmSync(old, { force: true });
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', path]);
  return path;
}

/** A port nobody listens on just now. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, address);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Parents first, so that none lives to report the death of its child. sshd gives each connection a session of its own, so killing the process group would leave them. */
function descendants(pid: number): number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return []; // it ended by itself meanwhile
  }
  return children
    .split(' ')
    .filter(Boolean)
    .flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself meanwhile
  }
}
