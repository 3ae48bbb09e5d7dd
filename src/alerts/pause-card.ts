import type { Card } from '../chat/card.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { sayDuration } from '../lib/duration.ts';
import { moment, when } from '../rollout/words.ts';
import type { Queries } from '../store/db.ts';
import type { AlertRow } from './rows.ts';

interface PauseRow {
  id: string;
  expression: string;
  owner: string;
  because: string | null;
  state: 'open' | 'ended';
  begun: Date;
  until: Date;
  ended: Date | null;
}

/** Alerts that get a line of their own. */
const MOST = 20;

/** `show H1` of a hold that pauses alerts: until when, and what it silenced; `undefined` for one that does not. */
export async function pauseShown(
  db: Queries,
  id: string,
  told: { now: number; zone: string },
): Promise<{ card: Card; json: Record<string, unknown> } | undefined> {
  const [hold] = await db.query<PauseRow>(`select id, expression, owner, because, state, begun, until, ended from holds where id = $1 and kind = 'alerts'`, [
    id,
  ]);
  if (!hold) return undefined;
  const hosts = await db.query<{ host: string; state: string }>(`select host, state from hold_hosts where hold = $1 order by host`, [id]);
  const silenced = await db.query<AlertRow>(`select * from alerts where silenced_by = $1 order by id desc limit 200`, [id]);
  const [end] = await db.query<{ was: string | null; burning: number; pages: string[] }>(
    `select data ->> 'was' as was, (data ->> 'burning')::int as burning, data -> 'pages' as pages from events where thing = $1 and type = 'ended' order by rev desc limit 1`,
    [id],
  );
  const moments: NonNullable<Card['moments']> = [];
  const at = (date: Date): string => moment(date.getTime(), { ...told, moments });
  const held = hosts.filter(({ state }) => state === 'held').map(({ host }) => host);
  const { expression, owner, because, state, begun, until, ended } = hold;
  const open = state === 'open';
  return {
    card: {
      title: open
        ? `${id}: alerts paused on ${expression}, until ${at(until)} (in ${sayDuration(Math.max(0, until.getTime() - told.now))})`
        : `${id} (ended): alerts were paused on ${expression}, ended ${at(ended ?? until)}`,
      tone: open ? 'attention' : 'quiet',
      body: [
        ...(because !== null ? [`because ${because}`] : []),
        ...(open ? [`asks nobody about (${held.length}): ${foldNames(held)}`] : []),
        ...silenced.slice(0, MOST).map((alert) => sayAlert(alert, told)),
        ...(silenced.length > MOST ? [`and ${silenced.length - MOST} more: show alerts`] : []),
        ...(open && silenced.length === 0 ? ['Nothing was silenced so far.'] : []),
        ...(end?.was ? [`silenced: ${end.was}`] : []),
        ...(end && end.burning > 0 ? [`burnt still at its end (${end.burning}): ${end.pages.join(', ')}`] : []),
      ],
      fields: [
        { name: 'owner', value: owner },
        { name: 'begun', value: at(begun) },
      ],
      ...(open && { actions: [{ label: 'Hear them again', command: `resume alerts ${id}` }] }),
      moments,
    },
    json: {
      id,
      kind: 'alerts',
      state,
      target: expression,
      owner,
      because,
      begun: begun.toISOString(),
      until: until.toISOString(),
      ended: ended?.toISOString() ?? null,
      hosts: hosts.map((host) => ({ host: host.host, state: host.state })),
      silenced: silenced.map((alert) => ({ integration: alert.integration, summary: alert.summary, hosts: alert.hosts, state: alert.state })),
    },
  };
}

/** `web03: HTTP 5xx (prometheus, since 14:02)` */
function sayAlert({ summary, hosts, integration, started, state }: AlertRow, { now, zone }: { now: number; zone: string }): string {
  const named = hosts.length > 0 ? `${foldNames(hosts)}: ` : '';
  return `${named}${summary} (${integration}, since ${when(started.getTime(), now, zone)}${state === 'resolved' ? ', over' : ''})`;
}
