import { withoutCode } from '../accounts/hello-code.ts';
import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Ops } from '../ops.ts';
import type { Person } from '../people.ts';
import { isConflict, MEETINGS } from '../store/conflict.ts';
import type { Db } from '../store/db.ts';
import { claimLine, type InboxRow, untilFree } from '../store/inbox.ts';
import { commit } from './commit.ts';
import { type DecideWorld, decide, refuse } from './decide.ts';

/** Handled at once by one process; more wait in the inbox. */
const AT_ONCE = 8;
/** Wall ms before the inbox is looked at again when it could not be read. */
const UNREADABLE = 1000;

/**
 * Handles what lies in the inbox: parse, role, command, and one transaction with its effects, its audit and its answer.
 * A `Refusal` is shown word for word; any other error is logged under an id and the person sees the id.
 */
export async function runDispatch(options: {
  db: Db;
  ops: Ops;
  holder: string;
  /** Whose line it is, as things stand when it is handled. */
  person(row: InboxRow): Person | Promise<Person>;
  /** Why an answer in this place would be heard by nobody; nothing where it would be. */
  unheard?: DecideWorld['unheard'];
  /** Whether whoever sent the line was told that it was not taken. */
  refused?(row: InboxRow): boolean;
}): Promise<{
  wake(): void;
  busy(): boolean;
  close(): Promise<void>;
}> {
  const { db, ops, holder, person } = options;
  const world: DecideWorld = { ops, ...(options.unheard && { unheard: options.unheard }) };
  const inHand = new Set<Promise<void>>();
  let closed = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let retry: NodeJS.Timeout | undefined;
  /** A claim or a handling failed: rows may be held that nobody has in hand, and their hold has to be waited out. */
  let unsure = false;

  const wake = (): void => {
    again = true;
    if (closed) return;
    looking ??= look().finally(() => {
      looking = undefined;
      if (again && !closed && inHand.size < AT_ONCE) wake();
    });
  };
  const wakeIn = (ms: number): void => {
    clearTimeout(retry);
    if (!closed) retry = setTimeout(wake, ms).unref();
  };
  const look = async (): Promise<void> => {
    while (again && !closed) {
      again = false;
      while (!closed && inHand.size < AT_ONCE) {
        const row = await claimLine(db, holder).catch((error: unknown) => {
          if (closed) return;
          ops.log.warn({ err: error }, 'the inbox could not be read; it is tried again');
          unsure = true;
        });
        if (!row) break;
        const work = handle(row).finally(() => {
          inHand.delete(work);
          wake();
        });
        inHand.add(work);
      }
    }
    if (unsure && !closed) await comeBack();
  };
  const comeBack = async (): Promise<void> => {
    const held = await untilFree(db).catch(() => UNREADABLE);
    if (held === undefined) unsure = false;
    else wakeIn(Math.max(UNREADABLE, held + 100));
  };
  const handle = async (taken: InboxRow): Promise<void> => {
    if (options.refused?.(taken)) return;
    try {
      for (let meeting = 1; ; meeting++) {
        const actor = await person(taken);
        const row = { ...taken, actor: actor.name };
        const answer = await decide(row, actor, world);
        crashPoint('dispatch.decided');
        try {
          if (await commit(db, row, holder, actor, answer, ops.clock.now())) crashPoint('dispatch.committed');
          return;
        } catch (error) {
          if (error instanceof Refusal) {
            await commit(db, row, holder, actor, { ...refuse(error), wantsJson: answer.wantsJson, strict: answer.strict }, ops.clock.now());
            return;
          }
          // Somebody else wrote first: decided again, it sees what they wrote.
          if (!isConflict(error) || meeting === MEETINGS) throw error;
        }
      }
    } catch (error) {
      if (closed) return;
      // The row stays taken: its hold ends and it is handled again, here or elsewhere.
      ops.log.error({ err: error, id: errorId(), line: withoutCode(taken.text) }, 'a line could not be handled and will be tried again');
      unsure = true;
    }
  };

  const unlisten = await db.listen('inbox', wake);
  wake();
  return {
    wake,
    busy: () => looking !== undefined || inHand.size > 0,
    async close() {
      closed = true;
      clearTimeout(retry);
      await unlisten();
      await looking;
      await Promise.allSettled(inHand);
    },
  };
}
