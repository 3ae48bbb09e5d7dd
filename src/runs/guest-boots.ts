import type { Facts, Host } from '../fleet/host.ts';
import { answerOf } from '../fleet/scripts/said.ts';
import type { Memory, StepContext } from '../jobs.ts';
import type { Difference } from '../rollout/shapes.ts';

/** Guests asked of one host; more than so many are believed by their names alone. */
const MOST = 60;
/** Wall ms. */
const PATIENCE = 8000;

/** Boot ids of the guests that are hosts of the fleet themselves, before their parent is touched: who was moved alive keeps its own. */
export async function guestBoots(host: Host, context: StepContext<unknown>, facts: Facts): Promise<Record<string, string>> {
  const seen = new Set(Array.isArray(facts.guests) ? facts.guests.map(String) : []);
  const guests = [...context.fleet.hosts.values()]
    .filter(({ name, parent }) => name !== host.name && (parent === host.name || seen.has(name)))
    .map(({ name }) => name);
  const boots = await Promise.all(guests.slice(0, MOST).map(async (guest) => [guest, await bootOf(guest, context)] as const));
  return Object.fromEntries(boots.flatMap(([guest, boot]) => (boot === undefined ? [] : [[guest, boot]])));
}

/** What has become of them. Where they were moved away first, a guest that booted was cut off: the run has failed it. */
export async function guestDifferences(context: StepContext<unknown>, before: Memory): Promise<Difference[]> {
  const drained = Object.keys((context.memory.drains as object | undefined) ?? {}).length > 0;
  const now = await Promise.all(Object.entries(before).map(async ([guest, boot]) => ({ guest, boot, now: await bootOf(guest, context) })));
  return now.flatMap(({ guest, boot, now: after }): Difference[] => {
    if (after === undefined) return [{ what: `guest ${guest} does not answer`, grave: drained, mayPass: true }];
    return after === boot ? [] : [{ what: `guest ${guest} booted meanwhile`, grave: drained }];
  });
}

async function bootOf(guest: string, context: StepContext<unknown>): Promise<string | undefined> {
  const ran = await context.scriptOn(guest, 'boot', [], PATIENCE).catch(() => undefined);
  const answer = ran && answerOf(ran, 'boot v1');
  return answer && 'said' in answer ? answer.said.values['boot'] : undefined;
}
