import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../ssh/sshd.ts';

const there = (tool: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
/** Why these tests cannot run here; nothing where they can. */
export const noBmc = there('ipmi_sim') && there('ipmitool') ? '' : 'ipmi_sim or ipmitool is not installed (apt install openipmi ipmitool)';

export interface Bmc {
  port: number;
  /** Every call of the chassis script so far: `set power 0`. */
  switched(): string[];
  /** A line in the event log, raw as ipmi_sim's `sel_add` takes it. */
  sel(raw: string): Promise<void>;
  /** The console of the host says this from now on, once a second, and it is in the history. */
  consoleSays(text: string): void;
  stop(): Promise<void>;
}

export const PASSWORD = 's3cret-word';
export const LOOKER = 'l00k';

/**
 * Debian's simulated BMC on loopback: users `ops` (admin) and `looker` (user level). `chassis` is a shell script that gets
 * `get power` (prints `power:1`) and `set power 0|1`; without one it keeps the power in a file of its own.
 */
export async function startBmc(options: { chassis?: string; wrapper?: readonly string[] } = {}): Promise<Bmc> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-bmc-'));
  const [port, consolePort] = await Promise.all([freePort(), freePort()]);
  const line = serialLine();
  const linePort = await line.port;
  const log = join(dir, 'chassis.log');
  const script = options.chassis ?? join(dir, 'chassis.sh');
  if (!options.chassis) {
    writeFileSync(script, CHASSIS.replaceAll('DIR', dir));
    chmodSync(script, 0o755);
  }
  writeFileSync(join(dir, 'lan.conf'), lanConf({ port, consolePort, linePort, script }));
  writeFileSync(join(dir, 'sim.emu'), EMULATOR);
  mkdirSync(join(dir, 'state'));
  const [file = '', ...words] = [
    ...(options.wrapper ?? []),
    'ipmi_sim',
    '-n',
    '-c',
    join(dir, 'lan.conf'),
    '-f',
    join(dir, 'sim.emu'),
    '-s',
    join(dir, 'state'),
  ];
  const child: ChildProcess = spawn(file, words, { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.once('exit', () => child.kill('SIGKILL'));
  // The emulator has read its commands once its console takes connections and the serial line is held. One connection for all: it
  // dies of the first that hangs up on it while it speaks.
  const [console] = await Promise.all([connected(consolePort), line.held]);
  return {
    port,
    switched: () =>
      execFileSync('sh', ['-c', `cat ${log} 2>/dev/null || true`], { encoding: 'utf8' })
        .split('\n')
        .filter(Boolean),
    async sel(raw) {
      const added = new Promise<void>((resolve) => {
        let said = '';
        const hear = (chunk: Buffer): void => {
          said += chunk.toString('latin1');
          if (!said.includes('Added record')) return;
          console.off('data', hear);
          resolve();
        };
        console.on('data', hear);
      });
      console.write(`sel_add 0x20 ${raw}\n`);
      await added;
    },
    consoleSays: line.says,
    async stop() {
      child.kill('SIGKILL');
      await gone;
      console.destroy();
      line.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const CHASSIS = `#!/bin/sh
shift
case "$1 $2" in
  'get power') echo "power:$(cat DIR/power 2>/dev/null || echo 1)" ;;
  'set power') echo "$*" >>DIR/chassis.log; echo "$3" >DIR/power ;;
  'set '*) echo "$*" >>DIR/chassis.log ;;
esac
`;

const AUTHS = 'none md2 md5 straight';
const lanConf = (at: { port: number; consolePort: number; linePort: number; script: string }): string => `name "rehearsal"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${at.port}
    priv_limit admin
    allowed_auths_callback ${AUTHS}
    allowed_auths_user ${AUTHS}
    allowed_auths_operator ${AUTHS}
    allowed_auths_admin ${AUTHS}
    guid a123456789abcdefa123456789abcdef
  endlan
  chassis_control "${at.script} 0x20"
  sol "tcp:127.0.0.1:${at.linePort}" 115200 history=16384
  console 127.0.0.1 ${at.consolePort}
  user 2 true "ops" "${PASSWORD}" admin 10 ${AUTHS}
  user 3 true "looker" "${LOOKER}" user 10 ${AUTHS}
`;

const EMULATOR = `mc_setbmc 0x20
mc_add 0x20 0 has-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
`;

/** The other end of the host's serial port. */
function serialLine() {
  let text = '';
  let taken: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const ends = new Set<Socket>();
  const server: Server = createServer((socket) => {
    ends.add(socket);
    socket.on('error', () => {}).on('close', () => ends.delete(socket));
    taken();
  });
  const again = setInterval(() => text && ends.forEach((socket) => void socket.write(text)), 500);
  const port = new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
  return {
    port,
    held,
    says(more: string) {
      text = more;
      for (const socket of ends) socket.write(text);
    },
    close() {
      clearInterval(again);
      for (const socket of ends) socket.destroy();
      server.close();
    },
  };
}

/** A connection to a port, tried until somebody listens there. */
async function connected(port: number): Promise<Socket> {
  for (const until = Date.now() + 10_000; ; ) {
    const socket = connect(port, '127.0.0.1');
    const stands = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
    socket.on('error', () => {});
    if (stands) return socket;
    if (Date.now() > until) throw new Error(`nobody listens on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
