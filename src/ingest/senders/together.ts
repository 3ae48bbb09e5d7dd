import type { Db, Tx } from '../../store/db.ts';
import { inTime } from '../in-time.ts';
import type { Wrong } from '../wrong.ts';
import type { From, Told } from './told.ts';

/** What came in one request, and what else is written with it. */
export interface Delivery {
  from: From;
  told: Told;
  more?: (tx: Tx) => Promise<void>;
}

/** Alerts in one transaction, at most; more only where one delivery has more. */
const MOST = 2_000;
/** Wall ms for which a transaction keeps others waiting: a connection that is dead and does not say so must not do so for ever. */
const PATIENCE = 10_000;

/**
 * Deliveries are committed one transaction after the other, and what comes while one is under way goes together with the next: whoever decides
 * about alerts holds one lock, so side by side they would only wait for each other, and take all connections with them. What was answered 503
 * before its turn came is not begun. Where one of several cannot be written, each is tried by itself.
 */
export function together<Answer>(db: Db, write: (tx: Tx, deliveries: readonly Delivery[]) => Promise<Answer[]>, late: (why: string) => Wrong) {
  const waiting: Waiting<Answer>[] = [];
  let going = false;
  const go = async (): Promise<void> => {
    if (going) return;
    going = true;
    for (let some = nextOf(waiting); some.length > 0; some = nextOf(waiting)) await patiently(writeSome(db, write, some));
    going = false;
  };
  return (delivery: Delivery): Promise<Answer> => {
    const one: Waiting<Answer> = { delivery, withdrawn: false, done: () => {}, failed: () => {} };
    const committed = new Promise<Answer>((resolve, reject) => Object.assign(one, { done: resolve, failed: reject }));
    waiting.push(one);
    void go();
    return inTime(committed, late).finally(() => {
      one.withdrawn = true;
    });
  };
}

interface Waiting<Answer> {
  delivery: Delivery;
  withdrawn: boolean;
  done(answer: Answer): void;
  failed(error: unknown): void;
}

/** The oldest that still wait, as many as go together. */
function nextOf<Answer>(waiting: Waiting<Answer>[]): Waiting<Answer>[] {
  const some: Waiting<Answer>[] = [];
  let alerts = 0;
  for (let one = waiting[0]; one !== undefined; one = waiting[0]) {
    alerts += one.delivery.told.events.length;
    if (some.length > 0 && alerts > MOST) break;
    waiting.shift();
    if (!one.withdrawn) some.push(one);
  }
  return some;
}

/** Never rejects: each delivery is told what became of it. */
async function writeSome<Answer>(
  db: Db,
  write: (tx: Tx, deliveries: readonly Delivery[]) => Promise<Answer[]>,
  some: readonly Waiting<Answer>[],
): Promise<void> {
  try {
    const answers = await db.tx((tx) =>
      write(
        tx,
        some.map(({ delivery }) => delivery),
      ),
    );
    for (const [n, one] of some.entries()) one.done(answers[n] as Answer);
  } catch (error) {
    if (some.length === 1) some[0]?.failed(error);
    else for (const one of some) if (!one.withdrawn) await writeSome(db, write, [one]);
  }
}

async function patiently(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([work, over]).finally(() => clearTimeout(timer));
}
