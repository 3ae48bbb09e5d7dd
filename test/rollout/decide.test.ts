import { describe, expect, test } from 'vitest';
import { apply, end } from '../../src/rollout/apply.ts';
import { decide } from '../../src/rollout/decide.ts';
import { host, NOON, run, world } from './a-run.ts';

describe('a run that goes well', () => {
  test('goes host by host, wave by wave, and says why it waits', () => {
    const hosts = [host('kvm01', 0), host('kvm02', 1), host('kvm03', 1)];
    let view = run({ hosts: hosts.slice(0, 1), size: 3, waves: 2 });
    const inWave = (wave: number) => hosts.filter((one) => one.wave === wave);

    let next = decide(view, world());
    expect(next).toMatchObject({ state: 'running', start: ['kvm01'], because: 'kvm01 begins (wave 1 of 2)', begunAt: NOON });
    view = apply(view, next, NOON, inWave);

    next = decide(view, world({ now: NOON + 60_000 }));
    expect(next).toMatchObject({ start: [], waiting: { for: 'hosts', because: 'kvm01 in flight' } });

    view = end(view, 'kvm01', 'ok', NOON + 120_000);
    next = decide(view, world({ now: NOON + 120_000 }));
    expect(next).toMatchObject({ wave: 1, waveEnded: NOON + 120_000, because: 'wave 1 of 2 has ended' });
    view = apply(view, next, NOON + 120_000, inWave);

    next = decide(view, world({ now: NOON + 120_000 }));
    expect(next).toMatchObject({ start: [], waiting: { for: 'soak', because: 'the canary is watched for 10 min, until 12:12' }, lookAt: NOON + 720_000 });

    next = decide(view, world({ now: NOON + 720_000 }));
    expect(next.start).toEqual(['kvm02', 'kvm03']);
    view = apply(view, next, NOON + 720_000, inWave);
    view = end(end(view, 'kvm02', 'ok', NOON + 800_000), 'kvm03', 'ok', NOON + 800_000);
    expect(decide(view, world({ now: NOON + 800_000 })).state).toBe('done');
  });
});
