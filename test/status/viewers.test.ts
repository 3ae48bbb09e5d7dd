import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { viewerOver } from '../../src/status/board/viewers.ts';

/** A browser whose connection takes what it is given until somebody says that it is full. */
function connection() {
  const wire = Object.assign(new EventEmitter(), {
    sent: [] as string[],
    full: false,
    destroyed: false,
    writeHead: () => {},
    write(text: string) {
      wire.sent.push(text);
      return !wire.full;
    },
    destroy() {
      wire.destroyed = true;
    },
  });
  return wire;
}

const session = { id: 's', person: 'ada' };

test('a browser that does not keep up gets the newest board and none of those between, once there is room; what waits for it is never more than one', () => {
  const wire = connection();
  const viewer = viewerOver(wire as unknown as ServerResponse, { session, zone: 'UTC', seen: 'a' });
  viewer.show({ id: 'a', html: 'seen' });
  wire.full = true;
  viewer.show({ id: 'b', html: 'one\ntwo' });
  expect(viewer.behind(Date.now() + 1000)).toBeGreaterThanOrEqual(1000);
  for (const id of ['c', 'd', 'e']) viewer.show({ id, html: id });
  viewer.keep();
  expect(wire.sent).toEqual(['retry: 3000\n\n', 'event: board\nid: b\ndata: one\ndata: two\n\n']);
  wire.full = false;
  wire.emit('drain');
  expect(wire.sent.slice(2)).toEqual(['event: board\nid: e\ndata: e\n\n']);
  expect(viewer.behind(Date.now())).toBe(0);
  viewer.show({ id: 'e', html: 'e' });
  viewer.keep();
  expect(wire.sent.slice(3)).toEqual([': still here\n\n']);
  viewer.end();
  expect(wire.destroyed).toBe(true);
});
