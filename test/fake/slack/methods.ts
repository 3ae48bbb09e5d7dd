import { messageProblems, viewProblems } from './rules.ts';
import { pingsIn } from './screen.ts';
import type { Triggers } from './triggers.ts';
import type { FakeChannel, FakeMessage, Wire, Workspace } from './workspace.ts';

export type Answer = { ok: true; [field: string]: Wire } | { ok: false; error: string; [field: string]: Wire };

export interface MethodWorld {
  workspace: Workspace;
  triggers: Triggers;
  base(): string;
  /** A URL for one socket. */
  ticket(): string;
}

type Method = (fields: Record<string, Wire>, world: MethodWorld) => Answer;

const no = (error: string, more: object = {}): Answer => ({ ok: false, error, ...more });

/** The Web API, as far as an incident bot needs it. */
export const METHODS: Record<string, Method> = {
  'auth.test': (_, { workspace, base }) => ({
    ok: true,
    url: `${base()}/`,
    team: 'Fake',
    user: workspace.bot.name,
    team_id: workspace.team,
    user_id: workspace.bot.id,
    bot_id: 'B0HOLDFAST',
    is_enterprise_install: false,
  }),
  'apps.connections.open': (_, { ticket }) => ({ ok: true, url: ticket() }),
  'team.info': (_, { workspace }) => ({ ok: true, team: { id: workspace.team, name: 'Fake', domain: 'fake' } }),
  'bots.info': () => ({ ok: true, bot: { id: 'B0HOLDFAST', name: 'holdfast', deleted: false } }),

  'chat.postMessage': (fields, world) => {
    const { workspace } = world;
    const channel = openFor(workspace, fields['channel']);
    if ('error' in channel) return channel;
    if (fields['thread_ts'] && !find(workspace, channel.id, fields['thread_ts'])) return no('thread_not_found');
    const wrong = judge(workspace, 'chat.postMessage', fields);
    if (wrong) return wrong;
    const message = workspace.put({
      channel: channel.id,
      user: workspace.bot.id,
      text: fields['text'] ?? '',
      blocks: withIds(fields['blocks'] ?? []),
      metadata: fields['metadata'],
      ...(fields['thread_ts'] && { thread: fields['thread_ts'] }),
      pings: pingsIn(fields['text'] ?? '', fields['blocks'] ?? []),
    });
    if (fields['unfurl_links'] !== 'false' || fields['unfurl_media'] !== 'false') workspace.violations.push('chat.postMessage: links would be unfurled');
    return { ok: true, channel: channel.id, ts: message.ts, message: wireMessage(workspace, message, true) };
  },
  'chat.update': (fields, { workspace }) => {
    const channel = workspace.channels.get(fields['channel']);
    if (!channel) return no('channel_not_found');
    if (channel.archived) return no('is_archived');
    const message = find(workspace, channel.id, fields['ts']);
    if (!message || message.deleted || message.onlyFor) return no('message_not_found');
    if (message.user !== workspace.bot.id) return no('cant_update_message');
    const wrong = judge(workspace, 'chat.update', fields);
    if (wrong) return wrong;
    message.text = fields['text'] ?? '';
    message.blocks = withIds(fields['blocks'] ?? []);
    if (fields['metadata']) message.metadata = fields['metadata'];
    message.edits += 1;
    workspace.changed();
    return { ok: true, channel: channel.id, ts: message.ts, text: message.text, message: wireMessage(workspace, message, true) };
  },
  'chat.postEphemeral': (fields, { workspace }) => {
    const channel = openFor(workspace, fields['channel']);
    if ('error' in channel) return channel;
    if (!channel.members.has(fields['user'])) return no('user_not_in_channel');
    const wrong = judge(workspace, 'chat.postEphemeral', fields);
    if (wrong) return wrong;
    const { ts } = workspace.put({
      channel: channel.id,
      user: workspace.bot.id,
      text: fields['text'] ?? '',
      blocks: withIds(fields['blocks'] ?? []),
      onlyFor: fields['user'],
      ...(fields['thread_ts'] && { thread: fields['thread_ts'] }),
    });
    return { ok: true, message_ts: ts };
  },
  'chat.delete': (fields, { workspace }) => {
    const message = find(workspace, fields['channel'], fields['ts']);
    if (!message || message.deleted) return no('message_not_found');
    if (message.user !== workspace.bot.id) return no('cant_delete_message');
    message.deleted = true;
    workspace.changed();
    return { ok: true, channel: message.channel, ts: message.ts };
  },
  'chat.getPermalink': (fields, { workspace, base }) => {
    const message = find(workspace, fields['channel'], fields['message_ts']);
    return message
      ? { ok: true, channel: message.channel, permalink: `${base()}/archives/${message.channel}/p${message.ts.replace('.', '')}` }
      : no('message_not_found');
  },

  'conversations.open': (fields, { workspace }) => {
    const user = workspace.users.get(String(fields['users']).split(',')[0] as string);
    if (!user) return no('user_not_found');
    if (user.deleted) return no('user_disabled');
    if (user.bot) return no('cannot_dm_bot');
    return { ok: true, channel: { id: workspace.dmWith(user.id).id } };
  },
  'conversations.info': (fields, { workspace }) => {
    const channel = workspace.channels.get(fields['channel']);
    return channel ? { ok: true, channel: wireChannel(workspace, channel) } : no('channel_not_found');
  },
  'conversations.list': (fields, { workspace }) =>
    page(
      [...workspace.channels.values()].filter((one) => !one.with).map((one) => wireChannel(workspace, one)),
      'channels',
      fields,
    ),
  'conversations.members': (fields, { workspace }) => {
    const channel = workspace.channels.get(fields['channel']);
    return channel ? page([...channel.members], 'members', fields) : no('channel_not_found');
  },
  'conversations.join': (fields, { workspace }) => {
    const channel = workspace.channels.get(fields['channel']);
    if (!channel) return no('channel_not_found');
    if (channel.archived) return no('is_archived');
    channel.members.add(workspace.bot.id);
    return { ok: true, channel: wireChannel(workspace, channel) };
  },
  'conversations.create': (fields, { workspace }) => {
    if (!/^[a-z0-9_-]{1,80}$/.test(fields['name'])) return no('invalid_name_specials');
    if ([...workspace.channels.values()].some(({ name }) => name === fields['name'])) return no('name_taken');
    const channel: FakeChannel = {
      id: workspace.id('C'),
      name: fields['name'],
      members: new Set([workspace.bot.id]),
      archived: false,
      creator: workspace.bot.id,
    };
    workspace.channels.set(channel.id, channel);
    workspace.changed();
    return { ok: true, channel: wireChannel(workspace, channel) };
  },
  'conversations.setPurpose': (fields, { workspace }) => setText(workspace, fields, 'purpose'),
  'conversations.setTopic': (fields, { workspace }) => setText(workspace, fields, 'topic'),
  'conversations.invite': (fields, { workspace }) => {
    const channel = openFor(workspace, fields['channel']);
    if ('error' in channel) return channel;
    const users = String(fields['users']).split(',');
    if (users.some((user) => !workspace.users.has(user))) return no('user_not_found');
    if (users.includes(workspace.bot.id)) return no('cant_invite_self');
    if (users.some((user) => channel.members.has(user))) return no('already_in_channel');
    for (const user of users) channel.members.add(user);
    workspace.changed();
    return { ok: true, channel: wireChannel(workspace, channel) };
  },
  'conversations.history': (fields, { workspace }) => {
    const channel = openFor(workspace, fields['channel'], true);
    if ('error' in channel) return channel;
    const all = workspace.messages.filter((one) => one.channel === channel.id && !one.deleted && !one.onlyFor && !one.thread && inRange(one, fields));
    return page(
      all.reverse().map((one) => wireMessage(workspace, one, withMetadata(fields))),
      'messages',
      fields,
    );
  },
  'conversations.replies': (fields, { workspace }) => {
    const channel = openFor(workspace, fields['channel'], true);
    if ('error' in channel) return channel;
    if (!find(workspace, channel.id, fields['ts'])) return no('thread_not_found');
    const all = workspace.messages.filter(
      (one) => one.channel === channel.id && !one.deleted && !one.onlyFor && (one.thread === fields['ts'] || one.ts === fields['ts']) && inRange(one, fields),
    );
    return page(
      all.map((one) => wireMessage(workspace, one, withMetadata(fields))),
      'messages',
      fields,
    );
  },

  'users.info': (fields, { workspace }) => {
    const user = workspace.users.get(fields['user']);
    return user ? { ok: true, user: wireUser(user) } : no('user_not_found');
  },
  'users.list': (fields, { workspace }) => page([...workspace.users.values()].map(wireUser), 'members', fields),
  'users.lookupByEmail': (fields, { workspace }) => {
    const user = [...workspace.users.values()].find(({ email }) => email !== undefined && email === fields['email']);
    return user ? { ok: true, user: wireUser(user) } : no('users_not_found');
  },
  'usergroups.list': (_, { workspace }) => ({ ok: true, usergroups: [...workspace.groups.values()].map(({ id, handle }) => ({ id, handle, name: handle })) }),
  'usergroups.users.list': (fields, { workspace }) => {
    const group = workspace.groups.get(fields['usergroup']);
    return group ? { ok: true, users: group.users } : no('no_such_subteam');
  },

  'views.open': (fields, { workspace, triggers }) => {
    const bad = triggers.exchange(fields['trigger_id']);
    if (bad) return no(bad);
    const problems = viewProblems(fields['view']);
    if (problems.length > 0) {
      workspace.violations.push(...problems.map((says) => `views.open: ${says}`));
      return no(problems.includes('view_too_large') ? 'view_too_large' : 'invalid_arguments', {
        response_metadata: { messages: problems.map((says) => `[ERROR] ${says}`) },
      });
    }
    const view = { ...fields['view'], id: workspace.id('V'), hash: workspace.id('h'), state: { values: {} }, trigger: fields['trigger_id'] };
    workspace.views.set(view.id, view);
    workspace.changed();
    return { ok: true, view };
  },
  'views.update': (fields, { workspace }) => {
    const view = workspace.views.get(fields['view_id']);
    if (!view) return no('not_found');
    if (fields['hash'] && fields['hash'] !== view.hash) return no('hash_conflict');
    const problems = viewProblems(fields['view']);
    if (problems.length > 0) workspace.violations.push(...problems.map((says) => `views.update: ${says}`));
    const next = { ...view, ...fields['view'], hash: workspace.id('h') };
    workspace.views.set(view.id, next);
    workspace.changed();
    return { ok: true, view: next };
  },

  'pins.add': (fields, { workspace }) => {
    if (workspace.pins.some(({ channel, ts }) => channel === fields['channel'] && ts === fields['timestamp'])) return no('already_pinned');
    if (!find(workspace, fields['channel'], fields['timestamp'])) return no('message_not_found');
    workspace.pins.push({ channel: fields['channel'], ts: fields['timestamp'] });
    return { ok: true };
  },
  'pins.remove': (fields, { workspace }) => {
    const before = workspace.pins.length;
    workspace.pins = workspace.pins.filter(({ channel, ts }) => channel !== fields['channel'] || ts !== fields['timestamp']);
    return workspace.pins.length < before ? { ok: true } : no('no_pin');
  },
  'reactions.add': (fields, { workspace }) => {
    const message = find(workspace, fields['channel'], fields['timestamp']);
    if (!message) return no('message_not_found');
    if (message.reactions.includes(fields['name'])) return no('already_reacted');
    message.reactions.push(fields['name']);
    workspace.changed();
    return { ok: true };
  },

  'files.getUploadURLExternal': (fields, { workspace, base }) => {
    if (!(Number(fields['length']) > 0)) return no('invalid_arguments');
    const file = { id: workspace.id('F'), name: String(fields['filename']), content: '', length: Number(fields['length']) };
    workspace.files.set(file.id, file);
    return { ok: true, upload_url: `${base()}/upload/${file.id}`, file_id: file.id };
  },
  'files.completeUploadExternal': (fields, { workspace }) => {
    const files = (fields['files'] as { id: string }[]).map(({ id }) => workspace.files.get(id));
    if (files.some((file) => !file || file.length !== Buffer.byteLength(file.content))) return no('file_not_found');
    const whole = files as NonNullable<(typeof files)[number]>[];
    if (!fields['channel_id']) return { ok: true, files: whole.map(({ id, name }) => ({ id, title: name })) };
    const channel = openFor(workspace, fields['channel_id']);
    if ('error' in channel) return channel;
    const text = fields['initial_comment'] ?? '';
    workspace.put({
      channel: channel.id,
      user: workspace.bot.id,
      text,
      files: whole,
      pings: pingsIn(text, []),
      ...(fields['thread_ts'] && { thread: fields['thread_ts'] }),
    });
    return { ok: true, files: whole.map(({ id, name }) => ({ id, title: name })) };
  },
};

function setText(workspace: Workspace, fields: Record<string, Wire>, what: 'purpose' | 'topic'): Answer {
  const channel = openFor(workspace, fields['channel']);
  if ('error' in channel) return channel;
  if (String(fields[what]).length > 250) return no('too_long');
  channel[what] = fields[what];
  workspace.changed();
  return { ok: true, [what]: fields[what] };
}

/** A channel the bot may write (or read) in. */
function openFor(workspace: Workspace, id: unknown, reading = false): FakeChannel | (Answer & { ok: false }) {
  // A user id opens the direct message, as the real one does.
  const user = typeof id === 'string' && /^[UW]/.test(id) ? workspace.users.get(id) : undefined;
  const channel = user ? workspace.dmWith(user.id) : workspace.channels.get(String(id));
  if (!channel) return no('channel_not_found') as Answer & { ok: false };
  if (channel.archived && !reading) return no('is_archived') as Answer & { ok: false };
  if (!channel.members.has(workspace.bot.id)) return no('not_in_channel') as Answer & { ok: false };
  return channel;
}

function judge(workspace: Workspace, method: string, fields: Record<string, Wire>): Answer | undefined {
  const problems = messageProblems({ text: fields['text'], blocks: fields['blocks'] });
  if (fields['metadata'] && (!fields['metadata'].event_type || typeof fields['metadata'].event_payload !== 'object'))
    problems.push({ error: 'invalid_metadata_format', says: 'metadata without event_type or event_payload' });
  workspace.violations.push(...problems.map(({ says }) => `${method}: ${says}`));
  const error = problems.find((problem) => problem.error !== '')?.error;
  return error ? no(error, { response_metadata: { messages: problems.map(({ says }) => `[ERROR] ${says}`) } }) : undefined;
}

export const find = (workspace: Workspace, channel: string, ts: string): FakeMessage | undefined =>
  workspace.messages.find((message) => message.channel === channel && message.ts === ts);

/** Slack gives what has no id one, and hands it back with what was pressed. */
export const withIds = (blocks: readonly Wire[]): Wire[] =>
  blocks.map((block, n) => ({
    ...block,
    block_id: block.block_id ?? `b${n}`,
    ...(block.elements && {
      elements: block.elements.map((element: Wire, m: number) =>
        element.type === 'button' || element.type === 'overflow' ? { ...element, action_id: element.action_id ?? `a${n}-${m}` } : element,
      ),
    }),
  }));

const withMetadata = (fields: Record<string, Wire>): boolean => String(fields['include_all_metadata']) === 'true';

function inRange({ ts }: FakeMessage, { oldest, latest, inclusive }: Record<string, Wire>): boolean {
  const at = Number(ts);
  const with_ = String(inclusive) === 'true';
  return (oldest === undefined || at > Number(oldest) || (with_ && ts === oldest)) && (latest === undefined || at < Number(latest) || (with_ && ts === latest));
}

function page(all: readonly Wire[], name: string, { limit = 100, cursor = '0' }: Record<string, Wire>): Answer {
  const from = Number(cursor || 0);
  const some = all.slice(from, from + Number(limit));
  const next = from + some.length < all.length ? String(from + some.length) : '';
  return { ok: true, [name]: some, has_more: next !== '', response_metadata: { next_cursor: next } };
}

export function wireMessage(workspace: Workspace, message: FakeMessage, metadata: boolean): Wire {
  return {
    type: 'message',
    user: message.user,
    text: message.text,
    ts: message.ts,
    team: workspace.team,
    ...(message.user === workspace.bot.id && { bot_id: 'B0HOLDFAST', app_id: workspace.app }),
    ...(message.blocks.length > 0 && { blocks: message.blocks }),
    ...(message.thread && { thread_ts: message.thread, parent_user_id: find(workspace, message.channel, message.thread)?.user }),
    ...(message.edits > 0 && { edited: { user: message.user, ts: message.ts } }),
    ...(metadata && message.metadata && { metadata: message.metadata }),
  };
}

const wireChannel = (workspace: Workspace, channel: FakeChannel): Wire => ({
  id: channel.id,
  name: channel.name,
  is_channel: !channel.with,
  is_im: channel.with !== undefined,
  is_archived: channel.archived,
  is_member: channel.members.has(workspace.bot.id),
  is_private: channel.hidden === true,
  creator: channel.creator ?? 'U0SOMEBODY',
  purpose: { value: channel.purpose ?? '', creator: '', last_set: 0 },
  topic: { value: channel.topic ?? '', creator: '', last_set: 0 },
  ...(channel.with && { user: channel.with }),
});

const wireUser = (user: Wire): Wire => ({
  id: user.id,
  name: user.name,
  deleted: user.deleted === true,
  is_bot: user.bot === true,
  tz: user.tz,
  profile: { display_name: user.name, real_name: user.name, ...(user.email && { email: user.email }) },
});
