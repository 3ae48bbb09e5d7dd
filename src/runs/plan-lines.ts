import { foldSome } from '../fleet/target/fold-some.ts';
import type { Plan, PlannedHost, Prediction } from '../rollout/shapes.ts';
import { minutes } from './card-words.ts';
import { clip, names } from './host-lines.ts';

/** A plan on a phone: order, rings and waves, what is left out by which rule, how many more can be affected, how long. */
export function planLines(plan: Plan, prediction: Prediction): string[] {
  const going = plan.hosts.filter((host) => host.wave !== undefined);
  return [
    ...folded(going, (host) => host.does).slice(0, 3),
    ...waveLines(plan, going),
    ...folded(
      plan.hosts.filter((host) => host.skip),
      (host) => `left out by ${host.skip?.rule}, ${host.skip?.because}`,
    ).slice(0, 3),
    ...folded(going, (host) => host.notes?.join('; ') ?? '').slice(0, 3),
    `about ${minutes(prediction.p50)}, at most ${minutes(prediction.p95)} (${prediction.basis})`,
  ].map((line) => clip(line));
}

function waveLines(plan: Plan, going: readonly PlannedHost[]): string[] {
  const first = plan.rings.map((ring) => {
    const hosts = going.filter((host) => host.wave !== undefined && host.wave >= ring.firstWave && host.wave <= ring.lastWave);
    const canary = names(hosts.filter((host) => host.wave === ring.firstWave));
    const rest = names(hosts.filter((host) => host.wave !== ring.firstWave));
    const waves = ring.lastWave - ring.firstWave;
    return `${ring.name ? `ring ${ring.name}: ` : ''}${foldSome(canary, 40)} first${rest.length > 0 ? `, then ${foldSome(rest, 60)} in ${waves} ${waves === 1 ? 'wave' : 'waves'}` : ''}`;
  });
  return first.slice(0, 4);
}

/** Equal answers with whom they are about: `drain 11 guests, reboot: kvm[01-12]`. */
function folded(hosts: readonly PlannedHost[], says: (host: PlannedHost) => string): string[] {
  const groups = new Map<string, string[]>();
  for (const host of hosts) {
    const what = says(host);
    if (what !== '') groups.set(what, [...(groups.get(what) ?? []), host.host]);
  }
  return [...groups].sort((a, b) => b[1].length - a[1].length).map(([what, who]) => `${what}: ${foldSome(who, 60)}`);
}
