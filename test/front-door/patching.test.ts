import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataDirectory, piped } from './holdfast.ts';

/** Rules, patches, named scripts and the audit at the end, as they are typed into the sandbox. */
const { dataDir, remove } = dataDirectory();
afterAll(remove);

const LINES = [
  '/ops check @all',
  '/ops exclude web0[1-2] from package "linux-image*" because they do not boot it',
  '/ops patch @web simulate --json',
  '/ops patch lab01',
  '/ops patch @db',
  '@ada /ops patch web01,web03',
  '@ada /ops approve R2',
  '@pepe /ops approve R2',
  '/ops show versions @web --json',
  '/ops undo R1',
  '/ops exclude lab02 from job patch because it is the reference',
  '/ops patch lab02 plan',
  '/ops undo E2',
  '/ops script disk-usage db01 --json',
  '/ops script maintenance-on lab02',
  '/ops show R4 --json',
  '/ops undo R4',
  '/ops script restart-service lab01 service=$(reboot)',
  '/ops script maintenance-on lab02 batch 1 extra "x"',
];

let stdout = '';
let code: number | null = 0;
const documents = () => stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));

beforeAll(async () => {
  ({ stdout, code } = await piped(LINES, { env: { HOLDFAST_DATA: dataDir } }));
}, 150_000);

type Hosts = { hosts: { host: string; output: string; outcome: string; detail: string | null; reasons: string[] }[] };

describe('patching in the sandbox', () => {
  test('says before what would be upgraded and restarted, and keeps off what a rule keeps off', () => {
    const { hosts } = documents()[0] as Hosts;
    expect(hosts.find(({ host }) => host === 'web03')?.output).toMatch(
      /^5 packages .*linux-image.*\n.*\nrestarts nginx\.service\nbrings the kernel linux-image-6\.1\.0-41-amd64$/s,
    );
    expect(hosts.find(({ host }) => host === 'web01')?.output).toMatch(/^3 packages /);
  });

  test('refuses a database primary by name, and asks a second person for production', () => {
    expect(stdout).toMatch(/db01 is a database primary, and an upgrade may restart its database/);
    expect(stdout).toMatch(/✓ R2 done: 2\/2, never more than 1/);
  });

  test('the audit names who is not on target and why', () => {
    const { hosts } = documents()[1] as Hosts;
    const why = (name: string) => hosts.find(({ host }) => host === name)?.reasons;
    expect(why('web01')).toEqual(['excluded by E1: linux-image* stays off', 'patch in R2 was ok, and did not bring it']);
    expect(why('web02')).toEqual(['excluded by E1: linux-image* stays off']);
    expect(why('web03')).toEqual(['reboot pending: 6.1.0-41-amd64 is installed']);
    expect(why('web04')).toEqual(['never asked: no run was to patch it']);
  });

  test('puts back what it changed, and a rule leaves a host out until it is ended', () => {
    expect(stdout).toMatch(/✓ R3 done: 1\/1.*\nundo of R1: patch lab01: 1 ok/);
    expect(stdout).toMatch(/it is the reference/);
    expect(stdout).toMatch(/E2 no longer holds/);
  });
});

describe('named scripts in the sandbox', () => {
  test('that read are answered without a run; what they printed is the answer', () => {
    const { hosts } = documents()[2] as Hosts;
    expect(hosts).toMatchObject([{ host: 'db01', outcome: 'ok', output: expect.stringMatching(/^\/ \d+%\n\/var\/lib\/postgresql \d+%$/) }]);
  });

  test('that change are a run with the output in its result, taken back by the script that was named for it', () => {
    expect(documents()[3]).toMatchObject({
      id: 'R4',
      job: 'script',
      hosts: [{ host: 'lab02', outcome: 'ok', output: 'on', detail: 'maintenance-on ended well: on' }],
    });
    expect(stdout).toMatch(/undo of R4: script maintenance-on lab02: 1 ok/);
  });

  test('take no free shell and nothing undeclared; a refused line makes the exit code', () => {
    expect(stdout).toMatch(/service: "\$\(reboot\)" is none of nginx, postgresql, ssh/);
    expect(stdout).toMatch(/"extra" is no parameter of maintenance-on: it takes none/);
    expect(code).not.toBe(0);
  });
});
