import { serveControl } from '../control/server.ts';
import type { Attached } from '../deliver/attached.ts';
import type { Renderer } from '../deliver/shown.ts';
import type { Examined } from '../doctor.ts';
import type { Watched } from '../ingest/app.ts';
import type { Ops } from '../ops.ts';
import type { Served } from '../status/open.ts';
import type { Db } from '../store/db.ts';
import { exportTo } from '../store/export.ts';
import { sayMoved } from '../store/moved.ts';
import { openChats, type Runtime } from './chats.ts';
import type { Lines } from './lines.ts';

/** Where lines come from, apart from the terminal of this process. */
export interface WaysIn {
  /** Where other automation is heard. */
  url?: string;
  /** Where the public reads. */
  page?: Served;
  /** Takes nothing more from other processes, and resolves when those that asked have their answers. */
  finish(): Promise<void>;
}

/** Opens what a process with a chat role listens to. What has to be closed again is put on `closing`. */
export async function openWaysIn(
  world: {
    ops: Ops;
    db: Db;
    dataDir: string;
    env: Record<string, string | undefined>;
    lines: Lines;
    attached: Attached;
    renderers: Record<string, Renderer>;
    watch?: Watched;
    /** Slack, Discord and other automation: only in a process that stays. */
    listen: boolean;
    actorOf(login: string): string;
    examine(): Promise<Examined[]>;
    /** A one-time code for the first admin. */
    hello(): Promise<string>;
  } & Runtime,
  closing: (() => unknown)[],
): Promise<WaysIn> {
  const { ops, db, lines } = world;
  // Before the control socket: whoever finds that open finds all of it.
  const http = world.listen && (await (await import('./http/open.ts')).openHttp(world));
  if (http) closing.push(() => http.close());
  const page = world.listen && (await (await import('../status/open.ts')).openStatus(world));
  if (page) closing.push(() => page.close());
  if (world.listen) closing.push(await openChats({ ...world, take: lines.take }));
  const control = await serveControl({
    dataDir: world.dataDir,
    lines,
    attached: world.attached,
    log: ops.log,
    actorOf: world.actorOf,
    export: async (file) => sayMoved('exported to', file, await exportTo(db, file)),
    publish: async (dir) => (await import('../status/publish.ts')).publishPage({ ...ops, db, url: page ? page.url : undefined }, dir),
    doctor: world.examine,
    hello: world.hello,
  });
  closing.push(() => control.close());
  return { ...(http && { url: http.url }), ...(page && { page }), finish: control.finish };
}
