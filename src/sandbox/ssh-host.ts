import type { Socket } from 'node:net';
import ssh2 from 'ssh2';
import { COMMAND, ROOT_COMMAND } from '../fleet/ssh/command.ts';
import { type Call, readCall } from './call.ts';
import type { KeyPair } from './keys.ts';

/** What a script came to on a simulated host. */
export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

export interface SshHost {
  hostKey: KeyPair;
  /** The one key that may log in, as `ssh-ed25519 AAAA…`. */
  clientKey: string;
  mayLogIn(user: string): boolean;
  answer(call: Call, user: string): Answer | Promise<Answer>;
}

/**
 * A real SSH server without a system behind it: it never starts a process, it reads a named script from the stdin of
 * `sh -s`, plain or as root, and answers in its stead. Answers a function that serves one connection. Everything else a client may ask of
 * an SSH server (shells, other commands, files, forwarding, passwords) is refused.
 */
export function sshHost(host: SshHost): (socket: Socket) => void {
  const clientKey = ssh2.utils.parseKey(host.clientKey);
  if (clientKey instanceof Error) throw clientKey;
  const server = new ssh2.Server({ hostKeys: [host.hostKey.private], ident: 'Holdfast-sandbox', ...NO_KEEPALIVE } as ssh2.ServerConfig, (client) => {
    let user = '';
    client
      .on('error', () => {}) // a caller that hangs up or is cut off; `close` of the socket is what counts
      .on('authentication', (attempt) => {
        if (attempt.method === 'publickey' && host.mayLogIn(attempt.username) && holdsKey(attempt, clientKey)) {
          user = attempt.username;
          attempt.accept();
        } else attempt.reject(['publickey']);
      })
      .on('session', (accept) => {
        accept().on('exec', (take, _refuse, { command }) => {
          const channel = take();
          void serveExec(channel, command, (call) => host.answer(call, user));
        });
      });
  });
  return (socket) => {
    socket.setNoDelay(true);
    server.injectSocket(socket);
  };
}

/** A frozen host must not hang up by itself, and thousands of idle connections should cost nothing. */
const NO_KEEPALIVE = { keepaliveInterval: 2 ** 31 - 1, keepaliveCountMax: 3 };

/** A first attempt asks whether the key would do and carries no signature; the second proves it is held. */
function holdsKey(attempt: ssh2.PublicKeyAuthContext, wanted: ssh2.ParsedKey): boolean {
  if (attempt.key.algo !== wanted.type || !wanted.getPublicSSH().equals(attempt.key.data)) return false;
  if (!attempt.signature) return true;
  return attempt.blob !== undefined && wanted.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true;
}

/** Longer than any script of ours, shorter than what would hurt. */
const LONGEST_STDIN = 1024 * 1024;

async function serveExec(channel: ssh2.ServerChannel, command: string, answer: (call: Call) => Answer | Promise<Answer>): Promise<void> {
  channel.on('error', () => {});
  const { code, stdout, stderr } = await answerTo(channel, command, answer);
  if (stderr) channel.stderr.write(stderr);
  if (stdout) channel.write(stdout);
  channel.exit(code);
  channel.end();
}

async function answerTo(channel: ssh2.ServerChannel, command: string, answer: (call: Call) => Answer | Promise<Answer>): Promise<Answer> {
  if (command !== COMMAND && command !== ROOT_COMMAND) return refusal('only `sh -s` with a named script on its stdin is understood here');
  const stdin = await readAll(channel);
  if (stdin === undefined) return refusal(`more than ${LONGEST_STDIN} bytes on stdin`);
  const call = readCall(stdin);
  if (!call) return refusal('stdin does not begin with `# holdfast:<name> v<n>` and arguments in single quotes');
  try {
    return await answer(call);
  } catch (error) {
    return refusal(`the model of this host failed: ${error}`);
  }
}

/** As a shell says "command not found". */
export const refusal = (why: string): Answer => ({ code: 127, stdout: '', stderr: `simulated host: ${why}\n` });

/** Not `for await`: that would close the channel before the answer is written. */
function readAll(channel: ssh2.ServerChannel): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    channel.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LONGEST_STDIN) chunks.push(chunk);
    });
    channel.once('end', () => resolve(length <= LONGEST_STDIN ? Buffer.concat(chunks).toString('utf8') : undefined));
  });
}
