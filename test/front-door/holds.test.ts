import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataDirectory, piped } from './holdfast.ts';

/** BinaryLane's evening with Holdfast at hand: pause everywhere at once, take the patch off carefully, and nothing resumes by itself. */
type Hold = { id: string; state: string; hosts: { host: string; state: string; detail: string | null; recorded: number }[] };
type Run = { id: string; state: string; approvals: unknown[]; hosts: { host: string; outcome: string; wave: number }[] };

const documents = <Document>(text: string): Document[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
const standing = ({ hosts }: Hold, state: string): string[] => hosts.filter((host) => host.state === state).map(({ host }) => host);

/** Nobody is asked at night what can wait, and tests run at any hour: from 07:00 to 18:00 UTC at once, else time passes until nine. */
function untilDay(): string[] {
  const hour = new Date().getUTCHours() + new Date().getUTCMinutes() / 60;
  if (hour >= 7 && hour < 18) return [];
  return [`wait ${Math.ceil((((33 - hour) % 24) + 0.02) * 60)}m`];
}

describe('a hold on updates, from its first minute to its end', () => {
  const { dataDir, remove } = dataDirectory();
  afterAll(remove);
  let stdout: string;
  let holds: Hold[];
  let code: number | null;

  beforeAll(async () => {
    const lines = [
      ...untilDay(),
      '/ops sandbox kvm05 dead',
      '/ops pause updates @all source kernelcare for 1h because K20180618_01 panics',
      '/ops show R1 --json',
      '/ops show H1 --json',
      '/ops sandbox kvm05 ok',
      '/ops check kvm05',
      'wait 1m',
      '/ops show H1 --json',
      '/ops check kvm01',
      '/ops show kvm01 --json',
      'wait 70m',
      '/ops sandbox kvm03 update_agents=[{"name":"kernelcare","state":"on"}]',
      'wait 16m',
      '/ops show @H1:drifted --json',
      '/ops resume updates H1',
      // Half an hour of soaks goes by at once.
      '@ada /ops approve R2 &',
      'wait 30m',
      '/ops show H1 --json',
    ];
    ({ stdout, code } = await piped(lines, { env: { HOLDFAST_DATA: dataDir } }));
    holds = documents<Hold>(stdout).filter(({ id }) => id === 'H1');
  }, 120_000);

  test('needs nobody’s approval, and does to each host what can be done', () => {
    const run = documents<Run>(stdout).find(({ id }) => id === 'R1');
    expect(run).toMatchObject({ state: 'done', approvals: [] });
    const outcomes = new Map(run?.hosts.map(({ host, outcome }) => [host, outcome]));
    expect(outcomes.size).toBe(29);
    expect([outcomes.get('kvm01'), outcomes.get('kvm05'), outcomes.get('web01')]).toEqual(['ok', 'unverified', 'already']);
  });

  test('a dead host is not verified, and is paused the moment it is heard of', () => {
    const [first, second] = holds as [Hold, Hold];
    expect(standing(first, 'unverified')).toEqual(['kvm05']);
    expect(standing(first, 'held')).toHaveLength(11);
    expect(first.hosts.find(({ host }) => host === 'kvm01')?.recorded).toBeGreaterThan(2);
    expect(first.hosts.find(({ host }) => host === 'web01')).toMatchObject({ state: 'resumed', detail: 'has no kernelcare' });
    expect(standing(second, 'held')).toHaveLength(12);
  });

  test('a check says so too', () => {
    const shown = documents<{ hosts: { host: string; facts: { update_agents?: unknown[] } }[] }>(stdout).find(
      ({ hosts }) => hosts?.[0]?.host === 'kvm01' && hosts[0].facts,
    );
    expect(shown?.hosts[0]?.facts.update_agents).toContainEqual(expect.objectContaining({ name: 'kernelcare', state: 'held' }));
  });

  test('its end asks its owner and changes nothing', () => {
    expect(stdout).toMatch(/^to you by dm .*PG\d+: H1 ends in .* and does not by itself: "resume updates H1"/m);
    expect(stdout.match(/H1 ends in .* and does not by itself/g)).toHaveLength(1);
    expect(stdout).toMatch(/^ {4}\/ops resume updates H1 {3}\[Resume\]$/m);
  });

  test('what came back by itself is found, and somebody is asked', () => {
    expect(stdout).toMatch(/H1: updates are paused and kvm03 updates all the same: \/etc\/cron.d\/kcare-cron: is there again/);
    const drifted = documents<{ hosts: { host: string; findings: { hazard: string; severity: string }[] }[] }>(stdout).find(
      ({ hosts }) => hosts?.[0]?.host === 'kvm03',
    );
    expect(drifted?.hosts.map(({ host }) => host)).toEqual(['kvm03']);
    expect(drifted?.hosts[0]?.findings).toContainEqual(expect.objectContaining({ hazard: 'hold-drift', severity: 'critical' }));
  });

  test('a second person says yes to its end, a few hosts at a time get their updates back, and then it is over', () => {
    expect(stdout).toMatch(/R2 waits for approval: resume updates @H1, 12 hosts, at most 1 at once/);
    const last = holds.at(-1) as Hold;
    expect(last.state).toBe('ended');
    expect(standing(last, 'resumed')).toHaveLength(29);
    expect(code).toBe(0);
  });
});

describe('the patch itself', () => {
  const { dataDir, remove } = dataDirectory();
  afterAll(remove);
  let stdout: string;

  beforeAll(async () => {
    const kvm = Array.from({ length: 12 }, (_, n) => `kvm${String(n + 1).padStart(2, '0')}`);
    const lines = [
      '/ops unload kernelcare @kvm',
      '/ops pause updates @kvm source kernelcare',
      // Whichever goes first panics as its kernel is changed.
      ...kvm.map((host) => `/ops sandbox ${host} no-return`),
      '/ops unload kernelcare @kvm because K20180618_01 panics',
      '@ada /ops approve R2',
      '/ops show R2 --json',
    ];
    ({ stdout } = await piped(lines, { env: { HOLDFAST_DATA: dataDir } }));
  }, 120_000);

  test('is not taken off while its updates would put it back', () => {
    expect(stdout).toMatch(/Updates of KernelCare are not paused on 12 of 12 .*First: pause updates @kvm source kernelcare/);
  });

  test('goes from one host first; when that one panics nothing else is touched', () => {
    const run = documents<Run>(stdout).find(({ id }) => id === 'R2');
    expect(run?.state).toBe('halted');
    const outcomes = run?.hosts.map(({ outcome }) => outcome ?? 'not started') ?? [];
    expect(outcomes.filter((outcome) => outcome === 'lost')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(0);
  });
});
