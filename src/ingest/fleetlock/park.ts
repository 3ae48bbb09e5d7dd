import { rank } from '../../people.ts';
import type { Queries, Tx } from '../../store/db.ts';
import { askForPerson } from '../../store/events.ts';
import { toJsonb } from '../../store/json.ts';
import type { LendWorld, Wanted } from './lend.ts';

/** Asks, once, for somebody who lends this host its slot. Answers what the client is told. */
export async function park(
  tx: Tx,
  world: LendWorld,
  wanted: Pick<Wanted, 'host' | 'by' | 'group' | 'atOnce' | 'at'>,
  reasons: readonly string[],
): Promise<string> {
  const { host, by, at } = wanted;
  const command = `lend slot ${host.name}`;
  const says = `a person has to say so (${reasons.join('; ')}): ${command}`;
  const [parked] = await tx.query(`insert into meta (key, value) values ($1, $2) on conflict (key) do nothing returning key`, [
    keyOf(host.name),
    toJsonb({ group: wanted.group, atOnce: wanted.atOnce, by, at }),
  ]);
  if (!parked) return says;
  const text = `${host.name} asks to reboot itself (${by}); ${reasons.join('; ')}`;
  const page = await askForPerson(tx, { text: `${text}. "${command}" lets it.`, urgency: 'low', about: host.name, by, at });
  const card = {
    title: text,
    tone: 'attention' as const,
    actions: [
      { label: 'Lend it a slot', command, style: 'primary' as const },
      { label: 'Look', command: `show ${host.name}` },
    ],
  };
  for (const person of await whoMay(world, host.name)) await world.tell.tell(tx, { key: `fleetlock:${page} ${person}`, to: { person }, card, at });
  return says;
}

/** It was answered, or is wanted no more. */
export async function forget(tx: Tx, host: string): Promise<void> {
  await tx.query(`delete from meta where key = $1`, [keyOf(host)]);
}

/** What a host asked for, while its question stands. */
export async function parkedOf(db: Queries, host: string): Promise<Pick<Wanted, 'group' | 'atOnce'> | undefined> {
  const [row] = await db.query<{ value: Pick<Wanted, 'group' | 'atOnce'> }>(`select value from meta where key = $1`, [keyOf(host)]);
  return row?.value;
}

const keyOf = (host: string): string => `fleetlock:${host}`;

async function whoMay({ people, hostsOf }: LendWorld, host: string): Promise<string[]> {
  const found: string[] = [];
  for (const person of people()) {
    for (const { role, scope } of person.roles) {
      if (rank(role) < rank('operator')) continue;
      if (scope !== undefined && !(await hostsOf(scope).catch(() => new Set<string>())).has(host)) continue;
      found.push(person.name);
      break;
    }
  }
  return found;
}
