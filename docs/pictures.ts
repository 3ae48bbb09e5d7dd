import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { packageRoot } from '../src/root.ts';

/**
 * The pictures of the README, `npm run pictures`: the sandbox in a folder of its own, a story typed into it, and what a browser then shows of it.
 * Nothing in them is made up. Each line waits for what it says; a pattern, for what is awaited besides.
 */
const BROWSER = '/usr/bin/chromium';
/** Bytes of a picture: a README is read on a phone, too. */
const LARGEST = 150_000;

const BEFORE: [line: string, says: RegExp][] = [
  ['/ops check @web,@db', /^✓|^✗|^!/m],
  ['/ops pause updates @db for 7d because the vendor looks into it', /H1/],
  ['/ops sandbox web03 dead', /web03/],
  ['/ops sandbox web05 half-dead', /web05/],
  ['/ops incident open "Websites are slow" severity major affects @web', /INC-1/],
  ['@ada /ops take INC-1', /INC-1/],
  ['/ops check @web', /web03/],
  ['@ada /ops incident identify INC-1 Two of six web servers are down; the others take over.', /INC-1 Identified/],
  ['wait 12m', /went by/],
  ['@pepe /ops ack', /is with pepe|Which one/],
  ['/ops sandbox web03 ok', /web03/],
  ['/ops check @web', /web05/],
  ['@ada /ops incident update INC-1 web03 is back. We look at web05.', /web03 is back/],
  ['/ops reboot @kvm batch 2 because the kernel is old', /R\d+ waits|waits for approval|approve R\d/],
  ['@ada /ops approve R2 &', /R2/],
  ['wait 14m', /went by/],
  ['/ops page db "replication is 40 minutes behind"', /PG\d/],
  ['wait 1m', /went by/],
];

const AFTER: [line: string, says: RegExp][] = [
  ['/ops sandbox web05 ok', /web05/],
  ['/ops check @web', /web\[01-06\] ok|✗|!/],
  ['/ops incident monitor INC-1 All six web servers answer. We watch them.', /INC-1 Monitoring/],
  ['wait 20m', /went by/],
  ['/ops incident resolve INC-1 All six web servers are well: web01, web02, web03, web04, web05 and web06.', /INC-1 Resolved/],
  ['/ops incident postmortem INC-1 summary A power supply failed in a rack that has one feed. Two of six web servers went down with it.', /written/],
  ['/ops incident postmortem INC-1 helped The other four took over within a minute.', /written/],
  ['/ops incident postmortem INC-1 hurt Nobody knew which servers share a feed.', /written/],
  ['/ops incident postmortem INC-1 action give the rack a second feed @ada', /A1/],
  ['/ops incident postmortem INC-1 publish', /the postmortem is published/],
];

const data = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'));
const env = { ...process.env, HOLDFAST_DATA: data, HOLDFAST_LOG: 'error', PORT: '0', PRIVATE_PORT: '0' };
const running = spawn(process.execPath, [join(packageRoot, 'bin', 'holdfast.mjs'), 'start', '--speed', '5'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
let printed = '';
running.stdout.setEncoding('utf8').on('data', (text: string) => {
  printed += text;
  running.emit('printed');
});

/** Resolves when it stands in what was printed from there on. */
async function says(pattern: RegExp, from: number): Promise<RegExpMatchArray> {
  for (;;) {
    const found = printed.slice(from).match(pattern);
    if (found) return found;
    await once(running, 'printed');
  }
}

async function type(lines: readonly [string, RegExp][]): Promise<void> {
  for (const [line, pattern] of lines) {
    const from = printed.length;
    running.stdin.write(`${line}\n`);
    await says(pattern, from);
    console.log(line, printed.slice(from).split('\n').slice(0, 2));
  }
}

const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' });

async function picture(name: string, height: number): Promise<void> {
  const path = join(packageRoot, 'docs', `${name}.png`);
  await page.setViewportSize({ width: 1200, height });
  await page.screenshot({ path, clip: { x: 0, y: 0, width: 1200, height } });
  const { size } = statSync(path);
  console.log(`${path}: ${Math.round(size / 1000)} kB`);
  if (size > LARGEST) throw new Error(`${path} is larger than ${LARGEST} bytes`);
}

try {
  if (!existsSync(BROWSER)) throw new Error(`there is no ${BROWSER} (apt install chromium)`);
  const [, address = ''] = await says(/What the public reads: (http:\S+)/, 0);
  await type(BEFORE);
  const from = printed.length;
  running.stdin.write('/ops board\n');
  const [link] = await says(/http:\S+\/board\/open\/[\w-]{43}/, from);
  await page.goto(link);
  await page.getByRole('button').click();
  await page.getByText('● live').waitFor();
  await picture('board', 900);
  await page.goto(address);
  await picture('status-page', 800);
  await type(AFTER);
  const { incidents } = (await (await fetch(`${address}/api/v2/incidents.json`)).json()) as { incidents: { id: string }[] };
  await page.goto(`${address}/incidents/${incidents[0]?.id}`);
  await picture('incident', 1100);
} finally {
  await browser.close();
  running.stdin.end();
  running.kill();
  await once(running, 'exit');
  rmSync(data, { recursive: true, force: true });
}
