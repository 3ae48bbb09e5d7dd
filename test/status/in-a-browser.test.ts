import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LIMITS, listenAt } from '../../src/ingest/listen.ts';
import { publishPage } from '../../src/status/publish.ts';
import { quietLog } from '../quiet-log.ts';
import { isWellMade, look, noBrowser, says, WIDTHS } from './a-browser.ts';
import { aPage, at } from './a-page.ts';

const HOSTS = Array.from({ length: 17 }, (_, n) => ({
  host: `bnecompute${String(n + 1).padStart(2, '0')}.brisbane.example.org`,
  down: at(`20:${String(n + 1).padStart(2, '0')}`),
  ...(n > 1 && { up: at(`21:${String(n + 10).padStart(2, '0')}`) }),
  cause: 'Kernel panic - not syncing: Fatal exception in interrupt',
}));

/** A page with everything on it there can be, some of it as wide as people manage to write it. */
async function aFullPage() {
  const page = await aPage();
  const code = await page.tell({
    title: 'Host nodes reboot by themselves after a live patch, in Brisbane and in Melbourne',
    state: 'identified',
    severity: 'critical',
    opened: at('20:13'),
    began: at('20:01'),
    update_due: at('20:45'),
    updates: [
      {
        status: 'investigating',
        body: 'Several hosts rebooted.\nWe are looking, see https://example.org/a/very/long/address/that/nobody/would/read/out/to/anybody/at/all?and=a&query=too',
        at: at('20:13'),
      },
      { status: 'identified', body: `A live patch makes kernels panic. ${'x'.repeat(300)}`, at: at('20:19') },
    ],
    components: { Compute: 'major_outage', mPanel: 'degraded_performance', Website: 'partial_outage' },
    hosts: HOSTS,
  });
  const past = await page.tell({
    title: 'The panel was slow',
    state: 'postmortem',
    severity: 'minor',
    opened: at('2018-06-10 10:00'),
    resolved: at('2018-06-10 11:00'),
    updates: [{ status: 'resolved', body: 'It is fast again.', at: at('2018-06-10 11:00') }],
    components: { mPanel: 'partial_outage' },
    hosts: HOSTS.slice(0, 2),
    postmortem: `# Summary\nIt was **slow**.\n\n| host | down | up | what came of it in the end, at some length |\n|--|--|--|--|\n| ${'web01'.repeat(20)} | 10:00 | 11:00 | nothing |\n\n- [ ] measure it\n\n\`\`\`\n${'a long line '.repeat(30)}\n\`\`\`\n`,
  });
  await page.tell({
    kind: 'maintenance',
    title: 'New disks',
    state: 'in_progress',
    severity: 'minor',
    opened: at('2018-06-16 10:00'),
    scheduled_for: at('18:00'),
    scheduled_until: at('19:00'),
    components: { Website: 'under_maintenance' },
    updates: [{ status: 'in_progress', body: 'We began.', at: at('18:00') }],
  });
  page.time.now = at('20:50').getTime();
  const listener = await listenAt({ host: '127.0.0.1', port: 0, log: quietLog, limits: LIMITS, fetch: (request) => page.app.fetch(request) });
  onTestFinished(() => listener.close());
  return { ...page, url: listener.url, paths: ['/', `/incidents/${code}`, `/incidents/${past}`, '/history', '/history/2018-06'] };
}

const skip = noBrowser !== undefined;

describe('in a browser', () => {
  for (const width of WIDTHS)
    for (const dark of [false, true])
      test.skipIf(skip)(
        says(`at ${width} px, ${dark ? 'by night' : 'by day'}: nothing on the console, nothing sideways, nothing that keeps people out`),
        { timeout: 120_000 },
        async () => {
          const { url, paths } = await aFullPage();
          const { page, wrong, close } = await look({ width, dark });
          for (const path of paths) {
            await page.goto(url + path);
            await isWellMade(page);
          }
          expect(wrong).toEqual([]);
          await close();
        },
      );

  test.skipIf(skip)(says('without JavaScript all of it is there, and its links lead on'), { timeout: 60_000 }, async () => {
    const { url } = await aFullPage();
    const { page, wrong, close } = await look({ width: 390, javaScript: false });
    await page.goto(url);
    await page.click('text=Host nodes reboot by themselves');
    expect(await page.textContent('h1')).toContain('Host nodes reboot');
    expect(await page.locator('.outages tbody tr').count()).toBe(17);
    await page.click('text=History');
    await page.click('text=The panel was slow');
    expect(await page.textContent('.postmortem')).toContain('measure it');
    await page.click('text=Now');
    expect(await page.textContent('h1')).toBe('Major System Outage');
    expect(wrong).toEqual([]);
    await close();
  });

  test.skipIf(skip)(says('published files read the same from a disk, without any server'), { timeout: 60_000 }, async () => {
    const { db, config, fleet, time } = await aFullPage();
    const room = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
    onTestFinished(() => rmSync(room, { recursive: true }));
    await publishPage({ db, log: quietLog, clock: { now: () => time.now }, config: () => config, fleet: () => fleet, url: undefined }, join(room, 'www'));
    const { page, wrong, close } = await look({ width: 390 });
    await page.goto(`file://${room}/www/index.html`);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBeLessThanOrEqual(0);
    await page.click('text=History');
    await page.click('text=The panel was slow');
    expect(await page.textContent('h1')).toBe('The panel was slow');
    await page.click('text=Now');
    expect(await page.textContent('h1')).toBe('Major System Outage');
    expect(wrong).toEqual([]);
    await close();
  });

  test.skipIf(skip)(says('on paper no address of the page itself is printed'), { timeout: 60_000 }, async () => {
    const { url } = await aFullPage();
    const { page, close } = await look({ width: 800 });
    await page.goto(url);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('footer').isVisible()).toBe(false);
    expect(await page.locator('h1').isVisible()).toBe(true);
    await close();
  });
});
