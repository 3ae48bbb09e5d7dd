import type { Place, Reply } from '../../chat/command.ts';
import { defaultsOf } from '../../config/defaults.ts';
import { isChat } from '../../deliver/destination.ts';
import type { Renderer } from '../../deliver/shown.ts';
import { sayDuration } from '../../lib/duration.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { Ops } from '../../ops.ts';
import type { Person } from '../../people.ts';
import { endAllOf, makeLink, tokenFor } from './links.ts';

/**
 * `board`: a link for whoever asks, alone. A card and no message: what stands in it is made as it is shown, and kept nowhere. In a channel where
 * others read, it goes to them as a direct message. Refuses who does not stand in the configuration.
 */
export function boardLink(ops: Pick<Ops, 'board' | 'people' | 'config' | 'tell'>, actor: Person, place: Place): Reply {
  if (!ops.people().some(({ name }) => name === actor.name))
    throw new Refusal(`The board is for those under \`people\` in holdfast.yaml, and ${actor.name} does not stand there.`);
  if (!ops.board) throw new Refusal('This process has no listener to show a board. Ask the one that runs with `holdfast start`.');
  const lasts = defaultsOf(ops.config())['board.link'];
  const shared = isChat(place.platform) && !place.alone;
  return {
    ...(shared && { card: { title: 'The link to the board comes to you as a direct message: it is good once, and for you.', tone: 'quiet' as const } }),
    write: async (tx, line) => {
      const id = await makeLink(tx, actor.name, lasts);
      if (!shared) return { kind: 'board', id, waits: true };
      await ops.tell.repost(tx, { key: `board:${id}`, thing: { kind: 'board', id }, place: { ...place, alone: true }, at: line.at });
      return undefined;
    },
  };
}

/** `board end`: every browser of theirs. */
export function boardEnded(actor: Person): Reply {
  return {
    write: async (tx) => {
      const ended = await endAllOf(tx, actor.name);
      const title = ended === 0 ? 'The board was open nowhere.' : `The board is closed: it was open in ${ended === 1 ? '1 browser' : `${ended} browsers`}.`;
      return { card: { title, tone: 'good' }, json: { ended } };
    },
  };
}

/** `address`: of the board, where people reach it. */
export function boardRenderer(address: () => string): Renderer {
  return async (db, id, { json }) => {
    const link = await tokenFor(db, id);
    if (!link) return { card: { title: 'This link was used, or is over: board makes another.', tone: 'quiet' } };
    const url = `${address()}/open/${link.token}`;
    return {
      card: {
        title: `The board, for ${link.person} alone`,
        body: [
          url,
          `Good once, for ${sayDuration(Math.max(60_000, Math.round((link.until.getTime() - Date.now()) / 60_000) * 60_000))}; a preview does not use it up.`,
        ],
        tone: 'quiet',
      },
      ...(json && { document: { board: url } }),
    };
  };
}
