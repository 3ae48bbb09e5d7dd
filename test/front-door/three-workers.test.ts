import { afterAll, expect, test } from 'vitest';
import { type Engine, engines } from '../engines.ts';
import type { Program } from './holdfast.ts';
import { hostsWord, mostAtOnce } from './hosts-word.ts';
import { comesAbout, several } from './several.ts';

/** Two runs over the same sites and redundancy groups, three workers that are killed and frozen all the while. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const leftover of leftovers) await leftover();
});

const engine = engines().find(({ name }) => name === 'postgres and redis') as Engine;
const skipping = engine.available === true ? '' : ` (skipped: ${engine.available})`;
const SEED = Number(process.env.WORKERS_SEED ?? 1);
/** Longer than a lease; wall ms. */
const FROZEN = 12_000;

test.skipIf(skipping !== '')(
  `with workers killed and frozen at random, no budget of two runs goes over, no host reboots twice, and both end${skipping}`,
  { timeout: 400_000 },
  async () => {
    const world = await several(await engine.start(), 60, leftovers);
    const workers: Program[] = await Promise.all([world.worker(), world.worker(), world.worker()]);
    await world.asks('/ops reboot web[01-06] batch 3 &', /R1 waits for approval/);
    await world.asks('/ops reboot web[03-06],db[01-02],lab[01-02],lb01 batch 4 &', /R2 waits for approval/);
    world.chat.type('@ada /ops approve R1 &');
    world.chat.type('@ada /ops approve R2 &');
    const over = async (): Promise<boolean> => (await world.state('R1')) === 'done' && (await world.state('R2')) === 'done';

    let draw = SEED;
    const next = (below: number): number => {
      draw = (draw * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((draw / 2 ** 31) * below);
    };
    const done = { killed: 0, frozen: 0 };
    for (let wave = 0; wave < 8 && !(await over()); wave += 1) {
      await new Promise((later) => setTimeout(later, 700 + next(2500)));
      const at = next(workers.length);
      const worker = workers[at] as Program;
      if (wave % 3 === 1) {
        worker.child.kill('SIGSTOP');
        setTimeout(() => worker.child.kill('SIGCONT'), FROZEN);
        done.frozen += 1;
      } else {
        worker.child.kill('SIGKILL');
        await worker.ended;
        workers[at] = await world.worker();
        done.killed += 1;
      }
    }
    await comesAbout('both runs are over', over, 240_000).catch(async (error: Error) => {
      const runs = await world.rows(`select id, state, waiting, halted from runs`);
      throw new Error(`${error.message}\n${JSON.stringify(runs)}\n${JSON.stringify(await world.hosts('R1'))}\n${JSON.stringify(await world.hosts('R2'))}`);
    });

    const word = hostsWord(world.dataDir);
    // Every intent once; a host of both runs is rebooted by the first and has just booted for the second, or by both, ten minutes apart.
    for (const [intent, times] of Object.entries(word.told)) expect(times, intent).toBe(1);
    for (const [host, boots] of Object.entries(word.boots))
      expect(boots, host).toBe(Object.keys(word.told).filter((intent) => intent.includes(`-${host}-`)).length);
    const budgets = await world.budgets();
    expect(budgets.length).toBeGreaterThan(10);
    for (const { budget, limit, spans } of budgets) {
      const { most, who } = mostAtOnce(spans);
      expect(most, `${budget}: ${who.join(', ')} of ${limit}`).toBeLessThanOrEqual(limit);
    }
    // The hosts' own word: two of a site, one of a pair.
    const site = (host: string): string => (['db01', 'lab01'].includes(host) || /^web0[135]$/.test(host) ? 'bne' : 'mel');
    for (const one of ['bne', 'mel']) expect(mostAtOnce(word.down.filter(({ host }) => site(host) === one)).most, one).toBeLessThanOrEqual(2);
    for (const pair of ['web0[12]', 'web0[34]', 'web0[56]', 'db0[12]'])
      expect(mostAtOnce(word.down.filter(({ host }) => new RegExp(pair).test(host))).most, pair).toBeLessThanOrEqual(1);
    expect(done.killed + done.frozen).toBeGreaterThan(3);
    const outcomes = [...(await world.hosts('R1')), ...(await world.hosts('R2'))].map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome !== 'ok' && outcome !== 'already')).toEqual([]);
    process.stderr.write(`three workers: ${done.killed} killed, ${done.frozen} frozen; the hosts refused ${word.refused.length}\n`);
  },
);
