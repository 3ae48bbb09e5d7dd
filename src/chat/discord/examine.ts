import type { Config } from '../../config/schema.ts';
import type { Examined } from '../../doctor.ts';
import type { Person } from '../../people.ts';
import { makesChannels } from '../bindings.ts';
import type { Command } from '../command.ts';
import { askDiscord, DiscordSaysNo } from './ask.ts';
import { invitation } from './invitation.ts';
import { type Registered, registrationOf, sameCommands } from './registration.ts';

/** Asks Discord for everything Holdfast needs of it: token, server, commands, roles, accounts. Channels are asked of src/chat/presence.ts. */
export async function examineDiscord(config: Config, people: readonly Person[], commands: readonly Command[]): Promise<Examined[]> {
  const { discord } = config;
  if (!discord) return [];
  try {
    const application = await askDiscord<{ id: string; name?: string }>(discord, '/applications/@me');
    const token = well(`the token is good: ${application.name ?? application.id}`);
    const there = await server(discord, application.id, makesChannels(config));
    if (there.some(({ ok }) => !ok)) return [token, ...there];
    return [token, ...there, await registered(discord, application.id, commands), ...(await roles(discord)), ...(await accounts(discord, people))];
  } catch (error) {
    if (error instanceof DiscordSaysNo && error.status === 401)
      return [unwell('the token is refused (401)', 'Developer Portal, Bot, Reset Token: the new one into discord.token, and restart')];
    return [unwell(says(error), 'look whether this machine reaches discord.com, and at discordstatus.com')];
  }
}

type Discord = NonNullable<Config['discord']>;

const name = 'discord';
const well = (text: string): Examined => ({ name, ok: true, says: text });
const unwell = (text: string, remedy: string): Examined => ({ name, ok: false, says: text, remedy });
const says = (error: unknown): string => (error instanceof DiscordSaysNo ? error.message : `no answer: ${(error as Error).message}`);
const isNo = (error: unknown): boolean => error instanceof DiscordSaysNo && (error.status === 403 || error.status === 404);

async function server(discord: Discord, application: string, channels: boolean): Promise<Examined[]> {
  if (discord.server === undefined) return [well('no server is named: commands are registered everywhere it is invited to')];
  try {
    const found = await askDiscord<{ name?: string }>(discord, `/guilds/${discord.server}`);
    return [well(`it is on the server ${found.name ?? discord.server}`)];
  } catch (error) {
    if (!isNo(error)) throw error;
    return [
      unwell(
        `it is not on the server ${discord.server}`,
        `somebody who may manage the server opens ${invitation(application, { server: discord.server, channels }).url}`,
      ),
    ];
  }
}

async function registered(discord: Discord, application: string, commands: readonly Command[]): Promise<Examined> {
  const path = discord.server === undefined ? `/applications/${application}/commands` : `/applications/${application}/guilds/${discord.server}/commands`;
  const there = await askDiscord<Registered[]>(discord, path);
  const wanted = registrationOf(commands, discord.server === undefined);
  const roots = wanted.map((one) => one.name).join(', ');
  return sameCommands(there, wanted)
    ? well(`its commands are registered: ${roots}`)
    : unwell(
        'its commands are not registered as this version has them',
        'start it, or restart: it registers them by itself. The invitation must have the scope applications.commands',
      );
}

async function roles(discord: Discord): Promise<Examined[]> {
  const configured = Object.keys(discord.groups ?? {});
  if (configured.length === 0 || discord.server === undefined) return [];
  const there = new Set((await askDiscord<{ id: string }[]>(discord, `/guilds/${discord.server}/roles`)).map(({ id }) => id));
  return configured
    .filter((id) => !there.has(id))
    .map((id) => unwell(`the role ${id} gives nobody a role: it is not on the server`, 'take it out of discord.groups, or give the id of one that is there'));
}

async function accounts(discord: Discord, people: readonly Person[]): Promise<Examined[]> {
  const theirs = people.filter((person) => person.discord !== undefined);
  const without = people.filter((person) => person.discord === undefined).map((person) => person.name);
  const wrong: Examined[] = [];
  for (const person of theirs) {
    const path = discord.server === undefined ? `/users/${person.discord}` : `/guilds/${discord.server}/members/${person.discord}`;
    await askDiscord(discord, path).catch((error: unknown) => {
      if (!isNo(error)) throw error;
      wrong.push(
        unwell(
          `${person.name}'s account ${person.discord} is not ${discord.server === undefined ? 'there' : 'on the server'}, and cannot be written to`,
          `invite them, or put their id into people.${person.name}.discord, or: remove link discord:${person.discord}`,
        ),
      );
    });
  }
  const rest = without.length > 0 ? `; not known there: ${without.join(', ')}` : '';
  return [...wrong, ...(wrong.length === 0 ? [well(`${theirs.length} of ${people.length} people have an account that is there${rest}`)] : [])];
}
