import type { Log } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { REPLY } from './destination.ts';
import { type Lane, type Lanes, type Looked, runLanes } from './lanes.ts';
import type { Messenger } from './messenger.ts';
import { waitForTurn } from './one-sender.ts';
import { dueOpening, openBeside, WANTS_OPENING } from './open-beside.ts';
import { openPurse, PACES, type Pace } from './pace.ts';
import { duePin, pinCard, WANTS_PIN } from './pin-card.ts';
import { dueCard, dueIn, sendCard } from './send-card.ts';
import { dueMessage, sendMessage } from './send-message.ts';
import type { Sending } from './sending.ts';
import type { Renderer } from './shown.ts';

/** Answers of `reply` that are sent at the same time: they come from people, each with a time of its own. */
const REPLIES = 8;
/** Channels that are looked at in one go; the rest comes after them. */
const CHANNELS = 2_000;

/**
 * Sends what lies in `messages` and `cards` for a chat platform (storage rule 9). Of all processes on a database one does: it holds the
 * lease, and the next takes over within 10 s of its death, at once when it ends in order. Woken by NOTIFY and by what becomes due.
 */
export async function runSender(options: {
  db: Db;
  log: Log;
  renderers: Record<string, Renderer>;
  messenger: Messenger;
  holder: string;
  /** The platform's own unless said. */
  pace?: Pace;
}): Promise<{
  close(): Promise<void>;
}> {
  const { db, log, messenger, holder } = options;
  const pace = options.pace ?? PACES[messenger.platform];
  const lease = `sender ${messenger.platform}`;
  let lanes: Lanes | undefined;
  const sending: Sending = {
    ...options,
    heard: { at: 0 },
    extras: new Set(),
    openings: new Map(),
    pace,
    purses: { posts: openPurse(pace.posts), edits: openPurse(pace.edits), finds: openPurse(pace.finds) },
    lease,
    wake: () => lanes?.wake(),
  };
  const unlisten = await db.listen('shown', sending.wake);
  const turn = await waitForTurn({
    db,
    log,
    name: lease,
    holder,
    begin() {
      lanes = runLanes({
        atOnce: pace.atOnce,
        discover: () => whereItWaits(sending),
        work: (lane) =>
          sendNext(sending, lane).catch((error: unknown) => {
            // It may have been taken back without having been looked at.
            sending.extras.add(lane.channel);
            throw error;
          }),
        parallel: (channel) => (channel === REPLY ? REPLIES : 1),
        failed: (error) => log.warn({ err: error, platform: messenger.platform }, 'something could not be sent; it is tried again'),
      });
      lanes.wake();
    },
    async end() {
      const ending = lanes;
      lanes = undefined;
      await ending?.close();
    },
  });
  return {
    async close() {
      await unlisten();
      await turn.close();
    },
  };
}

/** The next of a lane: what is due first; an answer before a card that changed. */
async function sendNext(sending: Sending, lane: Lane): Promise<Looked> {
  const message = await dueMessage(sending, lane);
  if (message && message.due <= 0) {
    const looked = await inHand(lane, `m${message.id}`, () => sendMessage(sending, message));
    // What it waits for comes behind it in this very lane.
    if (looked !== 'not yet') return looked;
  }
  // Taken back before it is asked what there is: what is told of meanwhile stays told.
  const extra = sending.extras.delete(lane.channel);
  const opening = extra ? await dueOpening(sending, lane) : undefined;
  if (opening) sending.extras.add(lane.channel);
  // Before a card: in a channel where many change its turn would never come, and messages wait for it.
  if (opening && opening.due <= 0) return inHand(lane, `o${opening.id}`, () => openBeside(sending, opening));
  const card = await dueCard(sending, lane);
  if (card && card.due <= 0) {
    // Posted just now, it has a message that can be pinned, and nothing else tells of that.
    sending.extras.add(lane.channel);
    return inHand(lane, `c${card.id}`, () => sendCard(sending, card));
  }
  const pin = extra ? await duePin(sending, lane) : undefined;
  if (pin) {
    sending.extras.add(lane.channel);
    return inHand(lane, `p${pin.id}`, () => pinCard(sending, pin));
  }
  const look = Math.min(message?.due ?? Infinity, opening?.due ?? Infinity, card?.due ?? Infinity);
  return look === Infinity ? {} : { look };
}

/** False twice: where several of a lane are sent at once, one of them may have found the same row. */
async function inHand<Came>(lane: Lane, name: string, send: () => Promise<Came>): Promise<Came | Looked> {
  if (lane.inHand.has(name)) return { rest: 0 };
  lane.inHand.add(name);
  try {
    return await send();
  } finally {
    lane.inHand.delete(name);
  }
}

/** Channels in which something waits, each found by one look into the index: a hundred thousand waiting rows are not read. */
async function whereItWaits({ db, messenger, pace, extras, wake }: Sending): Promise<{ channel: string; due: number }[]> {
  const messages = await db.query<{ channel: string; due: number }>(
    `with recursive lanes as (
       (select channel from messages where platform = $1 and state = 'waiting' order by channel limit 1)
       union all
       select (select m.channel from messages m where m.platform = $1 and m.state = 'waiting' and m.channel > l.channel order by m.channel limit 1)
       from lanes l where l.channel is not null)
     select channel, 0::float8 as due from lanes where channel is not null limit ${CHANNELS}`,
    [messenger.platform],
  );
  const cards = await db.query<{ channel: string; due: number }>(
    `select c.channel, min(${dueIn(pace)}) as due from cards c where c.platform = $1 and c.shown_rev < c.wanted_rev group by c.channel
     limit ${CHANNELS}`,
    [messenger.platform],
  );
  const more = await db.query<{ channel: string; due: number }>(
    `select c.channel, 0 as due from cards c where c.platform = $1 and ${WANTS_PIN} union select c.channel, 0 from cards c where c.platform = $1 and ${WANTS_OPENING}`,
    [messenger.platform],
  );
  for (const { channel } of more) extras.add(channel);
  // More come when these are done with.
  if (messages.length === CHANNELS || cards.length === CHANNELS) setTimeout(wake, 1_000).unref();
  return [...messages, ...cards, ...more];
}
