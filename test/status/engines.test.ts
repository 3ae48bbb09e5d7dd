import { describe, expect, onTestFinished, test } from 'vitest';
import { openDb } from '../../src/store/open.ts';
import { engines } from '../engines.ts';
import { quietLog } from '../quiet-log.ts';
import { aPage, at, storyteller } from './a-page.ts';

describe.each(engines().slice(0, 2))('on $name', ({ name, available, start }) => {
  test.skipIf(available !== true)(
    `what another process writes is read at once${available === true ? '' : ` (skipped: ${available})`}`,
    { timeout: 60_000 },
    async () => {
      const { dataDir, databaseUrl, stop } = await start();
      const open = () => openDb({ log: quietLog, ...(dataDir !== undefined && { dataDir }), ...(databaseUrl !== undefined && { databaseUrl }) });
      const db = await open();
      onTestFinished(() => db.close());
      const page = await aPage({ db });
      expect((await page.get('/')).text).toContain('All Systems Operational');
      // The embedded store has one process; on a server it is another connection.
      const other = name === 'embedded' ? db : await open();
      const heard = new Promise<void>((resolve) => void db.listen('status', () => resolve()));
      const code = await storyteller(other)({
        title: 'From elsewhere',
        components: { Compute: 'partial_outage' },
        updates: [{ status: 'investigating', body: 'We look.', at: at('20:13') }],
      });
      await heard;
      expect((await page.get('/')).text).toContain('From elsewhere');
      expect((await page.get(`/incidents/${code}`)).text).toContain('We look.');
      if (other !== db) await other.close();
      if (name === 'embedded') return;
      // The server is gone, and midnight comes: what was known last is shown, and that it is.
      await stop();
      page.time.now += 86_400_000;
      const { status, text } = await page.get('/');
      expect([status, text.includes('From elsewhere'), text.includes('cannot be brought up to date right now')]).toEqual([200, true, true]);
      expect((await page.get('/history')).status).toBe(200);
    },
  );
});
