import { type Standing, standing } from '../ingest/heartbeats/decide.ts';
import { waitsUntil } from '../ingest/heartbeats/hear.ts';
import { knownHeartbeat } from '../ingest/heartbeats/known.ts';
import { beatOf, type HeartbeatRow } from '../ingest/heartbeats/rows.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Ops } from '../ops.ts';
import { when } from '../rollout/words.ts';
import type { Listed } from './listed.ts';

/** Those somebody should look at come first. */
const ORDER: readonly Standing[] = ['down', 'late', 'new', 'started', 'up', 'paused'];
/** Rows on a card. */
const SHOWN = 30;

/** `show heartbeats`: how each stands, when it was heard, how long its last run took, and when it is missed. */
export async function heartbeatsListed(ops: Pick<Ops, 'records' | 'clock' | 'config'>, zone: string): Promise<Listed> {
  const now = ops.clock.now();
  const rows = await ops.records.query<HeartbeatRow>(`select * from heartbeats order by name`);
  const listed = rows
    .flatMap((row) => {
      const known = knownHeartbeat(ops.config(), row.name, row.integration);
      const beat = beatOf(row);
      return known ? [{ row, known, beat, stands: standing(beat, known.schedule, now), missed: waitsUntil(known, beat) }] : [];
    })
    .sort((a, b) => ORDER.indexOf(a.stands) - ORDER.indexOf(b.stands));
  const bad = listed.filter(({ stands }) => stands === 'down' || stands === 'late').length;
  return {
    card: {
      title:
        listed.length === 0
          ? 'There are no heartbeats: `heartbeats` in holdfast.yaml (docs/alerts.md).'
          : `${listed.length} ${listed.length === 1 ? 'heartbeat' : 'heartbeats'}, ${bad === 0 ? 'none is missed' : `${bad} ${bad === 1 ? 'is' : 'are'} missed`}`,
      ...(bad > 0 && { tone: 'bad' as const }),
      ...(listed.length > 0 && {
        table: {
          columns: ['heartbeat', 'stands', 'should come', 'heard', 'took', 'missed at'],
          rows: listed
            .slice(0, SHOWN)
            .map(({ row, known, stands, beat, missed }): string[] => [
              row.name,
              stands,
              known.words,
              row.signalled ? `${when(row.signalled.getTime(), now, zone)} ${row.signal}${row.exit_status === null ? '' : ` ${row.exit_status}`}` : 'never',
              beat.took === undefined ? '' : sayDuration(beat.took),
              missed === undefined ? '' : when(missed, now, zone),
            ]),
        },
      }),
      ...(listed.length > SHOWN && { body: [`${listed.length - SHOWN} more: show heartbeats --json`] }),
    },
    json: {
      heartbeats: listed.map(({ row, known, stands, beat, missed }) => ({
        name: row.name,
        state: stands,
        schedule: known.words,
        grace_s: known.grace / 1000,
        last: iso(beat.last),
        begun: iso(beat.begun),
        took_ms: beat.took ?? null,
        signal: row.signal,
        heard: iso(row.signalled?.getTime()),
        exit_status: row.exit_status,
        missed_at: iso(missed),
        service: known.service ?? null,
      })),
    },
  };
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
