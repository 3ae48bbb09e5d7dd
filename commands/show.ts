import { z } from 'zod';
import { defineCommand, type Place, type Reply } from '../src/chat/command.ts';
import { thing } from '../src/chat/options.ts';
import { listDefaults } from '../src/config/defaults.ts';
import { Refusal } from '../src/lib/refusal.ts';
import type { Ops } from '../src/ops.ts';
import { hostCard, hostJson, hostsCard } from '../src/reading/host-card.ts';
import { changesOf } from '../src/reading/knowledge.ts';
import { lastAudit } from '../src/store/audit.ts';
import { eventsOf, thingsNamed } from '../src/store/events.ts';
import { heldSlots } from '../src/store/slots.ts';

const LISTS = ['runs', 'holds', 'rules', 'slots', 'audit', 'defaults'] as const;
const PREFIX = { runs: 'R', holds: 'H', rules: 'E' } as const;

export const show = defineCommand({
  name: 'show',
  summary: 'What is known: hosts and their facts, one thing by its id, or a list',
  examples: ['show web01', 'show @prod where uptime > 200d', 'show @all --json', 'show INC-1', 'show audit', 'show defaults'],
  role: 'known',
  options: z.object({ what: thing({ ids: ['run', 'page', 'incident', 'hold', 'rule'], lists: [...LISTS] }, { words: 'hosts, an id or a list' }) }),
  async run({ options: { what }, actor }, ops) {
    if (what.is === 'target') return showHosts(what.target, actor, ops);
    if (what.is === 'id') return showThing(what.id, ops);
    return showList(what.list as (typeof LISTS)[number], ops);
  },
});

async function showHosts(expression: string, actor: Parameters<Ops['targets']>[1], ops: Ops): Promise<Reply> {
  const { hosts } = await ops.targets(expression, actor);
  const known = await ops.known(hosts.map((host) => host.name));
  const json = { hosts: hosts.map((host) => hostJson(host, known.get(host.name))) };
  const [only] = hosts;
  if (hosts.length === 1 && only) {
    return { card: hostCard(only, known.get(only.name), await changesOf(ops.records, only.name, 10), ops.clock.now()), json };
  }
  return { card: hostsCard(expression, hosts, known, ops.clock.now()), json };
}

async function showThing(id: string, ops: Ops): Promise<Reply> {
  const events = await eventsOf(ops.records, id);
  if (events.length === 0) throw new Refusal(`There is no ${id}. "show runs", "show holds" and "show rules" list what there is.`);
  return {
    card: {
      title: `${id}: ${events.at(-1)?.type}`,
      table: {
        columns: ['when', 'what', 'who', 'details'],
        rows: events.map((event) => [event.at.toISOString(), event.type, event.by, JSON.stringify(event.data)]),
      },
    },
    json: { id, events: events.map(({ rev, type, data, by, at }) => ({ rev, type, by, at: at.toISOString(), data })) },
  };
}

async function showList(list: (typeof LISTS)[number], ops: Ops): Promise<Reply> {
  if (list === 'audit') {
    const rows = await lastAudit(ops.records, 50);
    return {
      card: {
        title: `The last ${rows.length} lines, newest first`,
        table: {
          columns: ['when', 'who', 'where', 'command', 'how it ended'],
          rows: rows.map((row) => [row.at.toISOString(), row.who, sayPlace(row.place), row.command, row.outcome]),
        },
      },
      json: {
        audit: rows.map(({ at, who, place, command, outcome, detail }) => ({
          at: at.toISOString(),
          who,
          where: place.platform,
          ...(place.login && { login: place.login }),
          command,
          outcome,
          ...(detail && { detail }),
        })),
      },
    };
  }
  if (list === 'defaults') {
    const rows = listDefaults(ops.config());
    return {
      card: {
        title: 'Defaults, and what holdfast.yaml sets otherwise',
        table: {
          columns: ['name', 'value', 'means'],
          rows: rows.map((row) => [row.name, row.insteadOf ? `${row.says} (instead of ${row.insteadOf})` : row.says, row.means]),
        },
      },
      json: { defaults: rows },
    };
  }
  if (list === 'slots') {
    const rows = await heldSlots(ops.records);
    return {
      card: {
        title: rows.length === 0 ? 'No slot is held.' : `${rows.length} slots are held`,
        ...(rows.length > 0 && {
          table: { columns: ['budget', 'run', 'host', 'since'], rows: rows.map((row) => [row.budget, row.run, row.host, row.taken.toISOString()]) },
        }),
      },
      json: { slots: rows.map((row) => ({ ...row, taken: row.taken.toISOString() })) },
    };
  }
  const things = await thingsNamed(ops.records, PREFIX[list]);
  return {
    card: {
      title: things.length === 0 ? `There are no ${list}.` : `${things.length} ${list}`,
      ...(things.length > 0 && { table: { columns: ['id', 'last', 'when'], rows: things.map((row) => [row.thing, row.type, row.at.toISOString()]) } }),
    },
    json: { [list]: things.map(({ thing, type, at }) => ({ id: thing, last: type, at: at.toISOString() })) },
  };
}

const sayPlace = ({ platform, login }: Place): string => (login ? `${platform} (${login})` : platform);
