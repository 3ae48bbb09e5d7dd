import { describe, expect, test } from 'vitest';
import { judgeDown } from '../../src/down/judge.ts';
import { afterLook, type Missed } from '../../src/down/seen.ts';

const MINUTE = 60_000;
const no = { reach: 'refused' as const, detail: 'port 22 refused the connection' };
const yes = { reach: 'ok' as const };

describe('a host that is looked at every half minute', () => {
  /** Looks on, `-` missed and `+` well: what is kept after each. */
  const lives = (looks: string): string => {
    let kept: Missed | undefined;
    let now = 0;
    return [...looks]
      .map((look) => {
        now += MINUTE / 2;
        kept = afterLook(kept, 'web01', look === '-' ? no : yes, now, 2);
        return kept === undefined ? '.' : kept.down ? 'D' : 'm';
      })
      .join('');
  };

  test('is down at the second miss in a row, and well again at the second look in a row that finds it so', () => {
    expect(lives('+++')).toBe('...');
    expect(lives('-+-+')).toBe('m.m.');
    expect(lives('---+-++')).toBe('mDDDDDm');
  });

  test('that flaps is believed later each time, and like any other again an hour after it last went', () => {
    expect(lives('--++--++++')).toBe('mDDmmDDDDm');
    expect(lives(`--++${'+'.repeat(122)}`).slice(121, 124)).toBe('m..');
  });

  test('of which nothing changes leaves nothing to write', () => {
    const down = afterLook(afterLook(undefined, 'web01', no, 1, 2), 'web01', no, 2, 2);
    expect(afterLook(down, 'web01', no, 3, 2)).toBe(down);
    expect(afterLook(undefined, 'web01', yes, 3, 2)).toBeUndefined();
  });
});

describe('who is down', () => {
  const hosts = ['kvm01', 'kvm02', ...Array.from({ length: 8 }, (_, n) => `web0${n + 1}`)];
  const above = (host: string): string[] => (/^web0[1-4]$/.test(host) ? ['kvm01'] : []);
  const sight = (place: string, ...down: string[]) => ({ place, looked: new Set(hosts), down: new Set(down) });
  const judged = (sights: ReturnType<typeof sight>[], known: string[] = []) => {
    const { down, unsure, cutOff } = judgeDown(sights, new Set(known), above, { places: 2, share: 30 });
    return { down: [...down], unsure: unsure.size, cutOff: [...cutOff.keys()] };
  };

  test('is whoever two places miss where there are two, and whoever the only one misses', () => {
    expect(judged([sight('here', 'web05')])).toEqual({ down: ['web05'], unsure: 0, cutOff: [] });
    expect(judged([sight('here', 'web05'), sight('there')])).toEqual({ down: [], unsure: 0, cutOff: [] });
    expect(judged([sight('here', 'web05'), sight('there', 'web05')])).toEqual({ down: ['web05'], unsure: 0, cutOff: [] });
  });

  test('is nobody where a third is gone at once: that is the own uplink, and another place goes on by itself', () => {
    const many = ['web05', 'web06', 'web07', 'web08'];
    expect(judged([sight('here', ...many)])).toEqual({ down: [], unsure: 10, cutOff: ['here'] });
    expect(judged([sight('here', ...many), sight('there', 'web05')])).toEqual({ down: ['web05'], unsure: 0, cutOff: ['here'] });
  });

  test('is a dead parent with all its guests, which is one trouble and not half a fleet', () => {
    expect(judged([sight('here', 'kvm01', 'web01', 'web02', 'web03', 'web04')]).down).toHaveLength(5);
  });

  test('who is known to be down is not counted anew', () => {
    expect(judged([sight('here', 'web05', 'web06', 'web07', 'web08')], ['web05', 'web06', 'web07']).cutOff).toEqual([]);
  });
});
