import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { PowerClasses } from '../config/power.ts';
import type { ConfigInput } from '../config/schema.ts';
import { LOOKS, type PowerAction, SWITCHES } from '../fleet/power/power.ts';
import { packageRoot } from '../root.ts';

/**
 * Stands in for the BMCs of the simulated machines: a port on loopback that takes `<token> <action> <host>` and answers what
 * such a command prints. Port and token stand in `<dir>/bmc.json` (0600), for src/sandbox/ask-bmc.mjs, which Holdfast runs like any
 * other configured command.
 */
export async function startBmc(dir: string, ask: (host: string, action: PowerAction) => Promise<string[] | undefined>): Promise<{ close(): void }> {
  const token = randomBytes(16).toString('hex');
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {}).setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text.length > LONGEST) return void socket.destroy();
      if (!text.includes('\n')) return;
      socket.removeAllListeners('data');
      const [said = '', action = '', host = ''] = text.trim().split(' ');
      if (said !== token || !isAction(action)) return void socket.destroy();
      ask(host, action).then(
        (lines) => socket.end(lines ? `ok\n${lines.map((line) => `${line}\n`).join('')}` : `no machine is called ${host}\n`),
        (error: unknown) => socket.end(`the simulated BMC failed: ${error}\n`),
      );
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  server.unref();
  await writeFile(join(dir, FILE), JSON.stringify({ port: (server.address() as AddressInfo).port, token }), { mode: 0o600 });
  return { close: () => void server.close() };
}

/** Machines by their BMC, guests by their parent. */
export function sandboxPower(dir: string, machines: readonly string[], guests: readonly string[]): NonNullable<ConfigInput['power']> {
  const words = (action: PowerAction): string[] => [process.execPath, join(packageRoot, 'src/sandbox/ask-bmc.mjs'), join(dir, FILE), action, '{host}'];
  const command = Object.fromEntries([...LOOKS, ...SWITCHES].map((action) => [action, words(action)])) as Record<PowerAction, string[]>;
  return { bmc: { hosts: machines.join(','), command }, guests: { hosts: guests.join(','), virsh: {} } } satisfies { [Name in keyof PowerClasses]: unknown };
}

const FILE = 'bmc.json';
const LONGEST = 1_000;

const isAction = (word: string): word is PowerAction => [...LOOKS, ...SWITCHES].some((action) => action === word);
