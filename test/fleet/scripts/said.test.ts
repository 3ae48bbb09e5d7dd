import { describe, expect, test } from 'vitest';
import { readSaid } from '../../../src/fleet/scripts/said.ts';

describe('what a host says is read with distrust', () => {
  test('names that every object has mean nothing', () => {
    const said = readSaid('constructor=x\nconstructor[]=y\n__proto__=z\n__proto__[]=z\nstate=done\nend=any v1\n', 'any v1');
    expect(said?.values).toEqual({ constructor: 'x', state: 'done' });
    expect(said?.lists).toEqual({ constructor: ['y'] });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('an end of another script, or one inside a line, is no end; what comes after the end does not count', () => {
    expect(readSaid('state=done\nend=other v1\n', 'any v1')).toBeUndefined();
    expect(readSaid('state=done\nsays=end=any v1\n', 'any v1')).toBeUndefined();
    expect(readSaid('state=busy\nend=any v1\nstate=done\nend=any v1\n', 'any v1')?.values).toEqual({ state: 'busy' });
  });

  test('no escape reaches a terminal, no line is longer than a person reads, and a flood has no end', () => {
    const says = readSaid('says=\u001b[2J\u009b2Jwell\u0007\u2028x\nend=any v1\n', 'any v1')?.values['says'] ?? '';
    expect(says).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(readSaid(`says=${'x'.repeat(100_000)}\nend=any v1\n`, 'any v1')?.values['says']?.length).toBe(500);
    expect(readSaid(`${'line[]=x\n'.repeat(100_000)}end=any v1\n`, 'any v1')).toBeUndefined();
  });
});
