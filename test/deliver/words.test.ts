import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Progress } from '../../src/deliver/shown.ts';
import { dueLine, dueWords, type Said } from '../../src/deliver/words.ts';

const progress = (turn: string, state = turn): Progress => ({ line: `${turn} ${state}`, turn, state });
const said = (turn: string, state: string, at: number): Said => ({ line: '1', words: 1, turn, state, at });

describe('what an unfinished thing is told of', () => {
  test('nothing in its first second and a half, then the whole card, and once more at 15 s', () => {
    expect(dueWords(undefined, 0)).toEqual({ say: 'nothing', again: 1500 });
    expect(dueWords(undefined, 1500)).toEqual({ say: 'card', again: 13_500 });
    expect(dueWords({ line: '1', words: 1, at: 0 }, 2000)).toEqual({ say: 'nothing', again: 13_000 });
    expect(dueWords({ line: '1', words: 1, at: 0 }, 15_000)).toEqual({ say: 'card' });
    expect(dueWords({ line: '1', words: 2, at: 0 }, 60_000)).toEqual({ say: 'nothing' });
  });

  test('of what goes on for long, a finished wave at once and a finished host every 15 s', () => {
    expect(dueLine(said('wave 1', '1', 0), progress('wave 2', '2'), 100)).toEqual({ say: 'line' });
    expect(dueLine(said('wave 1', '1', 0), progress('wave 1', '2'), 100)).toEqual({ say: 'nothing', again: 14_900 });
    expect(dueLine(said('wave 1', '1', 0), progress('wave 1', '2'), 15_000)).toEqual({ say: 'line' });
  });

  test('nothing at all while nothing has changed', () => {
    expect(dueLine(said('wave 1', '1', 0), progress('wave 1', '1'), 1_000_000)).toEqual({ say: 'nothing' });
  });

  test('whatever happens, never the same twice in a row, no turn left out, and lines between turns 15 s apart', () => {
    const step = fc.record({ after: fc.integer({ min: 1, max: 20_000 }), turns: fc.boolean(), changes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let [now, turn, state] = [0, 0, 0];
        let last = said('0', '0', 0);
        for (const { after, turns, changes } of steps) {
          now += after;
          if (turns) turn += 1;
          if (turns || changes) state += 1;
          const next = progress(String(turn), String(state));
          const due = dueLine(last, next, now);
          if (next.turn !== last.turn) expect(due.say).toBe('line');
          if (due.say === 'line') {
            expect([next.turn, next.state]).not.toEqual([last.turn, last.state]);
            expect(next.turn !== last.turn || now - last.at >= 15_000).toBe(true);
            last = said(next.turn, next.state, now);
          } else if (next.state !== last.state) expect(now + (due.again as number)).toBe(last.at + 15_000);
        }
      }),
    );
  });
});
