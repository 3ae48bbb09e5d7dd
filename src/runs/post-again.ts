import type { Place } from '../chat/command.ts';
import type { Tx } from '../store/db.ts';
import { armTimer } from '../store/timers.ts';
import { type RunRow, runRow } from './rows.ts';
import type { RunsWorld } from './world.ts';

const DAY = 86_400_000;

/** The card of a run that lasts is posted again where it was asked for: at each ring, and once a day, so that nobody has to scroll. */
export async function postAgain(tx: Tx, world: Pick<RunsWorld, 'tell'>, run: Pick<RunRow, 'id' | 'place'>, key: string, at: number): Promise<void> {
  const place = run.place as unknown as Place;
  if (place.platform === 'http') return;
  await world.tell.repost(tx, { key: `run:${run.id} card ${key}`, thing: { kind: 'run', id: run.id }, place, at });
}

/** Answers when to post it again; nothing once the run is over. */
export async function postDaily(tx: Tx, world: Pick<RunsWorld, 'tell' | 'clock'>, id: string): Promise<number | undefined> {
  const run = await runRow(tx, id);
  if (!run || run.ended) return undefined;
  const now = world.clock.now();
  await postAgain(tx, world, run, `day ${now}`, now);
  return now + DAY;
}

export function armDailyCard(tx: Tx, id: string, at: number): Promise<void> {
  return armTimer(tx, { kind: 'run card', ref: id, due: at + DAY });
}
