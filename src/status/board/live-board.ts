import { createHash } from 'node:crypto';
import type { Log } from '../../ops.ts';
import type { Channel, Db } from '../../store/db.ts';
import type { BoardNow } from './read.ts';
import type { Rendered, Viewer } from './viewers.ts';

/** Everything that changes what the board shows is told by one of these. */
const WAKES: readonly Channel[] = ['shown', 'timers', 'attempts', 'stop', 'outbox'];

/** Wall ms. Between two readings, whoever looks; between two looks at who looks; of one who does not take what is sent. */
export const PACE = { between: 1_000, look: 15_000, behind: 20_000 };

/** Browsers that may look at once, and of one person. */
export const MOST = { viewers: 120, person: 8 };

/** The board as everybody sees it: read when something changed, once for all who look, and at most once a second. */
export interface LiveBoard {
  /** As it is now, for a page that is loaded. A reading that is under a second old is good enough. */
  now(zone: string): Promise<Rendered>;
  /** Absent when there are too many. */
  join(open: () => Viewer, who: { person: string; zone: string }): Promise<Viewer | undefined>;
  leave(viewer: Viewer): void;
  close(): Promise<void>;
}

export async function openLiveBoard(world: {
  db: Db;
  log: Log;
  read(): Promise<BoardNow>;
  render(board: BoardNow, zone: string): string;
  /** Of these viewers, those who may still look. */
  allowed(viewers: readonly Viewer[]): Promise<ReadonlySet<Viewer>>;
  /** Called when domain time jumped. */
  onJump(wake: () => void): () => void;
  pace?: Partial<typeof PACE>;
}): Promise<LiveBoard> {
  const pace = { ...PACE, ...world.pace };
  const viewers = new Set<Viewer>();
  let read: { at: number; board: Promise<BoardNow>; rendered: Map<string, Rendered> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const current = (): NonNullable<typeof read> => {
    if (read && Date.now() - read.at < pace.between) return read;
    const board = world.read();
    read = { at: Date.now(), board, rendered: new Map() };
    const mine = read;
    board.catch(() => {
      if (read === mine) read = undefined;
    });
    return read;
  };
  const renderedIn = async ({ board, rendered }: NonNullable<typeof read>, zone: string): Promise<Rendered> => {
    const now = await board;
    const known = rendered.get(zone);
    if (known) return known;
    const html = world.render(now, zone);
    const made = { html, id: createHash('sha256').update(html).digest('base64url').slice(0, 16) };
    rendered.set(zone, made);
    return made;
  };
  const wake = (): void => {
    if (closed || viewers.size === 0) return;
    again = true;
    if (timer || running) return;
    timer = setTimeout(go, Math.max(0, (read?.at ?? 0) + pace.between - Date.now()));
  };
  const go = (): void => {
    timer = undefined;
    running = showAll()
      .catch((error: unknown) => world.log.warn({ err: error }, 'the board could not be read; it is tried again'))
      .finally(() => {
        running = undefined;
        if (again) wake();
      });
  };
  const showAll = async (): Promise<void> => {
    again = false;
    const allowed = await world.allowed([...viewers]);
    for (const viewer of viewers) if (!allowed.has(viewer)) drop(viewer);
    const reading = current();
    for (const viewer of [...viewers]) viewer.show(await renderedIn(reading, viewer.zone));
  };
  const drop = (viewer: Viewer): void => {
    viewers.delete(viewer);
    viewer.end();
  };
  // Who is away from the configuration or does not read is let go; and a minute went by, for ages and local times.
  const look = setInterval(() => {
    for (const viewer of viewers) {
      if (viewer.behind(Date.now()) > pace.behind) drop(viewer);
      else viewer.keep();
    }
    wake();
  }, pace.look);
  look.unref();
  const unlisten = await Promise.all(WAKES.map((channel) => world.db.listen(channel, wake)));
  const unjump = world.onJump(wake);
  return {
    now: (zone) => renderedIn(current(), zone),
    async join(open, { person, zone }) {
      const first = await renderedIn(current(), zone);
      const theirs = [...viewers].filter(({ session }) => session.person === person).length;
      if (closed || viewers.size >= MOST.viewers || theirs >= MOST.person) return undefined;
      const viewer = open();
      viewers.add(viewer);
      viewer.show(first);
      wake();
      return viewer;
    },
    leave: (viewer) => void viewers.delete(viewer),
    async close() {
      closed = true;
      clearInterval(look);
      clearTimeout(timer);
      unjump();
      for (const viewer of viewers) drop(viewer);
      await Promise.all(unlisten.map((stop) => stop()));
      await running;
    },
  };
}
