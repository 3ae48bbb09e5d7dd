import { z } from 'zod';
import { accountIn, nameOf, readAccount, removeLink } from '../src/accounts/links.ts';
import { adminsOf, answer, ask, mayAsk, requestOf } from '../src/accounts/requests.ts';
import { defineCommand } from '../src/chat/command.ts';
import { didYouMean } from '../src/chat/nearest.ts';
import { person, word } from '../src/chat/options.ts';
import { Refusal } from '../src/lib/refusal.ts';

const account = () => word({ words: 'the account as Holdfast names it: slack:U012AB3CD' });

const linkMe = defineCommand({
  name: 'link me',
  summary: 'Says who you are; an admin confirms it',
  examples: ['link me as ada'],
  role: 'anyone',
  root: 'oncall',
  peopleOnly: true,
  options: z.object({ as: person({ keyword: 'as', words: 'the name you have in holdfast.yaml' }) }),
  async run({ options, place }, ops) {
    const mine = accountIn(place, 'link me');
    const people = ops.people();
    const owner = people.find((one) => one[mine.platform] === mine.user);
    if (owner) throw new Refusal(`This account is ${owner.name}'s already.`);
    const wanted = people.find(({ name }) => name === options.as);
    const free = people.filter((one) => one[mine.platform] === undefined).map(({ name }) => name);
    if (!wanted) throw new Refusal(`Nobody here is called "${options.as}".${didYouMean(options.as, free)} An admin adds people to holdfast.yaml.`);
    if (wanted[mine.platform] !== undefined)
      throw new Refusal(`${wanted.name} has another account on ${mine.platform}. If that one is lost, an admin takes it away: remove link.`);
    const admins = adminsOf(people);
    mayAsk(await requestOf(ops.records, mine), ops.clock.now());
    const shell = `npx holdfast exec 'confirm link ${nameOf(mine)} as ${wanted.name}'`;
    return {
      card: {
        title: `Asked whether you are ${wanted.name}.`,
        body: [
          admins.length > 0
            ? `${admins.map(({ name }) => name).join(', ')} ${admins.length > 1 ? 'are' : 'is'} asked; you hear of it here.`
            : 'Nobody here is an admin yet, so nobody could be asked.',
          `Whoever has the shell of the machine can confirm it as well: ${shell}`,
        ],
      },
      json: { account: nameOf(mine), person: wanted.name, asked: admins.map(({ name }) => name) },
      write: async (tx, line) => {
        await ask(tx, ops.tell, { account: mine, person: wanted.name, place, admins, at: line.at });
        return undefined;
      },
    };
  },
});

const confirmLink = defineCommand({
  name: 'confirm link',
  summary: 'Says yes to somebody who says who they are; from then on the account acts with their role',
  examples: ['confirm link slack:U012AB3CD as ada'],
  role: 'admin',
  root: 'oncall',
  peopleOnly: true,
  unscoped: true,
  options: z.object({ account: account(), as: person({ keyword: 'as', words: 'who it is' }) }),
  async run({ options, actor }, ops) {
    everywhere(actor, 'confirm link');
    const whose = named(options.account);
    const wanted = ops.people().find(({ name }) => name === options.as);
    if (!wanted) throw new Refusal(`Nobody here is called "${options.as}".`);
    const other = wanted[whose.platform];
    if (other !== undefined && other !== whose.user)
      throw new Refusal(`${wanted.name} has another account on ${whose.platform}. Take it away first: remove link ${whose.platform}:${other}`);
    return {
      card: { title: `${nameOf(whose)} is ${wanted.name} now.`, tone: 'good' },
      json: { account: nameOf(whose), person: wanted.name },
      write: async (tx, line) => {
        const { place } = await answer(tx, { account: whose, person: wanted.name, yes: true, by: actor, at: line.at });
        const card = { title: `You are ${wanted.name} here now; ${actor.name} confirmed it. Type help for what you may do.`, tone: 'good' as const };
        await ops.tell.tell(tx, { key: `link:${nameOf(whose)} ${line.at} yes`, to: { place }, card, at: line.at });
        return undefined;
      },
    };
  },
});

const refuseLink = defineCommand({
  name: 'refuse link',
  summary: 'Says no to somebody who says who they are',
  examples: ['refuse link slack:U012AB3CD'],
  role: 'admin',
  root: 'oncall',
  peopleOnly: true,
  unscoped: true,
  options: z.object({ account: account() }),
  async run({ options, actor }, ops) {
    everywhere(actor, 'refuse link');
    const whose = named(options.account);
    const request = await requestOf(ops.records, whose);
    if (request?.state !== 'waiting') throw new Refusal(`${nameOf(whose)} waits for nothing.`);
    return {
      card: { title: `${nameOf(whose)} is not ${request.person}: refused.` },
      json: { account: nameOf(whose), refused: request.person },
      write: async (tx, line) => {
        await answer(tx, { account: whose, person: request.person, yes: false, by: actor, at: line.at });
        const card = { title: `${actor.name} did not confirm that you are ${request.person}. Talk to them if you are.`, tone: 'attention' as const };
        await ops.tell.tell(tx, { key: `link:${nameOf(whose)} ${line.at} no`, to: { place: request.place }, card, at: line.at });
        return undefined;
      },
    };
  },
});

const removeLinkCommand = defineCommand({
  name: 'remove link',
  summary: 'Takes an account away from whom it was linked to, with what a one-time code gave it',
  examples: ['remove link slack:U012AB3CD'],
  role: 'admin',
  root: 'oncall',
  peopleOnly: true,
  unscoped: true,
  options: z.object({ account: account() }),
  async run({ options, actor }, ops) {
    everywhere(actor, 'remove link');
    const whose = named(options.account);
    const owner = Object.entries(ops.config().people).find(([, entry]) => entry[whose.platform] === whose.user);
    if (owner) throw new Refusal(`${nameOf(whose)} is ${owner[0]}'s by holdfast.yaml; take it out there.`);
    return {
      card: { title: `${nameOf(whose)} is nobody's account any more.`, tone: 'good' },
      json: { account: nameOf(whose) },
      write: async (tx) => {
        if (!(await removeLink(tx, whose))) throw new Refusal(`${nameOf(whose)} was linked to nobody.`);
        return undefined;
      },
    };
  },
});

export const link = [linkMe, confirmLink, refuseLink, removeLinkCommand];

function named(text: string) {
  const found = readAccount(text);
  if (!found) throw new Refusal(`"${text}" is no account; write slack:U012AB3CD or discord:112233445566778899.`);
  return found;
}

/** Who is who is decided for the whole fleet: a role within a target is not enough. */
function everywhere(actor: { name: string; roles: readonly { role: string; scope?: string }[] }, command: string): void {
  if (actor.roles.some(({ role, scope }) => role === 'admin' && scope === undefined)) return;
  throw new Refusal(`"${command}" needs the role admin everywhere; ${actor.name} has it within a target only.`);
}
