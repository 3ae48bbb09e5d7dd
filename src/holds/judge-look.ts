import type { Answered } from './on-host.ts';
import type { HeldState } from './rows.ts';
import { sayLacks } from './sources.ts';

/** What came of looking at one host of a hold. */
export interface Looked {
  state: HeldState;
  detail: string | null;
  /** What was recorded on the host; absent = as known before. */
  lines?: string[];
  /** Worth an event of the hold. `came back unpaused`: it had updated before we got to it. */
  news?: 'drifted' | 'held again' | 'paused on first contact' | 'came back unpaused' | 'resumed on first contact';
}

/**
 * From what a host said of a hold to how it stands there. `before` = as it stood; `pausedNow` = it was paused for the first time
 * a moment ago, `foundBusy` = what ran there before.
 */
export function judgeLook(
  before: { state: HeldState; detail: string | null },
  answered: Answered,
  now: { pausedNow?: boolean; foundBusy?: readonly string[]; sources: readonly string[] },
): Looked {
  if (answered.state === 'busy') return before;
  if (answered.state !== 'answered') return { state: before.state, detail: before.state === 'unverified' ? answered.detail : before.detail };
  const { answer } = answered;
  if (answer.sources.length === 0 && before.state === 'unverified') return { state: 'resumed', detail: sayLacks(now.sources) };
  const wrong = [...answer.drift.map(sayItem), ...answer.running.map((program) => `${program} is running`)];
  if (wrong.length > 0) {
    const detail = sayFew(wrong);
    const news = now.pausedNow ? ('came back unpaused' as const) : before.state === 'drifted' ? undefined : ('drifted' as const);
    return { state: 'drifted', detail, ...(news && { news }) };
  }
  if (now.foundBusy && now.foundBusy.length > 0) return { state: 'held', detail: `came back unpaused: ${sayFew(now.foundBusy)}`, news: 'came back unpaused' };
  if (now.pausedNow) return { state: 'held', detail: 'paused on first contact', news: 'paused on first contact' };
  if (before.state === 'drifted') return { state: 'held', detail: null, news: 'held again' };
  return { state: 'held', detail: before.state === 'held' ? before.detail : null };
}

/** `move /etc/cron.d/kcare-cron: is there again` without the word for how it is held. */
export const sayItem = (item: string): string => item.replace(/^(unit|boot|init|move|lines|make|path|conf:\S+) /, '');

const MOST = 3;

export const sayFew = (what: readonly string[]): string => what.slice(0, MOST).join('; ') + (what.length > MOST ? `; and ${what.length - MOST} more` : '');
