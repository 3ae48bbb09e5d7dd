import type { Ops } from '../ops.ts';
import { fieldsOf } from './options.ts';
import type { ChatWorld } from './room.ts';

const MOST = 25;

/** What a half-typed option may mean: choices, hosts, groups, ids that are open. */
export function suggester({ fleet, people, records }: Pick<Ops, 'fleet' | 'people' | 'records'>): ChatWorld['suggest'] {
  return async ({ command, option, typed }) => {
    const field = fieldsOf(command).find(({ name }) => name.toLowerCase() === option.toLowerCase());
    if (!field) return [];
    const { hosts, groups } = fleet();
    const values = [
      ...(field.choices ?? []),
      ...(field.kind === 'target' || field.kind === 'thing' ? [...groups.keys()].map((name) => `@${name}`) : []),
      ...(field.kind === 'target' || field.kind === 'thing' || field.kind === 'host' ? hosts.keys() : []),
      ...(field.kind === 'person' ? people().map(({ name }) => name) : []),
      ...(field.ids?.includes('run') ? await openRuns(records) : []),
    ];
    const wanted = typed.trim().toLowerCase();
    return values.filter((value) => value.toLowerCase().includes(wanted)).slice(0, MOST);
  };
}

async function openRuns(records: Ops['records']): Promise<string[]> {
  const rows = await records.query<{ id: string }>(
    `select id from runs where state in ('planned', 'running', 'halted') order by planned_at desc limit ${MOST}`,
  );
  return rows.map(({ id }) => id);
}
