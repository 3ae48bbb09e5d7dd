import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import { readScript } from '../scripts/read.ts';
import { COMMAND, ROOT_COMMAND, withRootRefusal } from './command.ts';
import type { Limits } from './limits.ts';
import { keepFirst } from './output.ts';
import { stdinOf } from './stdin.ts';
import { sshSaid } from './system-errors.ts';
import type { ExecResult, ScriptCall } from './transport.ts';
import { oneLine, seconds, Unreached } from './unreached.ts';

export interface SystemSsh {
  /** As `run` over ssh2; throws Unreached. */
  run(host: Host, call: ScriptCall): Promise<Omit<ExecResult & { reach: 'ok' }, 'ms'>>;
  /** Masters believed open. */
  open(): number;
  close(): Promise<void>;
}

/** The system's own `ssh`, for hosts that need what ssh2 cannot do. It keeps its connections itself (ControlMaster). */
export function openSystemSsh(limits: Limits): SystemSsh {
  const masters = new Map<string, { socket: string; used: number }>();
  const running = new Set<() => void>();
  let folder: string | undefined;

  const socketOf = (host: Host): string => {
    folder ??= mkdtempSync(join(tmpdir(), 'hf-ssh-'));
    const socket = masters.get(host.name)?.socket ?? join(folder, String(masters.size));
    masters.set(host.name, { socket, used: performance.now() });
    return socket;
  };
  const env = limits.env ?? { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: homedir() };

  return {
    run: (host, call) =>
      new Promise((resolve, reject) => {
        const { root } = readScript(call.script);
        const words = [...sshWords(host, limits, socketOf(host)), root ? ROOT_COMMAND : COMMAND];
        const agent = host.ssh.agent ?? limits.agent;
        const child = spawn('ssh', words, { env: { ...env, LC_ALL: 'C', ...(agent && { SSH_AUTH_SOCK: agent }) } });
        const stdout = keepFirst(limits.stdout);
        const stderr = keepFirst(limits.stderr);
        const patience = limits.connect + limits.banner + limits.auth + call.timeout;
        const kill = () => child.kill('SIGKILL');
        const timer = setTimeout(() => {
          reject(new Unreached('exec-timeout', `ssh had not done within ${seconds(patience)}`));
          kill();
        }, patience);
        timer.unref();
        running.add(kill);
        child.stdout.on('data', stdout.take);
        child.stderr.on('data', stderr.take);
        child.on('error', (error) => reject(new Unreached('exec-timeout', `the system's ssh cannot be run: ${oneLine(error.message)}`)));
        child.on('close', (code, signal) => {
          clearTimeout(timer);
          running.delete(kill);
          const said = code === 255 ? sshSaid(stderr.text()) : undefined;
          if (said) return reject(said);
          if (signal || code === null) return reject(new Unreached('exec-timeout', `the system's ssh was ended by ${signal}`));
          const ran = { reach: 'ok' as const, code, stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut() || stderr.cut() };
          resolve(root ? withRootRefusal(ran) : ran);
        });
        child.stdin.on('error', () => {});
        child.stdin.end(stdinOf(call));
      }),
    open: () => [...masters.values()].filter(({ used }) => performance.now() - used < limits.idle).length,
    async close() {
      for (const kill of running) kill();
      await Promise.all([...masters.values()].map(({ socket }) => leaveMaster(socket)));
      if (folder) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The words ssh is started with, but for the command. Names from the inventory stand where no option can be read out of them, and only in
 * characters that mean nothing to a shell: ProxyCommand hands %h and %r to one. Throws Unreached for others.
 */
export function sshWords(host: Host, limits: Limits, socket: string): string[] {
  const user = host.user ?? limits.user;
  for (const [what, word] of [['name', host.name], ['address', host.address], ['user', user], ...host.ssh.jump.map((jump) => ['jump host', jump])] as const)
    if (!/^[A-Za-z0-9_[][A-Za-z0-9_.:@%[\]+-]*$/.test(word))
      throw new Unreached('unroutable', `${what} ${JSON.stringify(word)} is not one the system's ssh can be given`);
  const option = (name: string, value: string | number) => ['-o', `${name}=${value}`];
  const { configFile, proxyCommand, jump, identityFiles, hostKeyAlias, knownHosts } = host.ssh;
  // With a config file the host is called as that file calls it, so that its Host blocks apply.
  return [
    ...(configFile ? ['-F', configFile] : []),
    ...option('BatchMode', 'yes'),
    ...option('StrictHostKeyChecking', 'yes'),
    ...option('UpdateHostKeys', 'no'),
    ...option('LogLevel', 'INFO'),
    ...option('ConnectTimeout', Math.ceil(limits.connect / 1000)),
    ...option('ConnectionAttempts', 1),
    ...option('ServerAliveInterval', 15),
    ...option('ServerAliveCountMax', 2),
    ...option('ControlMaster', 'auto'),
    ...option('ControlPath', socket),
    ...option('ControlPersist', Math.ceil(limits.idle / 1000)),
    ...option('ForwardAgent', 'no'),
    ...option('ForwardX11', 'no'),
    ...option('ClearAllForwardings', 'yes'),
    ...option('RequestTTY', 'no'),
    ...option('PermitLocalCommand', 'no'),
    ...option('HostName', host.address),
    ...option('Port', host.port),
    ...option('User', user),
    ...(hostKeyAlias ? option('HostKeyAlias', hostKeyAlias) : []),
    ...(knownHosts.length ? option('UserKnownHostsFile', knownHosts.map((path) => `"${path}"`).join(' ')) : []),
    ...(proxyCommand ? option('ProxyCommand', proxyCommand) : jump.length ? option('ProxyJump', jump.join(',')) : []),
    ...identityFiles.flatMap((path) => ['-i', path]),
    '--',
    configFile ? host.name : host.address,
  ];
}

/** Asks a master to go; one that is not there or does not answer is no matter. */
function leaveMaster(socket: string): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('ssh', ['-F', 'none', '-S', socket, '-O', 'exit', '--', 'master'], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), 1500);
    child.on('error', () => resolve());
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
