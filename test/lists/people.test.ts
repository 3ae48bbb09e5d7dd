import { expect, test } from 'vitest';
import { ConfigSchema } from '../../src/config/schema.ts';
import { peopleListed } from '../../src/lists/people.ts';
import { openDb } from '../../src/store/open.ts';
import { person, putPage } from '../deliver/some-pages.ts';
import { kept } from '../store/quiet.ts';

test('how often somebody answers what reaches them is kept by channel, and who cannot be reached is said', async () => {
  const db = await openDb({ memory: true, log: kept() });
  const now = Date.now();
  const answered = async (channel: 'slack' | 'sms', state: string, seconds?: number): Promise<void> => {
    const id = `PG${(await db.query('select 1 from pages')).length + 1}`;
    await putPage(db, id, [{ channel }]);
    await db.query(`update page_attempts set state = $2, sent = $3, answered = $4 where page = $1`, [
      id,
      state,
      state === 'sent' ? new Date(now) : null,
      seconds === undefined ? null : new Date(now + seconds * 1000),
    ]);
  };
  await answered('sms', 'sent', 10);
  await answered('sms', 'sent', 50);
  await answered('sms', 'sent', 30);
  await answered('sms', 'sent');
  await answered('sms', 'failed');
  await answered('slack', 'sent');
  const twilio = { account: `AC${'0'.repeat(32)}`, token: 't', from: '+15005550006', voice: false };
  const config = ConfigSchema.parse({ providers: { twilio } });
  const people = [person('ada', { phone: '+441632960001', slack: 'U012345' }), person('ben')];
  const { card, json } = await peopleListed({ records: db, config: () => config, people: () => people, clock: { now: () => now } as never });
  expect(card?.title).toBe('1 of 2 people cannot be reached: ben');
  expect(card?.table?.rows).toEqual([
    ['ada', 'sms', '4', '3 (75 %)', '1', '30 s'],
    ['', 'slack (no more)', '1', '0 (0 %)', '0', ''],
    ['ben', 'nothing', '', '', '', ''],
  ]);
  expect(json).toMatchObject({
    people: [
      { person: 'ada', channels: [{ channel: 'sms', sent: 4, answered: 3, failed: 1, usual_ms: 30_000 }, {}] },
      { person: 'ben', channels: [] },
    ],
  });
  await db.close();
});
