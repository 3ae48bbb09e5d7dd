import type { Comparison } from '../compare.ts';
import { isWhole, itemsOf, some } from './lists.ts';

export const guestsBack: Comparison = {
  about: 'guests that ran here before do not run, unless the job moved them elsewhere',
  grave: true,
  mayPass: true,
  look(before, after, { guestsAway }) {
    const away = Array.isArray(guestsAway) ? guestsAway : [];
    const [old, now] = [itemsOf(before, 'guests'), itemsOf(after, 'guests')];
    if (!old || !now) return [];
    const expected = old.filter((guest) => !away.includes(guest));
    const missing = expected.filter((guest) => !now.includes(guest));
    // A list that was cut off does not say who is missing.
    if (missing.length === 0 || !isWhole(now)) return [];
    return [`${expected.length - missing.length} of ${expected.length} guests up (${some(missing)} ${missing.length === 1 ? 'is' : 'are'} not)`];
  },
};
