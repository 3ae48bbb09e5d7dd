import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Refusal } from '../../src/lib/refusal.ts';
import { publishPage } from '../../src/status/publish.ts';
import { quietLog } from '../quiet-log.ts';
import { aPage, at } from './a-page.ts';

async function published() {
  const page = await aPage();
  const room = mkdtempSync(join(tmpdir(), 'holdfast-publish-'));
  onTestFinished(() => rmSync(room, { recursive: true, force: true }));
  const dir = join(room, 'www');
  const { db, config, fleet, time } = page;
  const publish = () => publishPage({ db, log: quietLog, clock: { now: () => time.now }, config: () => config, fleet: () => fleet, url: undefined }, dir);
  return { ...page, room, dir, publish, file: (name: string) => readFileSync(join(dir, name), 'utf8') };
}

describe('holdfast publish', () => {
  test('writes the page with everything that hangs on it, and every link in it leads to a file', async () => {
    const page = await published();
    const old = await page.tell({ title: 'Long ago', state: 'resolved', opened: at('2018-01-02 10:00'), resolved: at('2018-01-02 11:00') });
    const now = await page.tell({ updates: [{ status: 'investigating', body: 'We are looking.', at: at('20:13') }] });
    expect(await page.publish()).toBe(`published to ${page.dir}: ${2 + 2 + 2 + 5 + 8} files`);
    expect(page.file('index.html')).toContain('We are looking.');
    expect(page.file(`incidents/${old}.html`)).toContain('Long ago');
    expect(JSON.parse(page.file('api/v2/incidents/unresolved.json')).incidents[0].id).toBe(now);
    // Also from outside: an address of the page is a file of it.
    await page.tell({ kind: 'maintenance', state: 'scheduled', scheduled_for: at('23:00'), scheduled_until: at('23:30') });
    await page.publish();
    const named = ['history.rss', 'history.atom', 'calendar.ics', 'api/v2/incidents.json', 'api/v2/summary.json'].map((name) => {
      const text = page
        .file(name)
        .replaceAll('\r\n ', '')
        .replace(/<guid isPermaLink="false">.*?<\/guid>/g, '');
      const addresses = [...text.matchAll(/https:\/\/status\.example\.org\/(incidents\/[\w.-]+)/g)].map(([, file]) => file as string);
      for (const file of addresses) expect(existsSync(join(page.dir, file)), `${file} in ${name}`).toBe(true);
      return addresses.length > 0;
    });
    expect(named).toEqual([true, true, true, true, true]);
    for (const name of readdirSync(page.dir, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.html')))
      for (const [, link = ''] of page.file(name).matchAll(/(?:href|src)="(?!https?:|mailto:|#)([^"]*)"/g))
        expect(existsSync(join(page.dir, dirname(name), link)), `${link} in ${name}`).toBe(true);
    expect(statSync(join(page.dir, 'index.html')).mode & 0o777).toBe(0o644);
    expect(statSync(page.dir).mode & 0o777).toBe(0o755);
  });

  test('replaces the folder as one, and leaves nothing beside it', async () => {
    const page = await published();
    const code = await page.tell({ id: 'INC-1' });
    await page.publish();
    await page.tell({ id: 'INC-1', code, public: false });
    await page.publish();
    expect(existsSync(join(page.dir, `incidents/${code}.html`))).toBe(false);
    expect(readdirSync(page.room)).toEqual(['www']);
  });

  test('writes all of it or nothing: what fails half-way leaves the old one as it was', async () => {
    const page = await published();
    await page.publish();
    const before = page.file('index.html');
    page.time.now += 1000;
    page.db.tx = () => Promise.reject(new Error('down'));
    await expect(page.publish()).rejects.toThrow('down');
    expect(page.file('index.html')).toBe(before);
    expect(readdirSync(page.room)).toEqual(['www']);
  });

  test('a power cut between taking the old one away and putting the new one there costs nothing', async () => {
    const page = await published();
    await page.publish();
    const { renameSync } = await import('node:fs');
    renameSync(page.dir, join(page.room, '.www.before'));
    await page.publish();
    expect(page.file('index.html')).toContain('All Systems Operational');
    expect(readdirSync(page.room)).toEqual(['www']);
  });

  test('refuses a folder that holds something else, and a place there is not', async () => {
    const page = await published();
    mkdirSync(page.dir);
    writeFileSync(join(page.dir, 'thesis.txt'), 'of years');
    await expect(page.publish()).rejects.toThrow(Refusal);
    expect(readdirSync(page.dir)).toEqual(['thesis.txt']);
    rmSync(page.dir, { recursive: true });
    writeFileSync(page.dir, 'a file');
    await expect(page.publish()).rejects.toThrow('is no folder');
    rmSync(page.room, { recursive: true });
    await expect(page.publish()).rejects.toThrow('There is no folder');
  });
});
