import type { Renderer } from '../../deliver/shown.ts';
import { openIngest } from '../../ingest/open.ts';
import type { Ops } from '../../ops.ts';
import type { Db } from '../../store/db.ts';
import { askOnly } from '../ask.ts';
import type { Lines } from '../lines.ts';
import { sayLine } from '../say-line.ts';

/** The private listener as a place where lines come from: what a machine sends goes the way of a typed line. */
export function openHttp(world: {
  ops: Ops;
  db: Db;
  lines: Lines;
  env: Record<string, string | undefined>;
  renderers: Record<string, Renderer>;
}): ReturnType<typeof openIngest> {
  const { ops, db, lines, env, renderers } = world;
  return openIngest({
    ops,
    db,
    log: ops.log,
    env,
    renderers,
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
}
