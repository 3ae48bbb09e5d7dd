import { type Context, Hono } from 'hono';
import { errorId } from '../lib/ids.ts';
import type { Log } from '../ops.ts';
import { documentAt } from './documents.tsx';
import type { Model } from './model.ts';
import { openShelf } from './rendered.ts';

/** Seconds a reader and whoever stands between may keep it. */
const KEEP = 60;

/** Nothing is loaded from elsewhere, nothing runs, nothing is sent, nobody frames it. */
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The public listener's routes: reading only, the same for everybody, without cookies. */
export function publicApp({ model, log }: { model: Model; log: Log }): Hono {
  const shelf = openShelf();
  const app = new Hono();
  app.get('*', async (c) => {
    const path = c.req.path.slice(1);
    if (path.length > 1 && path.endsWith('/')) return c.redirect(`/${path.replace(/\/+$/, '').replace(/^\/+/, '')}`, 301);
    const view = await model.view();
    const rendered = await shelf.take(view, path, () => documentAt(path, view, model.stories, 'served'));
    if (!rendered) return plain(c, 404, 'There is no such page here. The status page begins at /.');
    const headers = { ...HEADERS, etag: rendered.etag, 'cache-control': `public, max-age=${KEEP}` };
    if (isKnown(c.req.header('if-none-match'), rendered.etag)) return c.body(null, 304, headers);
    return c.body(rendered.body, 200, { ...headers, 'content-type': rendered.type });
  });
  app.options('*', (c) => c.body(null, 204, { ...HEADERS, 'access-control-allow-methods': 'GET, HEAD', 'access-control-max-age': '86400' }));
  app.all('*', (c) => plain(c, 405, 'This page is for reading: GET and HEAD.', { allow: 'GET, HEAD, OPTIONS' }));
  app.onError((error, c) => {
    const id = errorId();
    log.error({ err: error, id, path: c.req.path.slice(0, 200) }, 'the status page could not be shown');
    return plain(c, 503, `This page cannot be shown right now (${id}). That says nothing about the services it is about.`, { 'retry-after': '10' });
  });
  return app;
}

/** Anybody's page may read it: there is nothing on it that not everybody may know. */
const HEADERS = {
  'access-control-allow-origin': '*',
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
};

function plain(c: Context, status: 404 | 405 | 503, text: string, more: Record<string, string> = {}): Response {
  return c.body(`${text}\n`, status, { ...HEADERS, 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8', ...more });
}

/** One whose copy was squeezed on the way has a `W/` before it. */
const isKnown = (header: string | undefined, etag: string): boolean =>
  header !== undefined && (header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag));
