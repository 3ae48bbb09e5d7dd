import { GatewayIntentBits, PermissionFlagsBits } from 'discord-api-types/v10';

export interface Permission {
  name: string;
  bit: bigint;
  why: string;
  /** What is so without it, where it is heard all the same. Nobody has to invite it again before it answers after an upgrade. */
  without?: string;
}

/** What the bot's role needs where it speaks, each with its reason; the invite link asks for their sum. */
const PERMISSIONS: readonly Permission[] = [
  { name: 'View Channel', bit: PermissionFlagsBits.ViewChannel, why: 'to be in a channel at all' },
  { name: 'Send Messages', bit: PermissionFlagsBits.SendMessages, why: 'cards and answers' },
  {
    name: 'Send Messages in Threads',
    bit: PermissionFlagsBits.SendMessagesInThreads,
    why: 'answers in the thread where somebody asked; Send Messages does not count there',
  },
  {
    name: 'Create Public Threads',
    bit: PermissionFlagsBits.CreatePublicThreads,
    why: 'the thread under the card of an incident, where its updates stand',
    without: 'the updates of an incident stand in the channel itself',
  },
  {
    name: 'Pin Messages',
    bit: PermissionFlagsBits.PinMessages,
    why: 'pins the card of an incident while it is open',
    without: 'the card of an incident is not pinned',
  },
  { name: 'Embed Links', bit: PermissionFlagsBits.EmbedLinks, why: 'a card is an embed' },
  { name: 'Attach Files', bit: PermissionFlagsBits.AttachFiles, why: 'whole outputs that a message cannot hold' },
  { name: 'Read Message History', bit: PermissionFlagsBits.ReadMessageHistory, why: 'looks whether a message of its own arrived, instead of posting it twice' },
];

/** Besides, where incidents get channels of their own (channels.<name>.incident_channels). */
const CHANNELS: Permission = {
  name: 'Manage Channels',
  bit: PermissionFlagsBits.ManageChannels,
  why: 'makes a channel for an incident',
  without: 'incidents get no channel of their own',
};

/** What it needs, as it is configured. */
export const permissionsFor = (channels: boolean): readonly Permission[] => (channels ? [...PERMISSIONS, CHANNELS] : PERMISSIONS);

/** Their sum, as the invite link writes it. */
export const permissionBits = (channels: boolean): string =>
  permissionsFor(channels)
    .reduce((sum, { bit }) => sum | bit, 0n)
    .toString();

/** None of these is privileged: the texts of others stay unread, only those to the bot (alone, or naming it) come along. */
export const INTENTS =
  // Which channel a thread belongs to.
  GatewayIntentBits.Guilds |
  // `@Holdfast check @web`, and the own messages that arrived.
  GatewayIntentBits.GuildMessages |
  // Lines written to the bot alone.
  GatewayIntentBits.DirectMessages;
