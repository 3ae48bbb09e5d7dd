import { test } from 'vitest';
import { openDb } from '../../../src/store/open.ts';
import { fakeDiscord } from '../../fake/discord/open.ts';
import { realPatience, roomOn } from '../../fake/discord/room.ts';
import { kept } from '../../store/quiet.ts';

test('measure recovery', async () => {
  const db = await openDb({ memory: true, log: kept() });
  const out: string[] = [];
  for (const [name, spoil, mend] of [
    ['drop', (d) => d.gateway.drop()],
    ['op7', (d) => d.gateway.askReconnect()],
    ['1001', (d) => d.gateway.shut(1001)],
    ['1000', (d) => d.gateway.shut(1000)],
    ['op9 false', (d) => d.gateway.invalidate(false)],
    ['op9 true', (d) => d.gateway.invalidate(true)],
    ['blackhole', (d) => d.gateway.blackHole()],
    [
      'resume unanswered',
      (d) => {
        d.gateway.ignoreResume = true;
        d.gateway.drop();
      },
    ],
  ] as [string, (d: Awaited<ReturnType<typeof fakeDiscord>>) => void, undefined][]) {
    const d = await fakeDiscord();
    const ops = d.channel('ops');
    const ada = d.person('ada');
    const room = await roomOn(d, db, { bound: [ops.id], patience: realPatience });
    await d.until(() => d.state.commands.size > 0);
    const before = (d.gateway.heard[6] ?? 0) + (d.gateway.heard[2] ?? 0);
    const began = performance.now();
    spoil(d);
    await d.until(() => (d.gateway.heard[6] ?? 0) + (d.gateway.heard[2] ?? 0) > before + (name.startsWith('resume') ? 1 : 0) && d.gateway.ready(), 90_000);
    const again = performance.now() - began;
    const asked = d.types(ada.id, ops.id, '/ops status');
    await d.acked(asked);
    out.push(`${name}: ${Math.round(again)} ms`);
    await room.close();
    await d.close();
  }
  console.log(out.join('\n'));
  await db.close();
}, 300_000);

test('burst', async () => {
  const db = await openDb({ memory: true, log: kept() });
  const d = await fakeDiscord();
  const ops = d.channel('ops');
  const ada = d.person('ada');
  const room = await roomOn(d, db, { bound: [ops.id], patience: realPatience });
  await d.until(() => d.state.commands.size > 0);
  const all: ReturnType<typeof d.types>[] = [];
  const mem: number[] = [];
  const began = performance.now();
  while (all.length < 2000) {
    const due = Math.min(2000, Math.floor((performance.now() - began) / 5));
    while (all.length < due) all.push(d.types(ada.id, ops.id, '/ops check', { target: '@web' }));
    if (all.length % 200 < 3) mem.push(Math.round(process.memoryUsage().rss / 1e6));
    await new Promise((r) => setTimeout(r, 5));
  }
  await d.until(() => all.every((one) => one.ack), 30_000).catch(() => undefined);
  const within = all.map((one) => one.ack?.within ?? 99999).sort((a, b) => a - b);
  console.log(
    'burst',
    within.length,
    'p50',
    within[1000],
    'p99',
    within[1980],
    'max',
    within.at(-1),
    'rss',
    mem.join(' '),
    'violations',
    d.violations.length,
    'warn',
    room.log.said.filter((x) => x.level !== 'info').slice(0, 3),
  );
  await room.close();
  await d.close();
  await db.close();
}, 120_000);
