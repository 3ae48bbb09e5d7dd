import type { Attempts } from './deliver/attempts.ts';
import { type PagesOutWorld, sendPages } from './deliver/pages-out.ts';
import { resolvePages } from './paging/end.ts';
import { askForPerson } from './store/events.ts';
import { openWatch, type Watch } from './watch/open.ts';

/** What goes out of a process without anybody there having asked: pages to people, and word of how it is itself. */
export interface Out {
  /** Only in a process that stays. */
  watch?: Watch;
  /** Only in one with a chat role. */
  pagesOut?: Attempts;
}

/** Opens both. What has to be closed again is put on `closing`. */
export async function openOut(
  world: Omit<PagesOutWorld, 'tried'> & { chat: boolean; stays: boolean; place: string },
  closing: (() => unknown)[],
): Promise<Out> {
  // A simulated fleet's own troubles wake nobody.
  const pages = world.home === undefined && { pages: { ask: askForPerson, resolve: resolvePages } };
  const watch = world.stays ? openWatch({ ...world, ...pages }) : undefined;
  if (watch) closing.push(() => watch.close());
  const pagesOut = world.chat ? await sendPages({ ...world, ...(watch && { tried: watch.tried }) }) : undefined;
  if (pagesOut) closing.push(() => pagesOut.close());
  return { ...(watch && { watch }), ...(pagesOut && { pagesOut }) };
}
