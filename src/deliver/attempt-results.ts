import type { Log } from '../ops.ts';
import type { Db, Tx } from '../store/db.ts';
import type { Paging } from './attempt.ts';
import { type Fate, fateOf } from './back-off.ts';
import type { Tried } from './send-attempt.ts';

/** Written in one transaction. */
const BATCH = 50;
/** Wall ms before the database is told again. Until then nothing is sent twice: the lease is renewed. */
const AGAIN = 1_000;

export interface Results {
  /** Resolves when it is written, or when it was not ours to write. */
  write(tried: Tried): Promise<void>;
  close(): void;
}

/** Writes what came of tries, many to a transaction, each together with what the room of pages makes of it. */
export function openResults(world: { db: Db; log: Log; holder: string; now(): number; paging: Pick<Paging, 'heard'> }): Results {
  const waiting: { tried: Tried; written(): void }[] = [];
  let writing = false;
  let closed = false;

  const flush = async (): Promise<void> => {
    writing = true;
    while (waiting.length > 0 && !closed) {
      const batch = waiting.splice(0, BATCH);
      try {
        await writeAll(batch.map(({ tried }) => tried));
      } catch (error) {
        world.log.warn({ err: error }, 'what came of pages could not be written; it is tried again');
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
        waiting.unshift(...batch);
        continue;
      }
      for (const { written } of batch) written();
    }
    writing = false;
  };
  const writeAll = async (batch: readonly Tried[]): Promise<void> => {
    try {
      await world.db.tx(async (tx) => {
        for (const tried of batch) await writeOne(tx, tried, true);
      });
    } catch (error) {
      if (batch.length > 1) for (const tried of batch) await writeAll([tried]);
      else await alone(batch[0] as Tried, error);
    }
  };
  /** A fault in what is made of it must not have the same message sent again and again: the result itself stands. */
  const alone = async (tried: Tried, error: unknown): Promise<void> => {
    try {
      await world.db.tx((tx) => writeOne(tx, tried, true));
    } catch {
      await world.db.tx((tx) => writeOne(tx, tried, false));
      world.log.error({ err: error, page: tried.attempt.page }, 'a page did not take in what came of one of its attempts');
    }
  };
  const writeOne = async (tx: Tx, tried: Tried, tell: boolean): Promise<void> => {
    const { attempt, delivery } = tried;
    const fate: Fate | undefined = delivery === 'called off' ? undefined : fateOf(delivery, { tries: attempt.tries, ...tried });
    const [ours] = await tx.query(UPDATE, [
      attempt.id,
      world.holder,
      attempt.tries,
      fate?.state ?? 'called off',
      fate?.state === 'sent' ? new Date(world.now()) : null,
      fate?.state === 'sent' ? fate.id.slice(0, 200) : null,
      fate && fate.state !== 'sent' ? fate.says.slice(0, 500) : null,
      fate?.state === 'waiting' ? fate.after / 1000 : null,
      fate?.state === 'waiting' && fate.unsure,
    ]);
    if (ours && delivery !== 'called off' && tell) await world.paging.heard(tx, attempt, delivery);
  };
  return {
    write: (tried) =>
      new Promise((written) => {
        waiting.push({ tried, written });
        if (!writing) void flush();
      }),
    close() {
      closed = true;
    },
  };
}

/** No row, no effect: a process that stood still too long has lost it to another one. */
const UPDATE = `update page_attempts set state = $4, sent = $5, provider_id = $6, says = $7, unsure = $9, holder = null, held_until = null,
    wall_not_before = case when $8::float8 is null then null else now() + make_interval(secs => $8) end
  where id = $1 and holder = $2 and tries = $3 and state = 'sending' returning id`;
