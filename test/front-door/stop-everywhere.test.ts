import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Engine, engines } from '../engines.ts';
import { finished } from './holdfast.ts';
import { hostsWord } from './hosts-word.ts';
import { comesAbout, isFrozen, several } from './several.ts';

/** `stop` with three workers in processes of their own: wall milliseconds from the word until the last host was told anything. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers) await leftover();
});

const WITHIN = 2000;
const engine = engines().find(({ name }) => name === 'postgres and redis') as Engine;
const skipping = engine.available === true ? '' : ` (skipped: ${engine.available})`;
/** A minute until a host goes down is two seconds here. */
const SPEED = 30;

test.skipIf(skipping !== '')(
  `by a line: within two seconds nothing begins anywhere, what was scheduled is called off, containment works, and go finishes it${skipping}`,
  { timeout: 400_000 },
  async () => {
    const world = await several(await engine.start(), SPEED, leftovers);
    await Promise.all([world.worker(), world.worker(), world.worker()]);
    await world.asks('/ops reboot web[01-06] batch 4 &', /R1 waits for approval/);
    world.chat.type('@ada /ops approve R1 &');
    await comesAbout('the second wave is told', () => Object.keys(hostsWord(world.dataDir).told).length >= 3);
    const word = Date.now();
    await world.asks('/ops stop because the gateway flaps', /Stopped\./);
    await comesAbout(
      'nothing is in flight',
      async () => (await world.state('R1')) === 'halted' && (await world.hosts('R1')).every(({ state }) => state !== 'going'),
    );
    const stopped = hostsWord(world.dataDir);
    const last = (await world.wallOf(stopped.lastTold)) - word;
    expect(last).toBeLessThan(WITHIN);
    expect(stopped.calledOff.length).toBeGreaterThan(0);
    for (const host of (await world.hosts('R1')).filter(({ outcome }) => outcome === 'held')) expect(stopped.boots[host.host], host.host).toBeUndefined();
    expect(await world.asks('/ops pause updates @lab source kernelcare for 7d', /R2 done|R2 .*2 of 2|✓ .*R2/)).toContain('R2');
    expect(await world.asks('/ops go R1', /stopped by/)).toContain('"go" lifts that first');
    await world.asks('/ops go', /The stop is lifted/);
    await world.asks('@ada /ops go R1 retry', /R1 done/);
    const end = hostsWord(world.dataDir);
    expect(end.boots).toEqual({ web01: 1, web02: 1, web03: 1, web04: 1, web05: 1, web06: 1 });
    expect(Object.values(end.told).every((times) => times === 1)).toBe(true);
    process.stderr.write(`stop by a line: the last host was told ${Math.round(last)} ms after the word; ${stopped.calledOff.length} called off\n`);
  },
);

test.skipIf(skipping !== '')(
  `by npx holdfast stop while Postgres stands still: when it comes back nothing begins, and a half-drained host is held with ways out${skipping}`,
  { timeout: 400_000 },
  async () => {
    const running = await engine.start();
    const world = await several(running, SPEED, leftovers);
    await Promise.all([world.worker({}, 'beside'), world.worker({}, 'beside'), world.worker()]);
    await world.asks('/ops reboot kvm01,kvm07 batch 2 &', /R1 waits for approval/);
    world.chat.type('@ada /ops approve R1 &');
    await comesAbout(
      'the first is being drained',
      async () => (await world.rows(`select 1 from run_hosts where memory -> 'drains' <> '{}'::jsonb`)).length > 0,
    );
    const [place] = await world.rows<{ dir: string }>(`select setting as dir from pg_settings where name = 'data_directory'`);
    const server = Number(readFileSync(join(place?.dir ?? '', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const all = (await world.rows<{ pid: number }>(`select pid from pg_stat_activity where pid <> pg_backend_pid()`)).map(({ pid }) => pid);
    for (const pid of [server, ...all]) process.kill(pid, 'SIGSTOP');
    const word = Date.now();
    const said = await finished(['stop', 'the', 'database', 'hangs'], { env: world.env });
    expect(said.code).toBe(0);
    await new Promise((later) => setTimeout(later, 3000));
    for (const pid of [server, ...all]) process.kill(pid, 'SIGCONT');
    await comesAbout(
      'nothing is in flight',
      async () => (await world.state('R1')) === 'halted' && (await world.hosts('R1')).every(({ state }) => state !== 'going'),
    );
    const { told, lastTold } = hostsWord(world.dataDir);
    expect(told, `told ${(await world.wallOf(lastTold)) - word} ms after the word`).toEqual({});
    const held = (await world.hosts('R1')).find(({ outcome }) => outcome === 'held');
    expect(held?.detail).toContain('made ready');
    const shown = await world.asks('/ops show R1', /R1 halted[\s\S]*\n.*Stop|undo R1/);
    expect(shown).toMatch(/go R1 on kvm0\d/);
    expect(shown).toMatch(/undo R1 on kvm0\d/);
  },
);

test.skipIf(skipping !== '')(
  `while a coordinator stands still with the fleet's lock in its hand, a stop is in force everywhere all the same${skipping}`,
  { timeout: 300_000 },
  async () => {
    const world = await several(await engine.start(), SPEED, leftovers);
    // Decided about a second time when it is approved.
    const frozen = await world.worker({ HOLDFAST_FREEZE_AT: 'run.decided#2' });
    await world.asks('/ops reboot web01 &', /R1 waits for approval/);
    world.chat.type('@ada /ops approve R1 &');
    await comesAbout('it stands still', () => isFrozen(frozen));
    const other = await world.worker();
    const word = Date.now();
    world.chat.type('/ops stop');
    await other.logs(/nothing new begins/);
    const heard = Date.now() - word;
    expect(heard).toBeLessThan(WITHIN);
    // The lock is taken from whoever sleeps on it after 5 s, and the line is answered: without that, only once the sleeper wakes.
    await world.says(/Stopped\./);
    const answered = Date.now() - word;
    expect(answered).toBeLessThan(20_000);
    await comesAbout('the run is over', async () => /halted|cancelled/.test((await world.state('R1')) ?? ''));
    frozen.child.kill('SIGCONT');
    await frozen.logs(/will be tried again|NoLongerOurs|terminat/);
    expect(hostsWord(world.dataDir).told).toEqual({});
    process.stderr.write(`stop with the fleet's lock frozen: heard elsewhere after ${heard} ms, answered after ${answered} ms\n`);
  },
);
