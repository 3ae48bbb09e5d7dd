import { afterAll, expect, test } from 'vitest';
import { dataDirectory, piped } from './holdfast.ts';

const leftovers: (() => unknown)[] = [];
afterAll(() => {
  for (const leftover of leftovers) leftover();
});

test('an incident as a stranger tries it: opened, a host seen down and back, identified, monitored, a forgotten host asked about, resolved', {
  timeout: 240_000,
}, async () => {
  const { dataDir, remove } = dataDirectory();
  leftovers.push(remove);
  const { code, stdout } = await piped(
    [
      '/ops check @web',
      '@ada /ops incident open "the shop is slow" severity major affects web01',
      '/ops sandbox web03 dead',
      '/ops check @web',
      '@ada /ops incident update “We believe it’s the cable.”',
      '@ada /ops incident identify INC-1 It is the cable.',
      'wait 10m',
      '/ops sandbox web03 ok',
      '/ops check @web',
      '@ada /ops incident monitor The cable was replaced.',
      '@ada /ops incident note "web02 was slow, too" on web02',
      '@ada /ops incident resolve INC-1 "web01 was restarted, all is well." anyway',
      '/ops show INC-1',
      '/ops show INC-1 --json',
      '/ops show incidents --json',
      '/ops status --json',
    ],
    { env: { HOLDFAST_DATA: dataDir, PRIVATE_PORT: '0', PORT: '0' } },
  );
  const documents = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, never>] : []));
  const [incident, list, status] = documents as unknown as [
    {
      state: string;
      components: { component: string; status: string }[];
      updates: { status: string; text: string }[];
      hosts: { host: string; down: string | null; up: string | null; minutes: number | null; source: string }[];
      contradictions: { kind: string; hosts: string[] }[];
      timeline: { kind: string; says: string }[];
    },
    { incidents: { id: string; state: string; hosts: number }[] },
    { incidents: unknown[] },
  ];
  expect(stdout).toMatch(/INC-1 major, investigating: the shop is slow\n/);
  expect(stdout).toMatch(/INC-1 Identified: the shop is slow\nIt is the cable.\nnext update promised for \d\d:\d\d/);
  expect(incident.updates.map(({ status: state }) => state)).toEqual(['investigating', 'investigating', 'identified', 'monitoring', 'resolved']);
  expect(incident.updates[1]?.text).toBe('We believe it’s the cable.');
  const web03 = incident.hosts.find(({ host }) => host === 'web03');
  expect(web03).toMatchObject({ source: 'check' });
  expect(web03?.minutes).toBeGreaterThanOrEqual(10);
  expect(incident.components).toEqual([expect.objectContaining({ component: 'Web', status: 'operational' })]);
  // web02 was never down; the last words name web01, and not web03, which was.
  expect(incident.contradictions.map(({ kind, hosts }) => `${kind}: ${hosts.join()}`)).toEqual(['named, never down: web02', 'down, not named: web03']);
  expect(incident.timeline.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['incident', 'outage', 'update', 'note', 'command']));
  expect(incident.timeline.map(({ says }) => says)).toContain('typed /ops sandbox web03 dead');
  expect(list.incidents).toEqual([expect.objectContaining({ id: 'INC-1', state: 'resolved' })]);
  expect(status.incidents).toEqual([]);
  expect(code).toBe(0);
});
