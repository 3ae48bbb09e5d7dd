import type { ServerResponse } from 'node:http';
import type { Session } from './links.ts';

/** How the board looks now in a zone; `id` differs when it looks different. */
export interface Rendered {
  id: string;
  html: string;
}

/** A browser that looks at the board now. */
export interface Viewer {
  session: Session;
  zone: string;
  /** Shows it what is newest; a reader who is behind gets only the newest, once there is room. */
  show(board: Rendered): void;
  /** A line of no meaning, by which proxies and browsers see that the connection lives. */
  keep(): void;
  /** Wall ms since when it has not taken what was sent; 0 while it keeps up. */
  behind(now: number): number;
  end(): void;
}

/** Sends events over a response that stays open (text/event-stream). What the reader does not take is never more than one board. */
export function viewerOver(response: ServerResponse, given: { session: Session; zone: string; seen: string }): Viewer {
  let seen = given.seen;
  let newest: Rendered | undefined;
  let since: number | undefined;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // A proxy that gathers before it sends would show the board late.
    'x-accel-buffering': 'no',
  });
  const write = (text: string): void => {
    if (!response.write(text)) since ??= Date.now();
  };
  response.on('drain', () => {
    since = undefined;
    if (newest) send(newest);
  });
  // Wall ms until the browser tries again after it lost the connection.
  write('retry: 3000\n\n');
  function send(board: Rendered): void {
    newest = undefined;
    if (board.id === seen) return;
    seen = board.id;
    write(`event: board\nid: ${board.id}\n${board.html.replace(/^/gm, 'data: ')}\n\n`);
  }
  return {
    session: given.session,
    zone: given.zone,
    show(board) {
      if (since === undefined) send(board);
      else newest = board;
    },
    keep() {
      if (since === undefined) write(': still here\n\n');
    },
    behind: (now) => (since === undefined ? 0 : now - since),
    // Not by its end: what it has not taken would be kept for it.
    end: () => void response.destroy(),
  };
}
