import { LIMITS, type Listener, listenAt } from '../ingest/listen.ts';
import { publicPort } from '../ingest/ports.ts';
import type { Ops } from '../ops.ts';
import type { Db } from '../store/db.ts';
import { openModel } from './model.ts';
import { publicApp } from './serve.ts';

/** Where the page is. */
export type Served = Pick<Listener, 'url' | 'taken'>;

/** Anybody may read, many at once; each of them quickly. */
const PUBLIC_LIMITS = { ...LIMITS, connections: 2_000 };

/** Opens the page the public reads, and says where it listens. */
export async function openStatus({ ops, db, env }: { ops: Ops; db: Db; env: Record<string, string | undefined> }): Promise<Listener> {
  const { log } = ops;
  const { host, port } = ops.config().listen.public;
  let url = '';
  const model = await openModel({ db, log, clock: ops.clock, config: ops.config, fleet: ops.fleet, url: () => url });
  const app = publicApp({ model, log });
  const listener = await listenAt({
    host,
    port: publicPort(env, port),
    log,
    limits: PUBLIC_LIMITS,
    said: { port: 'PORT', section: 'listen.public' },
    fetch: (request) => app.fetch(request),
  }).catch(async (error: unknown) => {
    await model.close();
    throw error;
  });
  url = listener.url;
  log.info({ url }, `the status page is on ${url}${listener.taken ? `: port ${listener.taken} is taken` : ''}`);
  return {
    ...listener,
    async close() {
      await listener.close();
      await model.close();
    },
  };
}
