import { sayDuration } from '../lib/duration.ts';
import type { AttemptRow, PageRow } from './rows.ts';

/** `dm 0.8 s, ntfy 1.1 s, sms 6 s; you answered in 14 s`: how long each provider took to say yes, as it was on a wall. */
export function receipt(page: Pick<PageRow, 'opened' | 'acked' | 'state'>, tries: readonly AttemptRow[], speed: number): string {
  const paths = tries.map(({ channel, state, due, sent, says }) => {
    if (sent) return `${channel} ${seconds((sent.getTime() - due.getTime()) / speed)}`;
    return state === 'failed' ? `${channel} NOT: ${says ?? 'not taken'}` : `${channel} on its way`;
  });
  const answer = page.acked
    ? `you answered in ${sayDuration((page.acked.getTime() - page.opened.getTime()) / speed)}`
    : page.state === 'open'
      ? 'no answer yet: ack'
      : 'you did not answer';
  return `${paths.length === 0 ? 'no channel reaches you' : paths.join(', ')}; ${answer}`;
}

const seconds = (ms: number): string => (ms < 10_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : sayDuration(ms));
