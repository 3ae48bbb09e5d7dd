import { EventEmitter } from 'node:events';
import { PermissionFlagsBits } from 'discord-api-types/v10';
import { type Channel, type Component, EPHEMERAL, type Interaction, LOADING, type Message, type User } from './shapes.ts';

/** Everything the stand-in holds. `changed` is said after each change somebody could see. */
export interface State {
  token: string;
  application: string;
  bot: string;
  server: string;
  users: Map<string, User>;
  channels: Map<string, Channel>;
  messages: Map<string, Message>;
  /** Nonce and channel → the message it made, for some minutes. */
  nonces: Map<string, { message: string; until: number }>;
  interactions: Map<string, Interaction>;
  /** Registered: globally under '', else by server. */
  commands: Map<string, unknown[]>;
  /** Every request as `POST /channels/1/messages`, in order. */
  requests: { line: string; at: number; body: unknown; status: number }[];
  /** Rules somebody broke; a test that leaves one here fails. */
  violations: string[];
  /** Wall ms plus what was let pass. */
  now(): number;
  pass(ms: number): void;
  id(): string;
  changed: EventEmitter;
}

export function freshState(): State {
  let n = 0n;
  let skew = 0;
  const now = (): number => Date.now() + skew;
  const id = (): string => String((BigInt(now()) - 1420070400000n) * 4194304n + (n++ % 4194304n));
  const bot = id();
  const changed = new EventEmitter();
  changed.setMaxListeners(0);
  return {
    token: `stand-in.${bot}.token`,
    application: bot,
    bot,
    server: id(),
    users: new Map(),
    channels: new Map(),
    messages: new Map(),
    nonces: new Map(),
    interactions: new Map(),
    commands: new Map(),
    requests: [],
    violations: [],
    now,
    pass: (ms) => {
      skew += ms;
    },
    id,
    changed,
  };
}

/** What a person reads of a message: content, embeds, files by name, buttons in brackets. */
export function screenText(message: Message): string {
  if (message.thinking) return '(thinking…)';
  const parts = [message.content];
  for (const { title, description, fields = [], footer } of message.embeds) {
    parts.push(title ?? '', description ?? '', ...fields.map(({ name, value }) => `${name}: ${value}`), footer?.text ?? '');
  }
  parts.push(...message.attachments.map(({ filename }) => `(file ${filename})`));
  const buttons = buttonsOf(message).map(({ label }) => `[${label}]`);
  return [...parts.filter(Boolean), ...(buttons.length ? [buttons.join(' ')] : [])].join('\n');
}

export const buttonsOf = ({ components }: { components: readonly Component[] }): Component[] => components.flatMap((row) => row.components ?? []);

/** As Discord sends a message to the app; content only where the app may read it without the privileged intent. */
export function wireMessage(state: State, message: Message, forApp = true): Record<string, unknown> {
  const own = message.author === state.bot;
  const channel = state.channels.get(message.channel_id);
  const readable = !forApp || own || channel?.type === 1 || new RegExp(`<@!?${state.bot}>`).test(message.content);
  return {
    id: message.id,
    channel_id: message.channel_id,
    type: 0,
    author: wireUser(state, message.author),
    content: readable ? message.content : '',
    embeds: readable ? message.embeds : [],
    components: readable ? message.components : [],
    attachments: message.attachments.map(({ id, filename }) => ({ id, filename, size: 1, url: 'https://example.org/f', proxy_url: 'https://example.org/f' })),
    mentions: [...message.content.matchAll(/<@!?(\d{17,20})>/g)].map(([, id]) => wireUser(state, id as string)),
    mention_roles: [],
    mention_everyone: false,
    pinned: message.pinned === true,
    tts: false,
    timestamp: new Date(message.made).toISOString(),
    edited_timestamp: message.edits > 0 ? new Date(state.now()).toISOString() : null,
    flags: message.flags,
  };
}

export const wireUser = (state: State, id: string): Record<string, unknown> => ({
  id,
  username: state.users.get(id)?.username ?? 'holdfast',
  discriminator: '0',
  global_name: state.users.get(id)?.username ?? 'Holdfast',
  avatar: null,
  ...(id === state.bot && { bot: true }),
});

export const wireMember = (state: State, id: string): Record<string, unknown> => ({
  roles: state.users.get(id)?.roles ?? [],
  joined_at: '2026-01-01T00:00:00.000Z',
  deaf: false,
  mute: false,
  flags: 0,
  nick: null,
  avatar: null,
});

export const wireChannel = (state: State, channel: Channel): Record<string, unknown> =>
  channel.type === 1
    ? { id: channel.id, type: 1, recipients: [wireUser(state, channel.with as string)], last_message_id: null, flags: 0 }
    : {
        id: channel.id,
        type: channel.type,
        guild_id: state.server,
        name: channel.name,
        parent_id: channel.parent_id ?? null,
        position: 0,
        topic: channel.topic ?? null,
        permission_overwrites: [
          ...(denied(channel) === 0n ? [] : [{ id: state.server, type: 0, allow: '0', deny: String(denied(channel)) }]),
          ...(channel.overwrites ?? []),
        ],
        permissions: '2147483647',
        flags: 0,
        ...(channel.type === 11 && {
          thread_metadata: { archived: false, auto_archive_duration: 1440, archive_timestamp: '2026-01-01T00:00:00.000Z', locked: false },
        }),
      };

/** The server as GUILD_CREATE brings it. */
export const theServer = (state: State): object => ({
  id: state.server,
  name: 'operations',
  owner_id: state.server,
  roles: rolesOf(state),
  emojis: [],
  features: [],
  channels: [...state.channels.values()].filter(({ type }) => type === 0).map((one) => wireChannel(state, one)),
  threads: [...state.channels.values()].filter(({ type }) => type === 11).map((one) => wireChannel(state, one)),
  members: [{ user: wireUser(state, state.bot), ...wireMember(state, state.bot) }],
  member_count: state.users.size + 1,
  presences: [],
  voice_states: [],
  stage_instances: [],
  guild_scheduled_events: [],
  stickers: [],
  joined_at: '2026-01-01T00:00:00.000Z',
  large: false,
  unavailable: false,
});

/** Roles of the server: everybody may everything, and those of its members. */
export const rolesOf = (state: State): object[] => [
  { id: state.server, name: '@everyone', permissions: EVERYTHING, position: 0 },
  ...[...new Set([...state.users.values()].flatMap(({ roles }) => roles))].map((id, n) => ({ id, name: `role ${n + 1}`, permissions: '0', position: n + 1 })),
];

/** But Administrator, to whom no channel can deny anything. */
const EVERYTHING = String(((1n << 53n) - 1n) & ~PermissionFlagsBits.Administrator);
const denied = ({ shut, bare }: Channel): bigint =>
  (shut === 'permission' ? PermissionFlagsBits.SendMessages : 0n) |
  (bare ? PermissionFlagsBits.PinMessages | PermissionFlagsBits.CreatePublicThreads | PermissionFlagsBits.ManageChannels : 0n);

/** A message made or changed; flags as the app sent them. */
export function writeMessage(
  state: State,
  body: { content?: string | null; embeds?: Message['embeds'] | null; components?: Component[] | null; flags?: number | null; attachments?: { id: string }[] },
  files: readonly { name: string; text: string }[],
  into: Message | { channel_id: string; author: string; ephemeralFor?: string; of?: string },
): Message {
  const old = 'id' in into ? into : undefined;
  const kept = (old?.attachments ?? []).filter(({ id }) => !body.attachments || body.attachments.some((one) => one.id === id));
  const message: Message = {
    ...(old ?? { id: state.id(), pinged: [], edits: -1, made: state.now(), ...into, flags: 0 }),
    content: body.content === undefined ? (old?.content ?? '') : (body.content ?? ''),
    embeds: body.embeds === undefined ? (old?.embeds ?? []) : (body.embeds ?? []),
    components: body.components === undefined ? (old?.components ?? []) : (body.components ?? []),
    attachments: [...kept, ...files.map(({ name, text }) => ({ id: state.id(), filename: name, text }))],
    thinking: false,
  } as Message;
  message.flags = ((body.flags ?? 0) & EPHEMERAL) | (message.ephemeralFor ? EPHEMERAL : 0);
  message.edits += 1;
  state.messages.set(message.id, message);
  state.changed.emit('changed');
  return message;
}

export function thinkingMessage(state: State, of: Interaction, ephemeral: boolean): Message {
  const message: Message = {
    id: state.id(),
    channel_id: of.channel,
    author: state.bot,
    content: '',
    embeds: [],
    components: [],
    attachments: [],
    flags: LOADING | (ephemeral ? EPHEMERAL : 0),
    ...(ephemeral && { ephemeralFor: of.user }),
    thinking: true,
    pinged: [],
    edits: 0,
    made: state.now(),
    of: of.id,
  };
  state.messages.set(message.id, message);
  state.changed.emit('changed');
  return message;
}
