import { sayDuration } from '../lib/duration.ts';
import type { Ops } from '../ops.ts';

const DAY = 24 * 3600_000;

/** What people should know of how they are reached: connections that are gone, and what reached nobody in the last day. */
export async function unheardLines({ records, clock, connections }: Pick<Ops, 'records' | 'clock' | 'connections'>): Promise<string[]> {
  const [row] = await records.query<{ lost: number }>(`select count(*)::int as lost from messages where state = 'undeliverable' and made > $1`, [
    new Date(clock.now() - DAY),
  ]);
  const lost = row?.lost ?? 0;
  const gone = connections.all().filter(({ ok }) => !ok);
  return [
    ...gone.map(({ name, since, says }) => `${name} is gone for ${sayDuration(Date.now() - since)}: ${says}`),
    ...(lost > 0 ? [`${lost} ${lost === 1 ? 'message' : 'messages'} reached nobody in the last 24 h: show audit, and the log`] : []),
  ];
}
