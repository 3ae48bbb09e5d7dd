import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { findProgram } from '../engines.ts';

const PROGRAM = findProgram('chromium');
/** Why nothing can be looked at in a browser here; absent where there is one. */
export const noBrowser = PROGRAM ? undefined : 'there is no chromium (apt install chromium)';
export const says = (name: string): string => (noBrowser ? `${name}: skipped, ${noBrowser}` : name);

/** A phone and a desk. */
export const WIDTHS = [390, 1440] as const;

let started: Promise<Browser> | undefined;
afterAll(async () => {
  await (await started)?.close();
  started = undefined;
});

interface Looking {
  width?: number;
  dark?: boolean;
  javaScript?: boolean;
}

/** A page of a headless Chromium of its own, with everything its console and its network complained about. */
export async function look({ width = 1440, dark = false, javaScript = true }: Looking = {}): Promise<{ page: Page; wrong: string[]; close(): Promise<void> }> {
  started ??= chromium.launch({ executablePath: PROGRAM as string, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  const browser = await started;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: javaScript });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('requestfailed', (request) => wrong.push(`${request.url()} ${request.failure()?.errorText}`));
  return { page, wrong, close: () => context.close() };
}

/** What axe-core calls serious or critical; and that nothing has to be moved sideways to be read. */
export async function isWellMade(page: Page): Promise<void> {
  // The program runs beside the page's own policy, which would let no other script in.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe, document } = globalThis as unknown as { axe: typeof import('axe-core'); document: never };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`);
  });
  expect(found).toEqual([]);
  const sideways = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(sideways, 'it can be moved sideways').toBeLessThanOrEqual(0);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
