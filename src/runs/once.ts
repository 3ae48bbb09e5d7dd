import { HeldBack } from '../fleet/ssh/transport.ts';
import type { Clock } from '../lib/clocks.ts';
import type { Db } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';

/**
 * An effect nothing outside can fence, at most once per key: its row is written before it and done after it. Found started
 * and not done, whoever began it died or froze in between, and nobody knows: `unsure`.
 */
export async function once<Answer>(
  world: { db: Db; clock: Clock },
  kind: string,
  key: string,
  effect: () => Promise<Answer>,
): Promise<{ answer: Answer } | 'unsure'> {
  const [begun] = await world.db.query(`insert into effects (key, kind, started) values ($1, $2, $3) on conflict (key) do nothing returning key`, [
    key,
    kind,
    new Date(world.clock.now()),
  ]);
  if (!begun) {
    const [row] = await world.db.query<{ done: Date | null; answer: Answer }>(`select done, answer from effects where key = $1`, [key]);
    return row?.done ? { answer: row.answer } : 'unsure';
  }
  const answer = await effect().catch(async (error: unknown) => {
    // Nothing of it reached anybody: it may still be done.
    if (error instanceof HeldBack) await world.db.query(`delete from effects where key = $1 and done is null`, [key]);
    throw error;
  });
  await world.db.query(`update effects set done = $2, answer = $3 where key = $1`, [key, new Date(world.clock.now()), toJsonb(answer ?? null)]);
  return { answer };
}
