import type { Defaults } from '../config/defaults.ts';

/** A step of the ladder: how much is at stake for a certificate that nears its end, and how people are asked. */
export interface Rung {
  /** `30 d`, `day 6`, `3 d`, `1 d`, `expired`, `expired, not served`. */
  step: string;
  /** A later step has a larger one. */
  rank: number;
  urgency: 'low' | 'high' | 'critical';
}

type LadderDefaults = Pick<Defaults, 'certificates.low_days' | 'certificates.daily_days' | 'certificates.high_days' | 'certificates.critical_days'>;

const DAY = 86_400_000;

/** Of the last steps: of one that is served, and of one that is not. */
export const LAST_RANK = { served: 400, unserved: 300 };

/** The step a certificate stands on at domain time `now`; `undefined` = far from its end. Pure. */
export function rungOf({ ends, served }: { ends: number; served: boolean }, now: number, defaults: LadderDefaults): Rung | undefined {
  if (ends <= now)
    return served
      ? { step: 'expired', rank: LAST_RANK.served, urgency: 'critical' }
      : { step: 'expired, not served', rank: LAST_RANK.unserved, urgency: 'high' };
  const left = (ends - now) / DAY;
  const { 'certificates.low_days': low, 'certificates.daily_days': daily, 'certificates.high_days': high, 'certificates.critical_days': critical } = defaults;
  if (left <= critical) return { step: `${critical} d`, rank: 200, urgency: 'critical' };
  if (left <= high) return { step: `${high} d`, rank: 150, urgency: 'high' };
  if (left <= daily) return { step: `day ${Math.ceil(left)}`, rank: 140 - Math.min(30, Math.ceil(left)), urgency: 'low' };
  const steps = [...new Set(low)].sort((a, b) => b - a);
  const at = steps.findLastIndex((days) => left <= days);
  return at < 0 ? undefined : { step: `${steps[at]} d`, rank: 1 + at, urgency: 'low' };
}

/** Whether people are asked now, by what they were last asked. One that was acknowledged comes back with the next step, and not before. Pure. */
export function nextNotice(rung: Rung | undefined, last: { rank: number } | undefined): { ask: Rung; because: string } | { ask: undefined; because: string } {
  if (!rung) return { ask: undefined, because: 'it is far from its end' };
  if (last && rung.rank <= last.rank) return { ask: undefined, because: `people were asked at ${rung.step} or later` };
  return { ask: rung, because: last ? `it has come to ${rung.step}` : `it stands at ${rung.step}, and nobody was asked yet` };
}

/**
 * How long an acknowledgement lasts, domain ms: until people are asked at the next step, which is the morning after it is reached. What has ended
 * burns: there it lasts as long as of any page (`undefined`). Pure.
 */
export function ackLastsFor(cert: { ends: number; served: boolean }, now: number, defaults: LadderDefaults): number | undefined {
  const rank = rungOf(cert, now, defaults)?.rank ?? 0;
  if (cert.ends <= now) return undefined;
  const { 'certificates.low_days': low, 'certificates.daily_days': daily, 'certificates.high_days': high, 'certificates.critical_days': critical } = defaults;
  const days = [...low, ...Array.from({ length: daily }, (_, n) => n + 1), high, critical];
  const moments = days.map((day) => cert.ends - day * DAY).filter((at) => at > now && (rungOf(cert, at, defaults)?.rank ?? 0) > rank);
  return (moments.length > 0 ? Math.min(...moments) + DAY : cert.ends) + GRACE - now;
}

/** Domain ms in which the next asking takes the place of the last. */
const GRACE = 2 * 3_600_000;

/** How far ahead anything is said, domain ms. */
export const horizonOf = (defaults: LadderDefaults): number => Math.max(...defaults['certificates.low_days'], defaults['certificates.daily_days']) * DAY;
