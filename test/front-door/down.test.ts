import { afterAll, expect, test } from 'vitest';
import { dataDirectory, piped } from './holdfast.ts';

/** Hosts that stop answering, as a stranger tries it in the sandbox: nobody types a check, time is moved. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

const env = (more: Record<string, string> = {}): Record<string, string> => {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  return { HOLDFAST_DATA: dataDir, ...more };
};

test('a host that dies is paged for within two minutes without anybody asking, and it is over when it is back', { timeout: 180_000 }, async () => {
  const { code, stdout, stderr } = await piped(
    [
      'wait 1m',
      '/ops sandbox web03 dead',
      'wait 2m',
      '/ops show PG1 --json',
      '/ops show @down',
      '/ops sandbox web03 ok',
      'wait 3m',
      '/ops show pages',
      '/ops show INC-1',
    ],
    { env: env({ HOLDFAST_DOWN: 'yes' }) },
  );
  expect(stdout).toMatch(/^to ada by dm \(id \S+\): .*PG1: web03: does not answer$/m);
  const page = JSON.parse(stdout.match(/^\{.*"id":"PG1".*$/m)?.[0] ?? '{}');
  expect(page).toMatchObject({ state: 'open', to: 'service:web', by: 'holdfast', about: 'web03' });
  expect(page.alerts).toMatchObject([{ integration: 'down', hosts: ['web03'], details: { reach: 'refused' }, incident: 'INC-1' }]);
  expect(stdout).toMatch(/^to ada by dm \(id \S+\): .*PG1 is over: down says it is over$/m);
  expect(stdout).toMatch(/0 pages wait for an answer/);
  expect(stderr).not.toContain('"level":50');
  expect(code).toBe(0);
});

test('a hypervisor that dies takes its guests along: one page, to whoever answers for it', { timeout: 180_000 }, async () => {
  const { stdout } = await piped(['wait 1m', '/ops sandbox kvm01 dead', 'wait 2m', '/ops show pages --json'], { env: env({ HOLDFAST_DOWN: 'yes' }) });
  const { pages } = JSON.parse(stdout.match(/^\{.*"pages".*$/m)?.[0] ?? '{"pages":[]}');
  expect(pages).toHaveLength(1);
  expect(pages[0]).toMatchObject({ to: 'service:kvm', about: 'kvm01' });
});

test('unasked, the sandbox looks at nobody by itself', { timeout: 180_000 }, async () => {
  const { stdout } = await piped(['/ops sandbox web03 dead', 'wait 10m', '/ops show pages'], { env: env() });
  expect(stdout).toContain('No page was ever sent.');
});
