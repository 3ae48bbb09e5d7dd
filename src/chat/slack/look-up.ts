import type { Calls } from './calls.ts';

/** Messages asked for at once, and how many such pages are read: beyond them nobody can tell. */
const PAGE = 200;
const PAGES = 5;

/**
 * The ts of the message of ours with this marker, newest first; `undefined` when it is not there, `unsure` when there are more
 * messages than are read. Throws what the SDK throws.
 */
export async function lookUp(
  calls: Calls,
  { channel, thread }: { channel: string; thread?: string | undefined },
  marker: string,
): Promise<string | undefined | 'unsure'> {
  let cursor: string | undefined;
  for (let n = 0; n < PAGES; n += 1) {
    const asked = { channel, limit: PAGE, include_all_metadata: true, ...(cursor !== undefined && { cursor }) };
    const { messages = [], response_metadata: more } = await calls.call((web) =>
      thread === undefined ? web.conversations.history(asked) : web.conversations.replies({ ...asked, ts: thread }),
    );
    const found = messages.find(({ metadata }) => (metadata?.event_payload as { marker?: unknown } | undefined)?.marker === marker);
    if (found?.ts !== undefined) return found.ts;
    cursor = more?.next_cursor || undefined;
    if (cursor === undefined) return undefined;
  }
  return 'unsure';
}
