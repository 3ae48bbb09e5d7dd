import { afterAll, expect, test } from 'vitest';
import { dataDirectory, piped } from './holdfast.ts';

const { dataDir, remove } = dataDirectory();
afterAll(remove);

test('piped into npm start: who is on call, somebody goes away and is covered, and the status says so', { timeout: 120_000 }, async () => {
  const { code, stdout } = await piped(
    [
      '/ops oncall',
      '@ada /ops away for 3d because I am ill',
      '@kim /ops cover web for 8h',
      '/ops oncall web',
      '/ops status',
      '/ops show runbook web --json',
      '@ada /ops back',
    ],
    { env: { HOLDFAST_DATA: dataDir } },
  );
  expect(stdout).toMatch(/^✓ ada on call \(\d\d:\d\d for her\)$/m);
  expect(stdout).toMatch(/^to pepe by \w+ \(id m\d+\): ada is away until .* Europe\/Berlin \(in 3 d\) because I am ill$/m);
  expect(stdout).toMatch(/^to ada by \w+ \(id m\d+\): kim covers the service web until .* Asia\/Seoul \(in 8 h\)$/m);
  expect(stdout).toMatch(/^✓ web: kim on call \(\d\d:\d\d for her\)$/m);
  expect(stdout).toMatch(/29 hosts, none asked yet · kim \(\d\d:\d\d\), pepe \(\d\d:\d\d\) on call$/m);
  expect(stdout).toMatch(/^\{"steps":\["Look what the broken ones share: check @web",.*"service":"web"/m);
  expect(stdout).toMatch(/^✓ ada is back$/m);
  expect(code).toBe(0);
});
