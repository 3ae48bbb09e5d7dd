import { describe, expect, test } from 'vitest';
import { invitation } from '../../../src/chat/discord/invitation.ts';
import { missingIn } from '../../../src/chat/discord/missing.ts';
import { permissionBits, permissionsFor } from '../../../src/chat/discord/permissions.ts';

const server = '100000000000000001';
const me = { id: '100000000000000002', roles: ['100000000000000003'] };
const SEND = String(1n << 11n);
const roles = (everyone: string, mine: string) => [
  { id: server, permissions: everyone },
  { id: '100000000000000003', permissions: mine },
  { id: '100000000000000009', permissions: '8' },
];
const over = (id: string, type: number, allow: string, deny: string) => ({ id, type, allow, deny });
const needed = permissionsFor(false);
const all = permissionBits(false);

describe('what the bot lacks in a channel', () => {
  test.each([
    ['everything is there', roles('0', all), [], []],
    ['the server gives it to everyone', roles(all, '0'), [], []],
    ['an administrator lacks nothing, whatever a channel says', roles('0', '8'), [over(server, 0, '0', all)], []],
    ['the channel takes it from everyone', roles(all, '0'), [over(server, 0, '0', SEND)], ['Send Messages']],
    [
      'the channel takes it from everyone and gives it to its role',
      roles(all, '0'),
      [over(server, 0, '0', SEND), over('100000000000000003', 0, SEND, '0')],
      [],
    ],
    [
      'what one role of the channel takes and its own member gets back',
      roles(all, '0'),
      [over('100000000000000003', 0, '0', SEND), over(me.id, 1, SEND, '0')],
      [],
    ],
    ['what is taken from the member alone', roles(all, '0'), [over(me.id, 1, '0', SEND)], ['Send Messages']],
    ['roles it does not have count for nothing', roles('0', '0'), [over('100000000000000009', 0, all, '0')], needed.map(({ name }) => name)],
  ])('%s', (_, given, overwrites, expected) => {
    expect(missingIn(needed, { server, member: me, roles: given, overwrites }).map(({ name }) => name)).toEqual(expected);
  });
});

test('the invitation asks for exactly that, and may name the server', () => {
  const { url, reasons } = invitation('112233445566778899', { server: '445566778899001122' });
  const asked = new URL(url).searchParams;
  expect(Object.fromEntries(asked)).toEqual({
    client_id: '112233445566778899',
    scope: 'bot applications.commands',
    permissions: all,
    guild_id: '445566778899001122',
    disable_guild_select: 'true',
  });
  expect(reasons.map(({ what }) => what)).toEqual(['bot', 'applications.commands', ...needed.map(({ name }) => name)]);
});
