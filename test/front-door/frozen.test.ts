import { afterAll, expect, test } from 'vitest';
import { type Engine, engines } from '../engines.ts';
import { hostsWord } from './hosts-word.ts';
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
      { timeout: 180_000 },
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
