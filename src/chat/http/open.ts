import type { Renderer } from '../../deliver/shown.ts';
import type { Watched } from '../../ingest/app.ts';
import { type Ingest, openIngest } from '../../ingest/open.ts';
import { calendarRenderer } from '../../lists/calendar.ts';
import type { Ops } from '../../ops.ts';
import { boardRenderer } from '../../status/board/ask.ts';
import type { Db } from '../../store/db.ts';
import { askOnly } from '../ask.ts';
import type { Lines } from '../lines.ts';
import { sayLine } from '../say-line.ts';

/** The private listener as a place where lines come from: what a machine sends goes the way of a typed line. */
export async function openHttp(world: {
  ops: Ops;
  db: Db;
  lines: Lines;
  dataDir: string;
  env: Record<string, string | undefined>;
  renderers: Record<string, Renderer>;
  watch?: Watched;
}): Promise<Ingest> {
  const { ops, db, dataDir, lines, env, renderers, watch } = world;
  const ingest = await openIngest({
    ops,
    db,
    log: ops.log,
    dataDir,
    env,
    renderers,
    ...(watch && { watch }),
    take: (line) => lines.take(line),
    show: (text, actor, place) => askOnly(ops, text, actor, place),
    sayLine: (name, values) =>
      sayLine(name, values, ops.commands(), {
        platform: 'http',
        now: ops.clock.now(),
        zone: ops.config().timezone,
        isHost: (host) => ops.fleet().hosts.has(host),
      }),
  });
  // Only here is known where calendars are fetched and where the board is.
  ops.calendar = ingest.calendar;
  ops.board = ingest.board;
  renderers.calendar = calendarRenderer(ingest.calendar);
  renderers.board = boardRenderer(ingest.board);
  return ingest;
}
