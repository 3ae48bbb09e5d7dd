import { expect, test } from 'vitest';
import { liveOf } from '../../../src/fleet/certificates/live.ts';
import { sayRenewed } from '../../../src/fleet/certificates/say.ts';
import type { HostRotation } from '../../../src/fleet/certificates/shapes.ts';

test.each([
  ['showed the old one and shows the new one', 'old', 'new', { live: [0] }],
  ['shows the old one still', 'old', 'old', { old: [0] }],
  ['answered before and answers no more', 'old', null, { old: [0], gone: [0] }],
  ['did not answer once before, and shows the old one', null, 'old', { old: [0] }],
  ['did not answer once before, and shows the new one', null, 'new', { live: [0] }],
  ['answers neither before nor after', null, null, { silent: [0] }],
] as const)('a listener that %s', (_, before, now, is) => {
  expect(liveOf([before], [now], ['new'])).toEqual({ live: [], old: [], gone: [], silent: [], ...is });
});

test('served is said of those that were seen to serve it, and of nobody who did not answer', () => {
  const say = (live: number, silent: number): string => sayRenewed({ leaves: [] } as unknown as HostRotation, [], { live, silent }, 0);
  expect(say(1, 0)).toContain('; seen served on 1 listener; no CA');
  expect(say(1, 2)).toContain('; seen served on 1 listener, 2 listeners did not answer, before or after; no CA');
  expect(say(0, 1)).toContain('; seen served nowhere, 1 listener did not answer, before or after; no CA');
  expect(say(0, 0)).toContain('; served nowhere that is looked at; no CA');
});
