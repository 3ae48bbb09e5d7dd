import { withoutCode } from '../accounts/hello-code.ts';
import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { clockOf, type Delivered, type InboxRow, type TakenIn, withdraw } from '../store/inbox.ts';
import { takeTogether } from './take-together.ts';

/** Wall ms within which a line from a chat platform or another program is committed, or refused: Slack and Discord wait 3 s for an acknowledgement. */
const COMMIT = 2_000;
/** Wall ms of them after which the database writes nothing any more: the rest is for its answer to come back. */
const WRITE = 1_500;
/** An answer that took longer says too little about the database's clock; wall ms. */
const PROMPT = 200;
/** Wall ms between two tries to take away what was refused. */
const AGAIN = 1_000;

export interface Taking {
  /** Resolves to the line's id once it is committed. Throws Refusal when it is not, and then it is not handled later either. */
  take(line: Delivered): Promise<string>;
  /**
   * Asked of a line that was found in the inbox: whether whoever sent it was told that it was not taken. Where they were told
   * nothing yet, they are told now that it was.
   */
  refused(row: Pick<InboxRow, 'id' | 'platform' | 'eventId'>): boolean;
  close(): void;
}

/**
 * Commits lines before anybody is told that they are taken (storage rule 1). A line typed at a terminal waits as long as it takes;
 * others are refused after 2 s. What a refused one may have left (the database committed it and its answer came too late) is taken
 * away again, and this process handles it in no case.
 */
export async function openTaking({ db, log }: { db: Db; log: Log }): Promise<Taking> {
  const inHand = new Map<string, Promised<string>>();
  const away = new Map<string, Promise<void>>();
  let ahead = (await clockOf(db)).getTime() - Date.now();
  let closed = false;
  const put = takeTogether(db);

  const commit = async (line: Delivered, start?: number): Promise<TakenIn> => {
    for (;;) {
      const sent = Date.now();
      const taken = await put(line, start === undefined ? undefined : new Date(start + ahead + WRITE));
      const back = Date.now();
      if (back - sent < PROMPT) ahead = taken.at.getTime() - (sent + back) / 2;
      // Late within the time there is: one of the two clocks was set meanwhile.
      if ('id' in taken || start === undefined || back - start >= WRITE) return taken;
    }
  };
  const takeAway = async (line: Delivered, committing: Promise<unknown>): Promise<void> => {
    await committing.catch(() => {});
    while (!closed) {
      try {
        return await withdraw(db, line);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN).unref());
      }
    }
  };
  const hurried = (line: Delivered, key: string): Promise<string> => {
    const known = inHand.get(key);
    if (known) return known.promise;
    const hand = promised<string>();
    inHand.set(key, hand);
    const start = Date.now();
    const committing = (async () => {
      await away.get(key);
      // Cut off while it was committed, nobody knows: asked again under its event id, it is taken once.
      return commit(line, start).catch(() => commit(line, start));
    })();
    const refuse = (why: string): void => {
      if (inHand.get(key) !== hand) return;
      inHand.delete(key);
      const gone = takeAway(line, committing).finally(() => {
        if (away.get(key) === gone) away.delete(key);
      });
      away.set(key, gone);
      hand.reject(notTaken(log, line, why));
    };
    // A process that had no processor for a while first reads what came meanwhile: the commit may be among it.
    const timer = setTimeout(() => setImmediate(refuse, `the database did not commit it within ${COMMIT / 1000} s`), COMMIT);
    committing.then(
      (taken) => ('id' in taken ? hand.resolve(taken.id) : refuse(`the database came to it after more than ${WRITE / 1000} s`)),
      (error: unknown) => refuse((error as Error).message),
    );
    return hand.promise.finally(() => {
      clearTimeout(timer);
      if (inHand.get(key) === hand) inHand.delete(key);
    });
  };
  const patient = async (line: Delivered): Promise<string> => {
    const taken = await commit(line)
      .catch(() => commit(line))
      .catch((error: unknown) => {
        throw notTaken(log, line, (error as Error).message);
      });
    return (taken as { id: string }).id;
  };
  return {
    async take(line) {
      const id = await (line.platform === 'terminal' ? patient(line) : hurried(line, keyOf(line)));
      crashPoint('inbox.committed');
      return id;
    },
    refused(row) {
      const key = keyOf(row);
      inHand.get(key)?.resolve(row.id);
      return away.has(key);
    },
    close() {
      closed = true;
    },
  };
}

const keyOf = ({ platform, eventId }: Pick<Delivered, 'platform' | 'eventId'>): string => `${platform} ${eventId}`;

function notTaken(log: Log, line: Delivered, why: string): Refusal {
  const id = errorId();
  log.error({ id, why, line: withoutCode(line.text.slice(0, 1000)) }, 'a line could not be taken');
  return new Refusal(`Not taken: the database does not answer (${id}; the log has the details under that id). Try again when it does.`);
}

interface Promised<Value> {
  promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

function promised<Value>(): Promised<Value> {
  const hand = {} as Promised<Value>;
  hand.promise = new Promise((resolve, reject) => Object.assign(hand, { resolve, reject }));
  return hand;
}
