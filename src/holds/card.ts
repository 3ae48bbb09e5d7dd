import type { Card, Moment } from '../chat/card.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { sayDuration } from '../lib/duration.ts';
import { Refusal } from '../lib/refusal.ts';
import { moment } from '../rollout/words.ts';
import type { Queries } from '../store/db.ts';
import { type HoldHostRow, type HoldRow, holdRow } from './rows.ts';

type ShownHost = Pick<HoldHostRow, 'host' | 'state' | 'detail' | 'looked'> & { lines: number };

/** Domain time, and the IANA zone of the place it is shown in. */
interface Told {
  now: number;
  zone: string;
  moments?: Moment[];
}

/** More rows than a person reads. */
const ROWS = 40;

/** `show H1`. Throws Refusal where there is none. */
export async function holdShown(db: Queries, id: string, told: Told): Promise<{ card: Card; json: Record<string, unknown> }> {
  const hold = await holdRow(db, id);
  if (!hold) throw new Refusal(`There is no hold ${id}. "show holds" lists what there is.`);
  const hosts = await db.query<ShownHost>(
    `select host, state, detail, looked, coalesce(jsonb_array_length(recorded -> 'lines'), 0) as lines from hold_hosts where hold = $1 order by host`,
    [id],
  );
  return { card: holdCard(hold, hosts, told), json: holdJson(hold, hosts) };
}

/** `show holds`: open ones, and the last that ended. */
export async function holdsShown(db: Queries, told: Told): Promise<{ card: Card; json: { holds: Record<string, unknown>[] } }> {
  const rows = await db.query<HoldRow & { kind: 'updates' | 'alerts'; counts: Record<string, number> }>(
    `select h.*, coalesce((select jsonb_object_agg(state, hosts) from (select state, count(*) as hosts from hold_hosts where hold = h.id group by state) as c), '{}'::jsonb) as counts
     from holds h order by (state = 'open') desc, begun desc, id limit 100`,
  );
  const open = rows.filter(({ state }) => state === 'open');
  return {
    card: {
      title: sayOpen(open),
      ...(rows.length > 0 && {
        table: {
          columns: ['id', 'hosts', 'what', 'until', 'owner', 'stands'],
          rows: rows.map((hold) => [
            hold.id,
            hold.expression,
            hold.kind === 'alerts' ? 'alerts' : saySources(hold.sources),
            sayEnd(hold, told),
            hold.owner,
            sayCounts(hold.counts),
          ]),
        },
      }),
    },
    json: { holds: rows.map((hold) => ({ ...holdJson(hold), kind: hold.kind, hosts: hold.counts })) },
  };
}

function sayOpen(open: readonly { kind: string }[]): string {
  const of = (kind: string): string[] => {
    const count = open.filter((hold) => hold.kind === kind).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? 'hold' : 'holds'} on ${kind}`];
  };
  return [...of('updates'), ...of('alerts')].join(', ') || 'No updates and no alerts are paused.';
}

export function holdCard(hold: HoldRow, hosts: readonly ShownHost[], asked: Told): Card {
  const told = { ...asked, moments: [] };
  const named = (state: string): string[] => hosts.filter((host) => host.state === state).map(({ host }) => host);
  const [held, unverified, drifted] = [named('held'), named('unverified'), named('drifted')];
  const odd = hosts.filter(({ state }) => state === 'unverified' || state === 'drifted');
  return {
    title: `${hold.id}${hold.state === 'ended' ? ' (ended)' : ''}: ${saySources(hold.sources)} paused on ${hold.expression}, ${sayEnd(hold, told)}`,
    tone: drifted.length > 0 ? 'bad' : hold.state === 'ended' ? 'quiet' : unverified.length > 0 ? 'attention' : 'good',
    body: [
      ...(hold.because !== null ? [`because ${hold.because}`] : []),
      ...(drifted.length > 0 ? [`update all the same (${drifted.length}): ${foldNames(drifted)}`] : []),
      ...(unverified.length > 0 ? [`not verified (${unverified.length}): ${foldNames(unverified)}; paused as soon as they answer`] : []),
      ...(held.length > 0 ? [`paused, and verified by a second look (${held.length}): ${foldNames(held)}`] : []),
      ...sayLeft(hosts),
    ],
    ...(odd.length > 0 && {
      table: {
        columns: ['host', 'stands', 'why', 'looked'],
        rows: odd
          .slice(0, ROWS)
          .map(({ host, state, detail, looked }) => [host, state, detail ?? '', looked ? `${sayDuration(told.now - looked.getTime())} ago` : 'never']),
      },
    }),
    fields: [
      { name: 'owner', value: hold.owner },
      { name: 'begun', value: sayTime(hold.begun, told) },
      { name: 'until', value: `${sayTime(hold.until, told)}${hold.asked ? ', the owner is asked' : ''}` },
      ...(hold.run ? [{ name: 'run', value: hold.run }] : []),
    ],
    ...(hold.state === 'open' && { actions: [{ label: 'Resume', command: `resume updates ${hold.id}` }] }),
    moments: told.moments,
  };
}

/** Stable; docs/json.md. Hosts are left out where only the list is asked for. */
export function holdJson(hold: HoldRow, hosts?: readonly ShownHost[]): Record<string, unknown> {
  const { id, expression, sources, state, owner, because, run, begun, until, asked, ended } = hold;
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  return {
    id,
    state,
    target: expression,
    sources,
    owner,
    because,
    run,
    begun: begun.toISOString(),
    until: until.toISOString(),
    asked: iso(asked),
    ended: iso(ended),
    ...(hosts && {
      hosts: hosts.map(({ host, state: stands, detail, looked, lines }) => ({ host, state: stands, detail, looked: iso(looked), recorded: lines })),
    }),
  };
}

function sayLeft(hosts: readonly ShownHost[]): string[] {
  const left = hosts.filter(({ state }) => state === 'resumed');
  const without = left.filter(({ detail }) => detail?.startsWith('has no '));
  return [
    ...(left.length > without.length ? [`have their updates back: ${left.length - without.length}`] : []),
    ...(without.length > 0 ? [`nothing to pause (${without.length}): ${foldNames(without.map(({ host }) => host))}`] : []),
  ];
}

const saySources = (sources: readonly string[]): string => (sources.length === 0 ? 'updates' : sources.join(', '));

const sayTime = (at: Date, told: Told): string => moment(at.getTime(), told);

function sayEnd(hold: HoldRow, told: Told): string {
  if (hold.state === 'ended') return hold.ended ? `ended ${sayTime(hold.ended, told)}` : 'ended';
  const left = hold.until.getTime() - told.now;
  return left >= 0 ? `until ${sayTime(hold.until, told)} (in ${sayDuration(left)})` : `past its end by ${sayDuration(-left)}, still held`;
}

const sayCounts = (counts: Readonly<Record<string, number>>): string =>
  ['held', 'unverified', 'drifted', 'resumed'].flatMap((state) => (counts[state] ? [`${counts[state]} ${state}`] : [])).join(', ');
