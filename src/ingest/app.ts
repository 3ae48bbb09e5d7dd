import { Hono } from 'hono';
import { errorId } from '../lib/ids.ts';
import { Refusal } from '../lib/refusal.ts';
import type { Log } from '../ops.ts';
import { asKind, isFleetLock } from './fleetlock/serve.ts';
import { inTime } from './in-time.ts';
import { Wrong } from './wrong.ts';

/** Wall ms after which a client is told no, whatever hangs. */
const LONGEST = 5_000;

/** What Holdfast finds of itself: `age` is how long ago it looked, wall ms. A `watchdog` elsewhere goes by it. */
export interface Watched {
  state(): { well: boolean; because?: readonly string[]; age: number };
  metrics(): Promise<{ type: string; text: string }>;
}

/** The private listener's routes: what each room adds, with one form for all that goes wrong. Nothing here may be read by a page of another origin. */
export function privateApp(options: { log: Log; ready(): Promise<boolean>; watch?: Watched; serve: readonly ((app: Hono) => void)[] }): Hono {
  const { log } = options;
  const app = new Hono();
  app.use(async (c, next) => {
    await inTime(next(), sayLate, LONGEST);
    c.res.headers.set('cache-control', 'no-store');
    c.res.headers.set('x-content-type-options', 'nosniff');
  });
  app.get('/healthz', (c) => c.json({ alive: true }));
  app.get('/readyz', async (c) => {
    if (await options.ready()) return c.json({ ready: true, ...options.watch?.state() });
    return c.json(
      { ready: false, ...new Wrong(503, 'Holdfast takes nothing now.', { why: 'The database does not answer, or this process ends.' }).json() },
      503,
    );
  });
  app.get('/metrics', async (c) => {
    if (!options.watch) return c.notFound();
    const { type, text } = await options.watch.metrics();
    return c.body(text, 200, { 'content-type': type });
  });
  for (const serve of options.serve) serve(app);
  app.notFound((c) => c.json(new Wrong(404, 'There is nothing here.', { do: 'docs/automation.md lists what this listener answers.' }).json(), 404));
  app.onError((error, c) => {
    if (error instanceof Wrong) {
      if (error.status === 401) c.header('www-authenticate', 'Bearer');
      if (error.status === 503) c.header('retry-after', '5');
      return c.json(isFleetLock(c.req.path) ? asKind(error) : error.json(), error.status);
    }
    if (error instanceof Refusal) return c.json(new Wrong(422, error.message).json(), 422);
    const id = errorId();
    log.error({ err: error, id, path: sayPath(c.req.path) }, 'a request failed');
    return c.json(isFleetLock(c.req.path) ? { kind: 'internal', value: id } : { error: id }, 500);
  });
  return app;
}

const sayLate = (why: string): Wrong => new Wrong(503, 'No answer in time.', { why, do: 'Ask again.' });

/** An address that is a secret is not for the log. */
const sayPath = (path: string): string =>
  path
    .slice(0, 200)
    .replace(/^(\/calendar|\/ack|\/twilio\/voice|\/board\/open|\/in\/[a-z-]*|\/ping|\/api\/push|\/api\/v2\/heartbeat|\/integrations\/v1\/[a-z_]*)\/.*/, '$1/…');
