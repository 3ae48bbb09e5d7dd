import type { Fleet } from '../../fleet/fleet.ts';
import type { Host } from '../../fleet/host.ts';
import type { Queries } from '../../store/db.ts';
import { Wrong } from '../wrong.ts';
import { zincatiId } from './app-id.ts';

/** Finds the host a client is. Throws Wrong (403) where it is none, or could be two. */
export type WhichHost = (id: string, configured: Readonly<Record<string, string>> | undefined) => Promise<Host>;

/** Wall ms between two readings of all machine-ids for ids nobody knows. */
const REST = 5_000;

/** By what the configuration says, by the id Zincati makes from the machine-id a check has seen, or by the host's name. */
export function whichHostIn(db: Queries, fleet: () => Fleet): WhichHost {
  let known = new Map<string, string[]>();
  let read = 0;
  const seenAs = async (id: string): Promise<string[]> => {
    const names = known.get(id) ?? [];
    // Reinstalled since, it has another id.
    if (names.length > 0 && (await allHave(db, names, id))) return names;
    if (Date.now() - read < REST) return [];
    read = Date.now();
    known = await allIds(db);
    return known.get(id) ?? [];
  };
  return async (id, configured) => {
    const said = configured && Object.hasOwn(configured, id) ? configured[id] : undefined;
    const names = said !== undefined ? [said] : await seenAs(id.replaceAll('-', '').toLowerCase());
    const hosts = [...names, ...(names.length === 0 ? [id] : [])].flatMap((name) => fleet().hosts.get(name) ?? []);
    if (hosts.length === 1 && hosts[0]) return hosts[0];
    if (hosts.length > 1)
      throw new Wrong(
        403,
        `This id could be ${hosts.map(({ name }) => name).join(' or ')}: they have one machine-id. Map it under \`fleetlock.hosts\`, or give each its own.`,
      );
    throw new Wrong(
      403,
      'No host is known by this id. A check of the host sees its machine-id; other ids are mapped under `fleetlock.hosts` in holdfast.yaml.',
    );
  };
}

async function allIds(db: Queries): Promise<Map<string, string[]>> {
  const rows = await db.query<{ host: string; machine: string }>(
    `select host, facts ->> 'machine_id' as machine from facts where facts ? 'machine_id' order by host`,
  );
  const found = new Map<string, string[]>();
  for (const { host, machine } of rows) {
    const id = zincatiId(machine);
    if (id !== undefined) found.set(id, [...(found.get(id) ?? []), host]);
  }
  return found;
}

async function allHave(db: Queries, hosts: readonly string[], id: string): Promise<boolean> {
  const rows = await db.query<{ machine: string | null }>(`select facts ->> 'machine_id' as machine from facts where host = any ($1)`, [hosts]);
  return rows.length === hosts.length && rows.every(({ machine }) => zincatiId(machine) === id);
}
