import type { Facts } from '../../fleet/host.ts';

/** A check brings no more items of one list than this (check.sh): a list this long may go on. */
const MOST = 40;

/** The items of a list that was seen; `undefined` when it was not. */
export function itemsOf(facts: Facts, name: string): string[] | undefined {
  const value = facts[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

/** What is new in a list; nothing where it was not seen both times. */
export function added(before: Facts, after: Facts, name: string): string[] {
  const [old, now] = [itemsOf(before, name), itemsOf(after, name)];
  return old && now ? now.filter((item) => !old.includes(item)) : [];
}

/** Every item is there. */
export const isWhole = (list: readonly string[] | undefined): list is readonly string[] => list !== undefined && list.length < MOST;

/** `nginx.service`, `nginx.service, cron.service and 2 more`. */
export const some = (items: readonly string[], most = 3): string =>
  items.length > most ? `${items.slice(0, most).join(', ')} and ${items.length - most} more` : items.join(', ');

/** `1 mount is missing`, `2 mounts are missing`. */
export const are = (items: readonly string[], thing: string, how: string): string =>
  items.length === 1 ? `1 ${thing} is ${how}` : `${items.length} ${thing}s are ${how}`;
