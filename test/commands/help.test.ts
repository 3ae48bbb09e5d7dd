import { expect, test } from 'vitest';
import { help } from '../../commands/help.ts';
import type { Command } from '../../src/chat/command.ts';
import { renderText } from '../../src/chat/text.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import type { Ops } from '../../src/ops.ts';
import type { Person, Role } from '../../src/people.ts';
import { verbs } from '../chat/verbs.ts';

const commands: Command[] = [
  ...verbs.filter(({ name }) => ['page', 'pause updates', 'pause alerts'].includes(name)),
  { ...(verbs.find(({ name }) => name === 'check') as Command), role: 'known', aliases: ['ask'] },
  { ...(verbs.find(({ name }) => name === 'reboot') as Command), role: 'operator' },
  { ...(verbs.find(({ name }) => name === 'sandbox') as Command), role: 'known', sandboxOnly: true },
];
const as = (role?: Role): Person => ({ name: 'ada', display: 'Ada', roles: role ? [{ role }] : [], zone: 'UTC' });
const place = { platform: 'terminal' as const, channel: 'terminal', zone: 'UTC' };
const ask = async (verb: string | undefined, actor: Person, more: Partial<Ops> = {}) => {
  const reply = await help.run({ options: { verb }, actor, place }, { commands: () => commands, ...more } as Ops);
  return { text: reply.card ? renderText(reply.card) : '', json: reply.json };
};

test('a stranger sees what a stranger may do, and how to get more', async () => {
  const { text } = await ask(undefined, as());
  expect(text).toContain('page <person> ["text"]');
  expect(text).not.toContain('check <target>');
  expect(text).toMatch(/once you are known: +check\n/);
  expect(text).toMatch(/with the role operator: +reboot\n/);
  expect(text).toContain('an admin adds you to people in holdfast.yaml');
});

test('an operator sees everything but what needs a sandbox', async () => {
  const { text, json } = await ask(undefined, as('operator'));
  expect(text).toContain('reboot <target> [batch N]');
  expect(text).not.toContain('holdfast.yaml');
  expect(json).toMatchObject({ commands: [{ name: 'pause updates' }, { name: 'pause alerts' }, { name: 'page' }, { name: 'check' }, { name: 'reboot' }] });
  expect((await ask(undefined, as('operator'), { sandbox: { fault: async () => '', rehearseAuthority: async () => [] } })).text).toContain(
    'sandbox <host> <word>',
  );
});

test('one verb is explained with its options, examples and who may', async () => {
  const { text } = await ask('reboot', as('known'));
  expect(text).toContain('reboot <target> [batch N] [by rings]');
  expect(text).toMatch(/example: +\/ops reboot @kvm batch 2/);
  expect(text).toMatch(/who may: +operator; an admin gives the role/);
  expect((await ask('ask', as('known'))).text).toContain('also:');
  expect((await ask('/ops check', as('known'))).text).toContain('known (you may)');
});

test('the first word of a two-word verb explains all of them', async () => {
  expect((await ask('pause', as())).text).toContain('2 commands begin so');
});

test('a verb nobody knows is refused with the nearest', async () => {
  await expect(ask('rebot', as())).rejects.toThrow('There is no command "rebot" to explain. Did you mean "reboot"?');
  await expect(ask('rebot', as())).rejects.toThrow(Refusal);
});
