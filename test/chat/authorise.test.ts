import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorise } from '../../src/chat/authorise.ts';
import { Refusal } from '../../src/lib/refusal.ts';
import { CONSOLE, directory, type Person, ROLES, type Role, rank, strongestRole } from '../../src/people.ts';

const person = (...roles: Person['roles']): Person => ({ name: 'ada', display: 'Ada', roles, zone: 'UTC' });
const say = (actor: Person, role: Role): string => {
  try {
    const allowed = authorise(actor, { name: 'reboot', role });
    return allowed.everywhere ? 'everywhere' : allowed.scopes.join(' or ');
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return 'no';
  }
};

describe('who may type a command', () => {
  // What the command needs:                                        anyone        known         operator       admin
  test.each<[string, Person, string, string, string, string]>([
    ['a stranger', person(), 'everywhere', 'no', 'no', 'no'],
    ['somebody known', person({ role: 'known' }), 'everywhere', 'everywhere', 'no', 'no'],
    ['an operator', person({ role: 'operator' }), 'everywhere', 'everywhere', 'everywhere', 'no'],
    ['an admin', person({ role: 'admin' }), 'everywhere', 'everywhere', 'everywhere', 'everywhere'],
    ['an operator on @db', person({ role: 'operator', scope: '@db' }), 'everywhere', '@db', '@db', 'no'],
    ['known, and operator on @db', person({ role: 'known' }, { role: 'operator', scope: '@db' }), 'everywhere', 'everywhere', '@db', 'no'],
    [
      'operator on @db and on @web',
      person({ role: 'operator', scope: '@db' }, { role: 'operator', scope: '@web' }),
      'everywhere',
      '@db or @web',
      '@db or @web',
      'no',
    ],
    ['operator, and admin on @lab', person({ role: 'operator' }, { role: 'admin', scope: '@lab' }), 'everywhere', 'everywhere', 'everywhere', '@lab'],
    ['the shell of the machine', CONSOLE, 'everywhere', 'everywhere', 'everywhere', 'everywhere'],
  ])('%s', (_, actor, ...expected) => {
    expect(ROLES.map((role) => say(actor, role))).toEqual(expected);
  });

  test('is told what is missing, what they are, and what to do', () => {
    expect(() => authorise(person({ role: 'known' }), { name: 'reboot', role: 'operator' })).toThrow(
      '"reboot" needs the role operator; ada is known. Ask an admin to add it under people in holdfast.yaml.',
    );
    expect(() => authorise(person(), { name: 'show', role: 'known' })).toThrow('ada is not known here');
  });

  const roles = fc.array(
    fc.record({ role: fc.constantFrom(...ROLES), scope: fc.option(fc.constantFrom('@db', '@web'), { nil: undefined }) }, { requiredKeys: ['role'] }),
    { maxLength: 4 },
  );
  test('a role more never takes anything away, and nobody may more than their strongest role', () => {
    fc.assert(
      fc.property(roles, roles, fc.constantFrom(...ROLES), (some, more, needed) => {
        const held = (list: typeof some): Person => person(...(list as Person['roles']));
        const before = say(held(some), needed);
        const after = say(held([...some, ...more]), needed);
        if (before === 'everywhere') expect(after).toBe('everywhere');
        if (before !== 'no') expect(after).not.toBe('no');
        if (needed !== 'anyone' && rank(strongestRole(held(some))) < rank(needed)) expect(before).toBe('no');
      }),
    );
  });
});

describe('the directory', () => {
  const ada = { ...person({ role: 'operator' }), logins: ['ada-at-work', 'ada'] };
  const people = directory(() => [ada]);

  test('knows people by name and by login; whoever it does not know is a stranger, and may nothing', () => {
    expect(people.named('ada')).toBe(ada);
    expect(people.ofLogin('ada-at-work')).toBe('ada');
    for (const name of ['Ada', 'eve', '', '__proto__', 'constructor', 'ada ']) expect(people.named(name).roles).toEqual([]);
  });

  test('takes a login nobody has for the shell of the machine', () => {
    expect(people.ofLogin('root')).toBe('console');
    expect(people.named('console')).toBe(CONSOLE);
  });
});
