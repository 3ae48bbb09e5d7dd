import type { Card } from '../chat/card.ts';
import type { Facts, HostState } from '../fleet/host.ts';
import { foldNames } from '../fleet/target/fold.ts';
import { compareWithBaseline } from '../rollout/compare.ts';
import type { Watch } from './tell.ts';

/** What the morning after says of hosts that somebody changed by hand: who differs from what was known, and in what. */
export function morningCard(watch: Watch, now: ReadonlyMap<string, HostState>): Card {
  const rows = Object.entries(watch.before).map(([host, before]) => ({ host, says: differences(before, now.get(host)) }));
  const differ = rows.filter(({ says }) => says.length > 0);
  const same = rows.filter(({ says }) => says.length === 0).map(({ host }) => host);
  return {
    title: `${differ.length === 0 ? `Nothing differs on ${foldNames(same)}` : `${differ.length} of ${rows.length} differ`} since ${watch.by} told of a change by hand: ${clip(watch.text)}`,
    tone: differ.length === 0 ? 'good' : 'attention',
    body: [
      ...differ.map(({ host, says }) => `${host}: ${says.join('; ')}`),
      ...(differ.length > 0 && same.length > 0 ? [`nothing differs: ${foldNames(same)}`] : []),
    ],
  };
}

/** Between what was known as it was told, and the check of the morning. */
function differences(before: Facts | null, state: HostState | undefined): string[] {
  if (state?.reach !== 'ok') return [`it does not answer${state ? ` (${state.reach})` : ''}`];
  if (before === null) return ['nothing was known of it before, so there is nothing to compare'];
  const rebooted = before['boot_id'] !== undefined && state.facts['boot_id'] !== undefined && before['boot_id'] !== state.facts['boot_id'];
  return [...(rebooted ? ['it has rebooted'] : []), ...compareWithBaseline(before, state.facts).map(({ what }) => what)];
}

const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
