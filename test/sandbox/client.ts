import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { parse } from 'yaml';
import { type ConfigInput, ConfigSchema } from '../../src/config/schema.ts';
import type { Sandbox } from '../../src/sandbox/start.ts';

/** What a sandbox says of itself, read as Holdfast would. */
export async function configOf({ configFile }: Pick<Sandbox, 'configFile'>): Promise<ConfigInput> {
  const written = parse(await readFile(configFile, 'utf8'));
  ConfigSchema.parse(written);
  return written;
}

export async function portOf(sandbox: Pick<Sandbox, 'configFile'>, host: string): Promise<number> {
  return (await configOf(sandbox)).hosts?.[host]?.port as number;
}

export interface Answered {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export interface Login {
  exec(command: string, stdin?: string): Promise<Answered>;
  client: ssh2.Client;
  /** In the form of known_hosts: `ssh-ed25519 AAAA…`. */
  hostKey: string;
  end(): void;
}

/** A plain ssh2 client of the sandbox's own key, beside Holdfast's transport: it sees what the server does, nothing else. */
export async function login(sandbox: Pick<Sandbox, 'configFile'>, host: string, options: ssh2.ConnectConfig = {}): Promise<Login> {
  const privateKey = await readFile(join(sandbox.configFile, '../client_key'));
  const client = new ssh2.Client().on('error', () => {}); // being cut off later is no failure of a test
  let hostKey = '';
  await new Promise((resolve, reject) => {
    client.once('ready', () => resolve(undefined)).once('error', reject);
    Promise.resolve(options.port ?? portOf(sandbox, host)).then((port) =>
      client.connect({
        host: '127.0.0.1',
        port,
        username: 'holdfast',
        privateKey,
        hostVerifier: (key: Buffer) => {
          hostKey = `ssh-ed25519 ${key.toString('base64')}`;
          return true;
        },
        ...options,
      } as ssh2.ConnectConfig),
    );
  });
  return { client, hostKey, exec: (command, stdin = '') => exec(client, command, stdin), end: () => client.end() };
}

function exec(client: ssh2.Client, command: string, stdin: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const answered: Answered = { code: undefined, stdout: '', stderr: '' };
      channel.on('data', (data: Buffer) => {
        answered.stdout += data;
      });
      channel.stderr.on('data', (data: Buffer) => {
        answered.stderr += data;
      });
      channel.on('exit', (code: number) => {
        answered.code = code;
      });
      channel.on('close', () => resolve(answered));
      channel.end(stdin);
    });
  });
}

export const CHECK = '# holdfast:check v1\nset --\n';

/** What may be seen at a port. */
export type Look = 'SSH-2.0' | 'ECONNREFUSED' | 'no connection' | 'connected, no word';

/** Longer than a loopback ever takes to say something, far below the time-outs of a check. */
const SILENCE = 300;
/** Wall milliseconds given to a busy machine to show something other than the silence that was expected. */
const BUSY = 5_000;

/** What the network finds. Silence counts as such after a moment where it is expected, and only after long where it is not. */
export function look(port: number, expected: Look): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const tell = (what: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(what);
    };
    const silent = (what: Look) => setTimeout(() => tell(what), expected === what ? SILENCE : BUSY);
    let timer = silent('no connection');
    socket.once('connect', () => {
      clearTimeout(timer);
      timer = silent('connected, no word');
    });
    socket.once('data', (data) => tell(data.toString().split('-').slice(0, 2).join('-')));
    socket.once('error', (error: NodeJS.ErrnoException) => tell(String(error.code)));
    socket.once('end', () => tell('hung up'));
  });
}
