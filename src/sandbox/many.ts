import { mkdir } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ConfigInput } from '../config/schema.ts';
import { answerCall } from './answer.ts';
import { writeConfig } from './config-file.ts';
import { type KeyPair, keyPairs } from './keys.ts';
import { freshModel, type HostModel } from './model.ts';
import type { RosterHost } from './roster.ts';
import { become } from './simulated.ts';
import { sshHost } from './ssh-host.ts';

export interface Many {
  /** `holdfast.yaml` naming every host, beside its key and known_hosts. */
  configFile: string;
  port: number;
  /** Connections open now, and scripts answered since the start. */
  load(): { open: number; answered: number };
  close(): Promise<void>;
}

/**
 * Serves `count` hosts (`sim0001` …, group `sim`) for benchmarks, in a process of their own. All share one port and one
 * host key; the login name says which host is meant. A host is worked out from its name whenever it is asked, so
 * memory grows with the connections that are open and the hosts that were changed. No faults, nothing is kept but keys.
 */
export async function serveMany(options: { dir: string; count: number; port?: number; now?: () => number }): Promise<Many> {
  const { dir, count, now = Date.now } = options;
  const began = now();
  const hosts = genericHosts(count);
  const byName = new Map(hosts.map((host) => [host.name, host]));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const keys = await keyPairs(join(dir, 'keys.json'), ['client', 'host']);
  const [client, hostKey] = [keys.get('client') as KeyPair, keys.get('host') as KeyPair];

  let answered = 0;
  const became = new Map<string, HostModel>();
  const serve = sshHost({
    hostKey,
    clientKey: client.public,
    mayLogIn: (user) => byName.has(user),
    answer: (call, user) => {
      answered++;
      const host = byName.get(user) as RosterHost;
      const model = became.get(user) ?? freshModel(host, began);
      const { becomes, others: _, ...said } = answerCall(call, host, model, now());
      if (becomes) became.set(user, become(model, becomes));
      return said;
    },
  });
  const open = new Set<Socket>();
  const listener = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
    serve(socket);
  });
  const port = await new Promise<number>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ port: options.port ?? 0, host: '127.0.0.1', backlog: 1024 }, () => resolve((listener.address() as { port: number }).port));
  });
  const configFile = await writeConfig(dir, client, [{ port, key: hostKey }], manyConfig(dir, hosts, port));
  return {
    configFile,
    port,
    load: () => ({ open: open.size, answered }),
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function genericHosts(count: number): RosterHost[] {
  const width = String(count).length;
  return Array.from({ length: count }, (_, i) => ({
    name: `sim${String(i + 1).padStart(width, '0')}`,
    kind: KINDS[i % KINDS.length] as RosterHost['kind'],
    site: i % 2 === 0 ? 'bne' : 'mel',
    ring: 'prod',
  }));
}

const KINDS: RosterHost['kind'][] = ['web', 'web', 'web', 'db', 'web', 'kvm', 'web', 'lb', 'web', 'db'];

function manyConfig(dir: string, hosts: RosterHost[], port: number): ConfigInput {
  return {
    name: 'many',
    data: join(dir, 'data'),
    hosts: Object.fromEntries(hosts.map(({ name, site, ring }) => [name, { address: '127.0.0.1', port, user: name, groups: 'sim', site, ring }])),
  };
}
