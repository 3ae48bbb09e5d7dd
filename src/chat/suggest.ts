import { liveSets } from '../live-sets.ts';
import type { Ops } from '../ops.ts';
import { openIncidents } from '../runs/incidents.ts';
import { optionName } from './limits.ts';
import { fieldsOf, type IdKind, type NamedField } from './options.ts';
import { ranked } from './rank.ts';
import type { ChatWorld } from './room.ts';

/** As many as Discord shows. */
const MOST = 25;

type World = Pick<Ops, 'fleet' | 'config' | 'people' | 'records' | 'commands'>;

/**
 * What a half-typed option may mean, as it would be typed, the likeliest first: choices, hosts, groups and live sets (the last
 * word of an expression is completed, what stands before it stays), people and services, ids that are open, lists, verbs. Whoever is
 * not known here is suggested what anyone may type, and reads nothing else of the fleet.
 */
export function suggester(world: World): ChatWorld['suggest'] {
  return async ({ command, option, typed, actor }) => {
    if (command.role !== 'anyone' && !world.people().some(({ name }) => name === actor)) return [];
    const field = fieldsOf(command).find(({ name }) => optionName(name) === option.toLowerCase() || name.toLowerCase() === option.toLowerCase());
    if (!field) return [];
    const { kept, word } = field.kind === 'target' || field.kind === 'thing' ? lastWord(typed) : { kept: '', word: typed.trim() };
    // After `where` come facts and versions; what is typed is as good as anything.
    if (/\bwhere\b/i.test(kept)) return [typed];
    const values = await valuesFor(world, command.name, field, kept !== '');
    return ranked(values, word, MOST)
      .map((value) => kept + value)
      .filter((value) => value.length <= LONGEST);
  };
}

/** Discord takes no longer value. */
const LONGEST = 100;

/** `@web & @kv` → `@web & ` and `@kv`. A bracket that is open belongs to the word. */
function lastWord(typed: string): { kept: string; word: string } {
  const text = typed.trimStart();
  const [word = ''] = /[^\s,!&^]*(?:\[[^\]]*)?$/.exec(text) ?? [];
  return { kept: text.slice(0, text.length - word.length), word };
}

async function valuesFor(world: World, command: string, field: NamedField, inside: boolean): Promise<Iterable<string>> {
  const { hosts, groups } = world.fleet();
  const targets = async (): Promise<string[]> => [
    ...[...groups.keys()].map((name) => `@${name}`),
    ...(await liveSets(world.records, world).names()).map((name) => `@${name}`),
    ...hosts.keys(),
  ];
  switch (field.kind) {
    case 'target':
      return targets();
    case 'thing':
      return inside ? targets() : [...(field.lists ?? []), ...(await openIds(world, field.ids ?? [])), ...(await targets())];
    case 'host':
      return hosts.keys();
    case 'id':
      return openIds(world, field.ids ?? []);
    case 'person':
      return [...world.people().map(({ name }) => name), ...(command === 'page' ? [...Object.keys(world.config().services), 'me'] : [])];
    case 'choice':
      return field.choices ?? [];
    case 'verb':
      return world.commands().map(({ name }) => name);
    case 'duration':
      return ['30m', '1h', '2h', '8h', '1d', '3d', '7d'];
    case 'until':
      return ['18:00', 'tomorrow 09:00', 'mon 09:00', 'fri 18:00'];
    case 'count':
      return ['1', '2', '3', '5', '10'];
    case 'word':
      return command === 'script' && field.name === 'name' ? Object.keys(world.config().scripts) : command.endsWith(' link') ? accounts(world) : [];
    default:
      return [];
  }
}

/** Open things of these kinds, the latest first. */
async function openIds({ records }: World, kinds: readonly IdKind[]): Promise<string[]> {
  const of: Record<Exclude<IdKind, 'incident'>, string> = {
    run: `select id from runs where state in ('planned', 'running', 'halted') order by planned_at desc`,
    page: `select id from pages where state in ('open', 'acked') order by opened desc`,
    hold: `select id from holds where state = 'open' order by begun desc`,
    action: `select id from actions where state = 'open' order by made desc`,
    rule: `select id from rules where state = 'open' order by made desc`,
  };
  const found = await Promise.all(
    kinds.map(async (kind) =>
      kind === 'incident'
        ? (await openIncidents(records)).map(({ id }) => id)
        : (await records.query<{ id: string }>(`${of[kind]} limit ${MOST}`)).map(({ id }) => id),
    ),
  );
  return found.flat();
}

/** Those that wait to be somebody, then those that are. */
async function accounts({ records }: World): Promise<string[]> {
  const rows = await records.query<{ name: string }>(
    `(select platform || ':' || user_id as name from link_requests where state = 'waiting' order by asked desc limit ${MOST})
     union all (select platform || ':' || user_id from links order by made desc limit ${MOST})`,
  );
  return rows.map(({ name }) => name);
}
