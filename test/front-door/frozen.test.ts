import { afterAll, expect, test } from 'vitest';
import { type Engine, engines } from '../engines.ts';
import { hostsWord, mostAtOnce } from './hosts-word.ts';
import { comesAbout, isFrozen, several } from './several.ts';

/** Workers that stand still (SIGSTOP) in the middle of a step for longer than their lease, and wake up when another has done it. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers) await leftover();
});

const skipping = ({ available }: Engine): string => (available === true ? '' : ` (skipped: ${available})`);

for (const engine of engines().filter(({ name }) => name !== 'embedded')) {
  // The third step of a host is its act, after baseline and prepare.
  for (const [point, moment] of [
    ['step.begun#3', 'before its act reaches the host'],
    ['step.acted#3', 'after the host did it, and before that is written'],
  ] as const) {
    test.skipIf(engine.available !== true)(
      `on ${engine.name}, a worker frozen ${moment} is followed by another; when it wakes, the host is left alone and nothing of its own is written${skipping(engine)}`,
      { timeout: 300_000 },
      async () => {
        const world = await several(await engine.start(), 60, leftovers);
        const frozen = await world.worker({ HOLDFAST_FREEZE_AT: point });
        await world.asks('/ops reboot web01 &', /R1 waits for approval/);
        world.chat.type('@ada /ops approve R1');
        await comesAbout('it stands still', () => isFrozen(frozen));
        const other = await world.worker();
        await world.says(/R1 done/);
        const [before] = await world.hosts('R1');
        const events = await world.rows(`select * from events where thing = 'R1' order by rev`);
        const word = hostsWord(world.dataDir);
        expect(word.told).toEqual({ 'R1-web01-1': 1 });

        frozen.child.kill('SIGCONT');
        // Frozen before the act, it asks the host now; frozen after it, it has nothing left to ask.
        if (point === 'step.begun#3') await comesAbout('the host refused it', () => hostsWord(world.dataDir).refused.includes('R1-web01-1'));
        frozen.child.kill('SIGTERM');
        await frozen.ended;
        expect(await world.hosts('R1')).toEqual([before]);
        expect(await world.rows(`select * from events where thing = 'R1' order by rev`)).toEqual(events);
        expect(hostsWord(world.dataDir)).toMatchObject({ told: { 'R1-web01-1': 1 }, boots: { web01: 1 } });
        other.child.kill('SIGTERM');
        await other.ended;
      },
    );
  }
}

// On Redis the server hands the next piece to whoever asked first, the sleeper too; here the one that is awake takes it.
const postgres = engines().find(({ name }) => name === 'postgres') as Engine;
test.skipIf(postgres.available !== true)(
  `a coordinator frozen between deciding and writing keeps what it decided about from everybody: one of a pair at a time${skipping(postgres)}`,
  { timeout: 300_000 },
  async () => {
    const world = await several(await postgres.start(), 60, leftovers);
    // Both runs are decided about when they are planned, and the first again when it is approved.
    const frozen = await world.worker({ HOLDFAST_FREEZE_AT: 'run.decided#3' });
    await world.asks('/ops reboot web01 &', /R1 waits for approval/);
    await world.asks('/ops reboot web02 &', /R2 waits for approval/);
    world.chat.type('@ada /ops approve R1 &');
    await comesAbout('it stands still', () => isFrozen(frozen));
    await world.worker();
    world.chat.type('@ada /ops approve R2 &');
    // The second asks for the lock, or, if there were none, has taken the pair's place by now. The server waits 5 s for a sleeper.
    await new Promise((later) => setTimeout(later, 2000));
    frozen.child.kill('SIGCONT');
    await comesAbout('both are over', async () => (await world.state('R1')) === 'done' && (await world.state('R2')) === 'done');
    const pair = (await world.budgets()).find(({ budget }) => budget === 'redundancy:web-pair1');
    expect(pair?.spans).toHaveLength(2);
    expect(mostAtOnce(pair?.spans ?? []).most).toBe(1);
    expect(mostAtOnce(hostsWord(world.dataDir).down.filter(({ host }) => /^web0[12]$/.test(host))).most).toBe(1);
    expect(hostsWord(world.dataDir).boots).toEqual({ web01: 1, web02: 1 });
  },
);
