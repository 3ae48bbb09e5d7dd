import type { Host } from '../host.ts';
import type { Limits } from './limits.ts';
import { Unreached } from './unreached.ts';

/** A host and the machine it is reached through, if any. */
export interface Way {
  host: Host;
  via?: Way;
  /** Names the connection: everything that decides it, and all it goes through. */
  key: string;
}

/**
 * The way to `host`: through its jump hosts, nearest first. A jump host the inventory knows brings its own connection
 * settings, and the first one its own way; any other borrows the host's. Throws Unreached for a way that leads in a circle.
 */
export function wayTo(host: Host, limits: Pick<Limits, 'host'>, passed: readonly string[] = []): Way {
  if (passed.includes(host.name)) throw new Unreached('unroutable', `the jump hosts lead in a circle: ${[...passed, host.name].join(' → ')}`);
  const [first, ...rest] = host.ssh.jump.map((words) => jumpHost(words, host, limits));
  if (!first) return step(host);
  return step(
    host,
    rest.reduce<Way>((via, jump) => step(jump, via), wayTo(first, limits, [...passed, host.name])),
  );
}

function step(host: Host, via?: Way): Way {
  const { jump: _, ...ssh } = host.ssh;
  const key = `${via ? `${via.key} → ` : ''}${JSON.stringify([host.name, host.user, host.address, host.port, ssh])}`;
  return { host, key, ...(via && { via }) };
}

/** `name`, `user@name`, `name:port`, `user@[2001:db8::1]:22`. */
function jumpHost(words: string, host: Host, limits: Pick<Limits, 'host'>): Host {
  const at = words.lastIndexOf('@');
  const user = at > 0 ? words.slice(0, at) : undefined;
  const place = words.slice(at + 1);
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(place) ?? [];
  const name = bracketed ?? bare ?? place;
  const known = limits.host?.(words) ?? limits.host?.(name);
  if (known) return user || port ? { ...known, ...(user && { user }), ...(port && { port: Number(port) }) } : known;
  const { identityFiles, knownHosts, agent } = host.ssh;
  return {
    name: words,
    address: name,
    port: Number(port ?? 22),
    ...(user && { user }),
    groups: [],
    redundancy: [],
    vars: {},
    ssh: { jump: [], identityFiles, knownHosts, transport: 'ssh2', ...(agent && { agent }) },
  };
}
