import { expect, onTestFinished, test, vi } from 'vitest';
import { watchOwnChannels } from '../../src/chat/own-channels.ts';
import { kept } from '../store/quiet.ts';

test('a channel that was made while the database was away for a moment is known a moment later, without anything new', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let tell: (payload: string) => void = () => {};
  let away = 0;
  const rows: { platform: string; opened: string }[] = [];
  const own = await watchOwnChannels(
    {
      async query<Row>() {
        if (away-- > 0) throw new Error('the connection is lost');
        return [...rows] as Row[];
      },
      listen: async (_, heard) => {
        tell = heard;
        return async () => {};
      },
    },
    kept(),
  );
  rows.push({ platform: 'slack', opened: 'C0OWN' });
  away = 2;
  tell('channel');
  await vi.advanceTimersByTimeAsync(500);
  expect(own.has('slack', 'C0OWN')).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(own.has('slack', 'C0OWN')).toBe(true);
  await own.close();
});
