import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { action } from '../../commands/action.ts';
import { incidentPostmortem } from '../../commands/incident-postmortem.ts';
import { openIncident } from '../../src/incidents/begin.ts';
import { moveIncident } from '../../src/incidents/move.ts';
import { openPostmortemFiles } from '../../src/incidents/postmortem/file.ts';
import { temporary } from '../engines.ts';
import { atWork } from '../runs/at-work.ts';

// Each starts a whole Holdfast, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 90_000 });

const DAY = 24 * 3600_000;

/** A resolved incident of ada's, and people who write about it. */
async function resolved(severity: 'critical' | 'major' | 'minor' = 'major') {
  const work = await atWork({ hosts: [{ name: 'web01' }], commands: [incidentPostmortem, ...action], config: { timezone: 'UTC' } });
  const { db, clock, ops } = work;
  const dataDir = temporary('postmortem');
  ops.postmortemFiles = openPostmortemFiles(dataDir);
  const at = clock.now();
  await db.tx((tx) => openIncident(tx, { title: 'db down', severity, hosts: ['web01'], by: 'ada', lead: 'ada', public: true, text: 'We look.', at }));
  await db.tx((tx) =>
    moveIncident(tx, 'INC-1', {
      type: 'hosts down',
      data: { hosts: [{ host: 'web01', at: new Date(at).toISOString() }], source: 'check' },
      by: 'holdfast',
      at,
    }),
  );
  const resolve = () => db.tx((tx) => moveIncident(tx, 'INC-1', { type: 'resolved', data: { text: 'It is over.' }, by: 'ada', at: clock.now() }));
  const said = async (text: string, actor = 'ada') => {
    const from = work.shown.length;
    const outcome = await work.type(text, actor);
    return { outcome, text: work.shown.slice(from).join('\n') };
  };
  const json = async (text: string) => {
    const { text: shown } = await said(`${text} --json`);
    return JSON.parse(shown.slice(shown.indexOf('{')).split('\n')[0] as string);
  };
  return { ...work, dataDir, resolve, said, json };
}

describe('a postmortem', () => {
  test('is written by the section, published as an update once the incident is resolved, and its actions are listed until they are done', async () => {
    const { said, json, resolve, db } = await resolved();
    expect(await said('incident postmortem INC-1 publish')).toMatchObject({ outcome: 'refused', text: expect.stringContaining('resolve it first') });
    await resolve();
    expect((await said('incident postmortem INC-1 summary The disk was full, and nobody was told.')).outcome).toBe('ok');
    expect((await said('incident postmortem INC-1 helped The replica took over.')).outcome).toBe('ok');
    expect((await said('incident postmortem INC-1 action watch the disk @ben')).text).toContain('A1 for ben: watch the disk');
    expect((await said('incident postmortem INC-1 action write the run book')).text).toContain('A2 for ada');
    const draft = await json('show postmortem INC-1');
    expect(draft).toMatchObject({ id: 'INC-1', state: 'draft', missing: ['hurt'], open_actions: 2 });
    expect((await said('show postmortem INC-1')).text).toContain('nobody has written this: incident postmortem INC-1 hurt …');

    const published = await said('incident postmortem INC-1 publish');
    expect(published.outcome).toBe('ok');
    const [row] = await db.query<{ state: string; postmortem: string }>(`select state, postmortem from incidents`);
    expect(row?.state).toBe('postmortem');
    expect(row?.postmortem).toContain('## Summary\n\nThe disk was full, and nobody was told.\n\n## Impact');
    expect(row?.postmortem).toContain('- [ ] watch the disk @ben');
    expect(row?.postmortem).not.toContain('nobody has written');
    const updates = await db.query<{ status: string; body: string }>(`select status, body from incident_updates order by n`);
    expect(updates.at(-1)).toEqual({ status: 'postmortem', body: 'The postmortem of this incident is published. The disk was full, and nobody was told.' });
    // Said twice it is revised, and nothing is made twice.
    await said('incident postmortem INC-1 publish');
    expect((await json('show actions')).actions).toHaveLength(2);

    expect(await said('action done A2', 'ben')).toMatchObject({ outcome: 'refused', text: expect.stringContaining("A2 is ada's") });
    expect((await said('action done A1 because it pages now', 'ben')).outcome).toBe('ok');
    expect((await said('action done A1', 'ben')).outcome).toBe('refused');
    expect((await said('action drop A2 because there is one', 'ada')).outcome).toBe('ok');
    expect((await said('show actions')).text).toContain('Nothing is to be done after an incident.');
  });

  test('is edited as a file on the machine: laid there, taken from there, and its boxes become actions', async () => {
    const { said, json, resolve, dataDir, ops, db } = await resolved();
    await resolve();
    const laid = await said('incident postmortem INC-1 file');
    const file = `${dataDir}/postmortems/INC-1.md`;
    expect(laid.text).toContain(file);
    expect(readFileSync(file, 'utf8')).toContain('## Impact');
    writeFileSync(file, '# db down\n\n## Summary\n\nAll of it *by hand* <script>alert(1)</script>.\n\n- [ ] buy disks @ben\n- [x] say sorry @ada\n');
    expect((await said('incident postmortem INC-1 file')).outcome).toBe('ok');
    expect((await said('incident postmortem INC-1 hurt x')).text).toContain('was written as a whole');
    expect((await said('incident postmortem INC-1 publish')).outcome).toBe('ok');
    expect((await json('show actions')).actions.map((one: Record<string, string>) => [one['text'], one['owner'], one['state']])).toEqual([
      ['buy disks', 'ben', 'open'],
      ['say sorry', 'ada', 'done'],
    ]);
    // What is taken out of the text is dropped; what nobody knows publishes nothing.
    writeFileSync(file, '# db down\n\n- [ ] buy a van @nobody\n');
    await said('incident postmortem INC-1 file');
    const refused = await said('incident postmortem INC-1 publish');
    expect(refused).toMatchObject({ outcome: 'refused', text: expect.stringContaining('Nobody here is called "nobody"') });
    expect((await db.query<{ postmortem: string }>(`select postmortem from incidents`))[0]?.postmortem).toContain('buy disks');
    writeFileSync(file, '# db down\n\n- [ ] buy a van @ben\n');
    await said('incident postmortem INC-1 file');
    await said('incident postmortem INC-1 publish');
    expect((await json('show actions')).actions.filter(({ state }: { state: string }) => state === 'open')).toMatchObject([
      { text: 'buy a van', owner: 'ben' },
    ]);
    // Never a link to something else, and nothing that is no text.
    rmSync(file);
    symlinkSync('/etc/passwd', file);
    expect((await said('incident postmortem INC-1 file')).text).toContain('links are not followed');
    rmSync(file);
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00]));
    expect((await said('incident postmortem INC-1 file')).text).toContain('no UTF-8 text');
    expect(existsSync(file)).toBe(true);
    expect(ops.postmortemFiles?.at('INC-1')).toBe(file);
  });

  test('that is due after three working days is asked of whoever leads, and each week until it is published or said to be none', async () => {
    const { resolve, pass, shown, said } = await resolved();
    await resolve();
    const asked = () => shown.join('\n').match(/^to ada by dm .*INC-1 waits for its postmortem/gm)?.length ?? 0;
    // Tuesday; Friday morning is the third working day.
    await pass(2.9 * DAY);
    expect(asked()).toBe(0);
    await pass(0.2 * DAY);
    expect(asked()).toBe(1);
    await pass(7 * DAY);
    expect(asked()).toBe(2);
    expect((await said('incident postmortem INC-1 none because it was a drill')).text).toContain('INC-1 has no postmortem: it was a drill');
    await pass(21 * DAY);
    expect(asked()).toBe(2);
  });

  test('of a minor incident nobody is reminded', async () => {
    const { resolve, pass, shown } = await resolved('minor');
    await resolve();
    await pass(8 * DAY);
    expect(shown.join('\n')).not.toContain('waits for its postmortem');
  });

  test('its actions wait for their owners each week', async () => {
    const { resolve, said, pass, shown } = await resolved();
    await resolve();
    await said('incident postmortem INC-1 action watch the disk @ben');
    const asked = () => shown.join('\n').match(/^to ben by dm .*A1 waits for you: watch the disk/gm)?.length ?? 0;
    await pass(6.9 * DAY);
    expect(asked()).toBe(0);
    await pass(0.2 * DAY);
    expect(asked()).toBe(1);
    await pass(7 * DAY);
    expect(asked()).toBe(2);
    await said('action done A1', 'ben');
    await pass(14 * DAY);
    expect(asked()).toBe(2);
  });

  test('what cannot be done is refused, with what can, and changes nothing', async () => {
    const { said, db } = await resolved();
    for (const [line, why] of [
      ['incident postmortem INC-9', 'There is no INC-9'],
      ['incident postmortem INC-9 summary x', 'There is no INC-9'],
      ['incident postmortem', 'No incident is there to write about'],
      ['incident postmortem INC-1 summary', 'Say it behind the word'],
      ['incident postmortem INC-1 whatever', 'What of it?'],
      ['incident postmortem INC-1 none', 'Say why'],
      ['incident postmortem INC-1 action do it @nobody', 'Nobody here is called "nobody"'],
      ['show postmortem', 'Of which incident?'],
      ['action done A7', 'There is no A7'],
    ] as const) {
      const answer = await said(line);
      expect([line, answer.outcome]).toEqual([line, 'refused']);
      expect(answer.text).toContain(why);
    }
    expect((await said('incident postmortem INC-1 summary x', 'ben')).text).toContain('needs the role operator');
    expect(await db.query(`select 1 from postmortems union all select 1 from actions`)).toEqual([]);
  });
});
