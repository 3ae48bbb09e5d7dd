import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dataDirectory, finished, holdfast } from './holdfast.ts';

/** The page as a stranger finds it: the program says where it is, and what is typed is read there at once. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers.reverse()) await leftover();
});

describe('the status page of the sandbox', () => {
  test('is where the first words say, tells what is typed at once on every surface, gives way to a taken port, and outlives the program as files', {
    timeout: 240_000,
  }, async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    leftovers.push(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    const { dataDir, remove } = dataDirectory();
    leftovers.push(remove);
    const env = { HOLDFAST_DATA: dataDir, PORT: String(port), PRIVATE_PORT: '0' };
    const program = holdfast(['start'], { env });
    leftovers.push(() => program.child.kill('SIGKILL'));
    const [, url = '', other] = await program.says(/What the public reads: (http:\/\/127\.0\.0\.1:\d+) \(port (\d+) is taken\)/);
    expect(other).toBe(String(port));
    const read = async (path: string): Promise<string> => (await fetch(url + path)).text();
    const summary = async () => JSON.parse(await read('/api/v2/summary.json'));

    expect(await read('/')).toContain('All Systems Operational');
    await program.asks('/ops incident open "The shop is slow" severity critical affects @web', /INC-1 critical, investigating/);
    expect(await read('/')).toContain('The shop is slow');
    const [incident] = (await summary()).incidents;
    expect(incident).toMatchObject({ name: 'The shop is slow', status: 'investigating', impact: 'critical' });
    expect(incident.components.map(({ name }: { name: string }) => name)).toEqual(['Web']);
    for (const path of ['/history.rss', '/history.atom', `/incidents/${incident.id}`, '/history']) expect(await read(path), path).toContain('The shop is slow');

    await program.asks('/ops incident identify INC-1 A cable is loose.', /INC-1 Identified/);
    expect((await summary()).incidents[0]).toMatchObject({ status: 'identified', incident_updates: [{ body: 'A cable is loose.' }, {}] });
    await program.asks('/ops incident resolve INC-1 "The cable was replaced." anyway', /INC-1 Resolved/);
    expect((await summary()).incidents).toEqual([]);
    expect(await read('/history.rss')).toContain('&lt;strong&gt;Resolved&lt;/strong&gt; - The cable was replaced.');

    const www = join(dataDir, 'www');
    const said = await finished(['publish', www], { env });
    expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining(`published to ${www}`) });
    program.end();
    expect((await program.ended).code).toBe(0);
    expect(readFileSync(join(www, `incidents/${incident.id}.html`), 'utf8')).toContain('The cable was replaced.');
    // Also when nothing runs any more.
    const again = await finished(['publish', join(dataDir, 'again')], { env });
    expect(again.code).toBe(0);
    expect(existsSync(join(dataDir, 'again', 'index.html'))).toBe(true);
  });
});
