import { crashPoint } from '../lib/crash.ts';
import { errorId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import type { Destination, Messenger, Outgoing, Sent } from './messenger.ts';

/** The platform that is asked, and when (wall) it last said anything definite to anybody. */
export interface Asked {
  messenger: Messenger;
  log: Log;
  heard: { at: number };
}

/** How one thing that has to be posted stands, as its row says. */
export interface Tried {
  /** A platform was asked, and what came of it is not written. */
  attempted: boolean;
  tries: number;
  /** How often nobody could tell what came of it. */
  looked: number;
  /** It was posted again although nobody could tell. */
  blind: boolean;
}

/** What came of it, and what its row is to say. */
export type Posted =
  | { is: 'there'; id: string; channel?: string /** It had arrived before: it says what was true then. */; found?: true }
  /** The destination will not have it. */
  | { is: 'no'; says: string; gone?: true }
  /** Certainly not written; what has to wait. */
  | { is: 'later'; says: string; after: number; scope: 'channel' | 'workspace' }
  /** Nobody can tell: it is looked up after a pause. */
  | { is: 'unsure'; says: string; looked: number }
  /** Nobody can tell, and it was posted twice already. */
  | { is: 'given up'; says: string }
  | { is: 'somebody else sends' };

/**
 * So often nobody could tell, while the platform answered other calls, before it is posted a second time; with growing pauses that is half
 * a minute. A platform that answers nobody is waited for.
 */
const LOOKS = 4;
/** Wall ms for which a definite answer shows that the platform is there. */
const THERE = 60_000;
/** Wall ms after which a call counts as lost, whatever the messenger's own time-outs are. */
const LONGEST = 30_000;

/**
 * Posts a message, looking for it first where an earlier try may have been taken: a dropped connection must not post twice. Where
 * nobody can tell there is one duplicate at most. `begin` writes that the platform is asked now; false: this process may not send.
 */
export async function postOnce(asked: Asked, to: Destination, message: Outgoing, tried: Tried, begin: (blind: boolean) => Promise<boolean>): Promise<Posted> {
  const { messenger, log, heard } = asked;
  let blind = false;
  if (tried.attempted) {
    const found = await inTime(messenger.find(to, message.marker), log).catch(() => 'unsure' as const);
    if (found !== 'unsure') heard.at = Date.now();
    if (found !== undefined && found !== 'unsure') return { is: 'there', id: found, found: true };
    if (found === 'unsure') {
      const looked = tried.looked + (isHeard(asked) ? 1 : 0);
      if (looked < LOOKS && !('reply' in to)) return { is: 'unsure', says: 'nobody can tell whether it arrived', looked };
      if (tried.blind || 'reply' in to) return { is: 'given up', says: 'nobody can tell whether it arrived' };
      blind = true;
    }
  }
  crashPoint('answer.rendered');
  if (!(await begin(blind))) return { is: 'somebody else sends' };
  const sent = await ask(asked, () => messenger.post(to, message));
  crashPoint('answer.sent');
  if (sent.sent) return { is: 'there', id: sent.id, ...(sent.channel !== undefined && { channel: sent.channel }) };
  if (sent.why === 'no') return { is: 'no', says: sent.says, ...(sent.gone && { gone: true }) };
  if (sent.why === 'later') return { is: 'later', says: sent.says, after: sent.after, scope: sent.scope };
  return { is: 'unsure', says: sent.says, looked: 0 };
}

/** Whether the platform answered anybody just now. */
export const isHeard = ({ heard }: Pick<Asked, 'heard'>): boolean => Date.now() - heard.at < THERE;

/** One call, which neither throws nor lasts. */
export async function ask({ log, heard }: Omit<Asked, 'messenger'>, call: () => Promise<Sent>): Promise<Sent> {
  try {
    const sent = await inTime(call(), log);
    if (sent.sent || sent.why === 'no') heard.at = Date.now();
    return sent;
  } catch (error) {
    return { sent: false, why: 'unsure', says: error instanceof Late ? error.message : 'something of ours failed' };
  }
}

class Late extends Error {}

async function inTime<Answer>(asked: Promise<Answer>, log: Log): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late(`no answer within ${LONGEST / 1000} s`)), LONGEST);
  });
  const heard = asked.catch((error: unknown) => {
    log.error({ err: error, id: errorId() }, 'a chat platform could not be asked');
    throw error;
  });
  return Promise.race([heard, late]).finally(() => clearTimeout(timer));
}

/** Wall ms until the next try of what failed so often in a row. */
export const pauseAfter = (tries: number): number => Math.min(1_000 * 2 ** Math.min(tries, 10), 5 * 60_000);
