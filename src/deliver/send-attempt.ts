import { crashPoint } from '../lib/crash.ts';
import type { Log } from '../ops.ts';
import type { Person } from '../people.ts';
import type { Db } from '../store/db.ts';
import type { Attempt, Paging } from './attempt.ts';
import type { Claimed } from './attempt-claims.ts';
import type { Channel, Delivery, PageMessage } from './channel.ts';
import type { Gate } from './gate.ts';

export interface SendWorld {
  db: Db;
  log: Log;
  people(): readonly Person[];
  channels(): readonly Channel[];
  paging: Pick<Paging, 'say'>;
  /** Where an attempt can be answered with one tap, and by what others who call name it. */
  link?(attempt: Attempt): Promise<{ link?: string; token: string }>;
  gate: Gate;
}

/** What came of one try; `looked`: the provider was asked what it had taken, and could not say. */
export interface Tried {
  attempt: Claimed;
  /** `called off`: nobody has to be told any more. */
  delivery: Delivery | 'called off';
  looked: boolean;
  canFind: boolean;
}

/** A page whose text could not be made so often goes out with what was asked for alone. */
const TEXT_TRIES = 2;
/** Wall ms beyond a channel's own time-out: a call that does not keep it is given up. */
const GRACE = 1_000;

/** One try, with whatever it takes to know what came of it. Throws only where the database does. */
export async function sendAttempt(world: SendWorld, attempt: Claimed): Promise<Tried> {
  const channel = world.channels().find(({ name }) => name === attempt.channel);
  const person = world.people().find(({ name }) => name === attempt.person);
  const end = (delivery: Tried['delivery'], looked = false): Tried => ({ attempt, delivery, looked, canFind: channel?.find !== undefined });
  const message = await sayIt(world, attempt);
  if (!message) return end('called off');
  if (!person) return end(no(`nobody is called ${attempt.person} any more`));
  if (!channel?.reaches(person)) return end(no(`${attempt.person} cannot be reached by ${attempt.channel}`));
  crashPoint('attempt.begun');
  const provider = channel.provider?.(person) ?? channel.name;
  const gate = world.gate.enter(provider);
  if (!gate.open) return end({ sent: false, why: 'later', says: gate.says });
  const began = performance.now();
  const within = <Answer>(call: Promise<Answer>, late: Answer): Promise<Answer> => guarded(call, channel.timeout + GRACE, late, world.log, attempt);
  const found = attempt.unsure && channel.find ? await within(channel.find(person, message), 'unsure' as const) : undefined;
  const delivery = found === undefined ? await within(channel.send(person, message), LATE) : deliveryFound(found);
  crashPoint('attempt.sent');
  const silent = !delivery.sent && delivery.why !== 'no' && performance.now() - began >= channel.timeout / 2;
  world.gate.left(provider, !silent, delivery.sent ? 'answers' : delivery.says);
  return end(delivery, found === 'unsure');
}

const no = (says: string): Delivery => ({ sent: false, why: 'no', says });
const LATE: Delivery = { sent: false, why: 'unsure', says: 'no answer in time' };

const deliveryFound = (found: string): Delivery =>
  found === 'unsure' ? { sent: false, why: 'unsure', says: 'it may have been sent, and the provider cannot be asked' } : { sent: true, id: found };

async function sayIt({ db, log, paging, link }: SendWorld, attempt: Claimed): Promise<PageMessage | undefined> {
  const message = await paging.say(db, attempt).catch(async (error: unknown) => {
    log.error({ err: error, page: attempt.page }, 'the text of a page could not be made');
    if (attempt.tries <= TEXT_TRIES) throw error;
    return plain(db, attempt);
  });
  return message && !attempt.notice ? { ...message, ...(await link?.(attempt)) } : message;
}

/** A page goes out, whatever fails in making it fit to read. */
async function plain(db: Db, attempt: Attempt): Promise<PageMessage | undefined> {
  const [page] = await db.query<{ text: string; urgency: PageMessage['urgency']; state: string }>(`select text, urgency, state from pages where id = $1`, [
    attempt.page,
  ]);
  if (page?.state !== 'open' && !attempt.notice) return undefined;
  const text = `${attempt.page}: ${page?.text ?? 'somebody has to answer'}`;
  return { key: `${attempt.page}-${attempt.n}`, page: attempt.page, urgency: page?.urgency ?? 'high', text, card: { title: text, tone: 'attention' } };
}

/** A channel answers for what its provider says; a fault of ours, or a call that never ends, counts as not known. */
async function guarded<Answer>(call: Promise<Answer>, ms: number, late: Answer, log: Log, { page, channel }: Attempt): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Answer>((resolve) => {
    timer = setTimeout(resolve, ms, late);
  });
  const failed = call.catch((error: unknown) => {
    log.error({ err: error, page, channel }, 'a channel failed');
    return late;
  });
  return Promise.race([failed, over]).finally(() => clearTimeout(timer));
}
