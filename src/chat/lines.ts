import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import type { InboxRow } from '../store/inbox.ts';
import { lineState } from '../store/lines.ts';
import type { Outcome } from './command.ts';
import type { Incoming } from './room.ts';
import { openTaking } from './take.ts';

/** Lines typed at this process or delivered to it: taken into the inbox, and waited for. */
export interface Lines {
  /**
   * Resolves when the line is committed; only then may the person be told that it was taken. Throws Refusal when it was not: within 2 s
   * where a platform or a program waits for the acknowledgement. What was refused is not handled later.
   */
  take(line: Incoming): Promise<string>;
  /** Whether a line that was found in the inbox was refused here. */
  refused(row: Pick<InboxRow, 'id' | 'platform' | 'eventId'>): boolean;
  /** Resolves when what the line began has ended and its answer has reached its device. */
  ended(inboxId: string): Promise<Outcome>;
  close(): Promise<void>;
}

export async function openLines(options: { db: Db; log: Log; now(): number; wakeDispatch(): void }): Promise<Lines> {
  const { db } = options;
  const taking = await openTaking(options);
  const waiting = new Map<string, ((outcome: Outcome) => void)[]>();
  const retries = new Set<NodeJS.Timeout>();
  let closed = false;

  /** What could not be read may have been the last word on the line: nobody else would look again. */
  const lookSoon = (inboxId: string): undefined => {
    if (closed) return;
    const timer = setTimeout(() => {
      retries.delete(timer);
      if (waiting.has(inboxId)) void look(inboxId);
    }, UNREADABLE);
    retries.add(timer);
  };
  const look = async (inboxId: string): Promise<void> => {
    const line = await lineState(db, inboxId).catch(() => lookSoon(inboxId));
    if (line?.state !== 'ended' || line.unsent > 0) return;
    const tell = waiting.get(inboxId) ?? [];
    waiting.delete(inboxId);
    for (const resolve of tell) resolve(line.outcome ?? 'ok');
  };
  const unlisten = await db.listen('shown', (payload) => {
    const [kind, id] = payload.split(':');
    if (kind === 'line' && id && waiting.has(id)) void look(id);
    // A connection that was lost may have missed anything.
    if (payload === '') for (const inboxId of waiting.keys()) void look(inboxId);
  });
  return {
    async take(line) {
      const id = await taking.take({ ...line, platform: line.place.platform, received: options.now() });
      options.wakeDispatch();
      return id;
    },
    refused: taking.refused,
    ended(inboxId) {
      return new Promise((resolve) => {
        waiting.set(inboxId, [...(waiting.get(inboxId) ?? []), resolve]);
        void look(inboxId);
      });
    },
    close() {
      closed = true;
      taking.close();
      for (const timer of retries) clearTimeout(timer);
      return unlisten();
    },
  };
}

/** Wall ms before a line is looked at again when the database did not answer. */
const UNREADABLE = 1000;
