import { expect, test } from 'vitest';
import { dataDirectory, holdfast } from './holdfast.ts';

/** The board and the postmortem as a stranger tries them: lines typed into the program, and what a browser and the public get. */
test('a link that is typed for opens the board of the sandbox, and what is said of an incident is there, and in the end its postmortem for the public', {
  timeout: 180_000,
}, async () => {
  const { dataDir, remove } = dataDirectory();
  const program = holdfast(['start'], { env: { HOLDFAST_DATA: dataDir, PORT: '0', PRIVATE_PORT: '0' } });
  try {
    const [, url = ''] = (await program.asks('/ops board', /http:\S+\/board\/open\/[\w-]{43}/)).match(/(http:\S+\/board\/open\/[\w-]{43})/) ?? [];
    expect((await fetch(url)).status).toBe(200);
    const opened = await fetch(url, { method: 'POST', redirect: 'manual' });
    expect(opened.status).toBe(303);
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    const board = async () => (await (await fetch(new URL('/board', url), { headers: { cookie } })).text()).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(await board()).toContain('No incident is open.');
    await program.asks('/ops incident open "Web is slow" severity major affects @web', /INC-1/);
    // Read once a second at most.
    await expect.poll(board, { timeout: 5_000 }).toContain('! major INC-1 Web is slow');
    expect(await board()).toMatch(/6 hosts: web\[01-06\]/);

    await program.asks('/ops incident resolve INC-1 All of it is well again.', /INC-1 Resolved/);
    await program.asks('/ops incident postmortem INC-1 summary One cable was broken.', /summary of the postmortem of INC-1 is written/);
    await program.asks('/ops incident postmortem INC-1 action replace the cable @ada', /A1 for ada: replace the cable/);
    const shown = await program.asks('/ops show postmortem INC-1', /## Actions[\s\S]*@ada/);
    expect(shown).toMatch(/## Summary\n\s*\n\s*One cable was broken\./);
    await program.asks('/ops incident postmortem INC-1 publish', /the postmortem is published/);
    expect(await program.asks('/ops show actions', /A1 .*replace the cable/)).toContain('1 action is to be done');
    const [, page = ''] = await program.says(/What the public reads: (http:\S+)/);
    const { incidents } = (await (await fetch(`${page}/api/v2/incidents.json`)).json()) as { incidents: { id: string; status: string }[] };
    expect(incidents).toMatchObject([{ status: 'postmortem' }]);
    const incident = await (await fetch(`${page}/incidents/${incidents[0]?.id}`)).text();
    expect(incident).toMatch(/<h\d>Summary<\/h\d><p>One cable was broken\.<\/p>/);
    expect(incident).toContain('<li>☐ replace the cable @ada</li>');
    program.end();
    expect((await program.ended).code).toBe(0);
    expect(program.stderr()).not.toContain('"level":50');
  } finally {
    program.child.kill('SIGKILL');
    remove();
  }
});
