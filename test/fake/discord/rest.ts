import type { IncomingMessage, ServerResponse } from 'node:http';
import type { How } from './faults.ts';
import type { Gateway } from './gateway.ts';
import { answerInteraction, editReply } from './replies.ts';
import { commandProblems, messageProblems } from './rules.ts';
import { schemaProblems } from './schema.ts';
import type { Channel } from './shapes.ts';
import { rolesOf, type State, theServer, wireChannel, wireMember, wireMessage, wireUser, writeMessage } from './state.ts';
import { type Answer, type Asked, inServer, problem, rings } from './wire.ts';

interface World {
  state: State;
  gateway: Gateway;
  gatewayUrl(): string;
  fault(request: string): How | undefined;
  limits: { messages?: { count: number; ms: number } };
}

/** Discord's HTTP side. `limits.messages`: posts per channel and time; `limits.headers`: what the answers say of it. */
export function openRest(world: World): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { state } = world;
  const posted = new Map<string, number[]>();

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const path = decodeURIComponent(url.pathname).replace(/^\/api\/v10/, '');
    const line = `${request.method} ${path}`;
    const asked: Asked = { method: request.method ?? 'GET', path, query: url.searchParams, ...(await readBody(request)) };
    const how = world.fault(line);
    const note = (status: number): void => {
      state.requests.push({ line, at: state.now(), body: asked.body, status });
      state.changed.emit('changed');
    };
    const done = (): Answer => {
      hold(state, asked);
      if (!path.startsWith('/interactions/') && !/^\/webhooks\/\d+\/./.test(path) && request.headers.authorization !== `Bot ${state.token}`)
        return problem(401, 0, '401: Unauthorized');
      return answer(world, asked);
    };
    if (how?.is === 'late') state.pass(3001);
    if (how && how.is !== 'late') {
      if ('after' in how && how.after) done();
      if (how.is === 'drop') {
        note(0);
        return void request.socket.destroy();
      }
      if (how.is === 'hang') return note(0);
      if (how.is === 'rate limit') return send(response, limited(how.seconds, how.global === true), note);
      if (how.is === 'server error') return send(response, { status: 503, body: { message: 'upstream connect error', code: 0 } }, note);
      return send(response, problem(how.status, how.code, how.message), note);
    }
    const bucket = /^POST (\/channels\/\d+\/messages)$/.exec(line)?.[1];
    const limit = world.limits.messages;
    if (!bucket || !limit) return send(response, done(), note);
    const recent = (posted.get(bucket) ?? []).filter((at) => at > Date.now() - limit.ms);
    const after = Math.max(0, (recent[0] ?? Date.now()) + limit.ms - Date.now()) / 1000;
    if (recent.length >= limit.count) return send(response, limited(after, false), note);
    posted.set(bucket, [...recent, Date.now()]);
    send(response, done(), note, {
      'X-RateLimit-Limit': limit.count,
      'X-RateLimit-Remaining': limit.count - recent.length - 1,
      'X-RateLimit-Reset': Date.now() / 1000 + after,
      'X-RateLimit-Reset-After': after || limit.ms / 1000,
      'X-RateLimit-Bucket': 'messages',
    });
  };
}

const limited = (seconds: number, global: boolean): Answer & { headers: Record<string, string> } => ({
  status: 429,
  body: { message: 'You are being rate limited.', retry_after: seconds, global },
  headers: {
    'Retry-After': String(seconds),
    'X-RateLimit-Scope': global ? 'global' : 'user',
    ...(global
      ? { 'X-RateLimit-Global': 'true' }
      : { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Limit': '5', 'X-RateLimit-Reset-After': String(seconds), 'X-RateLimit-Bucket': 'b' }),
  },
});

function send(
  response: ServerResponse,
  { status, body, headers }: Answer & { headers?: Record<string, string> },
  note: (status: number) => void,
  more: Record<string, string | number> = {},
): void {
  response.writeHead(status, { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers, ...more });
  response.end(body === undefined ? undefined : JSON.stringify(body));
  note(status);
}

/** Writes down every rule this request breaks. */
function hold(state: State, { method, path, body, files }: Asked): void {
  if (method === 'GET' || method === 'DELETE') return;
  const say = (problems: string[]): void => void state.violations.push(...problems.map((one) => `${method} ${path}: ${one}`));
  say(schemaProblems(method, path, body));
  if (/\/messages(\/[^/]+)?$/.test(path) || /^\/webhooks\/\d+\/[^/]+$/.test(path))
    say(
      messageProblems(
        body ?? {},
        files.map(({ name }) => name),
        method === 'POST',
      ),
    );
  if (/\/callback$/.test(path) && [4, 7].includes(body?.type))
    say(
      messageProblems(
        body.data ?? {},
        files.map(({ name }) => name),
        body.type === 4,
      ),
    );
  if (/\/commands$/.test(path) && method === 'PUT') say(commandProblems(body));
}

type Route = [method: string, path: RegExp, take: (world: World, ids: string[], asked: Asked) => Answer];

const ROUTES: Route[] = [
  [
    'GET',
    /^\/gateway\/bot$/,
    ({ gatewayUrl }) => ({
      status: 200,
      body: { url: gatewayUrl(), shards: 1, session_start_limit: { total: 1000, remaining: 999, reset_after: 1000, max_concurrency: 1 } },
    }),
  ],
  ['GET', /^\/users\/@me$/, ({ state }) => ({ status: 200, body: wireUser(state, state.bot) })],
  [
    'GET',
    /^\/applications\/@me$/,
    ({ state }) => ({ status: 200, body: { id: state.application, name: 'Holdfast', bot: wireUser(state, state.bot), flags: 0 } }),
  ],
  ['POST', /^\/users\/@me\/channels$/, ({ state }, _, { body }) => openDirect(state, body.recipient_id)],
  ['GET', /^\/applications\/\d+(?:\/guilds\/(\d+))?\/commands$/, ({ state }, [server]) => ({ status: 200, body: state.commands.get(server ?? '') ?? [] })],
  ['PUT', /^\/applications\/\d+(?:\/guilds\/(\d+))?\/commands$/, ({ state }, [server], { body }) => register(state, server, body)],
  ['POST', /^\/interactions\/(\d+)\/([^/]+)\/callback$/, ({ state }, [id = '', token = ''], asked) => answerInteraction(state, id, token, asked)],
  ['PATCH', /^\/webhooks\/\d+\/([^/]+)\/messages\/([^/]+)$/, ({ state }, [token = '', which = ''], asked) => editReply(state, token, which, asked)],
  ['GET', /^\/guilds\/\d+\/members\/(\d+)$/, ({ state }, [id = '']) => member(state, id)],
  ['GET', /^\/guilds\/(\d+)$/, ({ state }, [id]) => (id === state.server ? { status: 200, body: theServer(state) } : problem(404, 10004, 'Unknown Guild'))],
  ['GET', /^\/guilds\/\d+\/roles$/, ({ state }) => ({ status: 200, body: rolesOf(state) })],
  ['GET', /^\/guilds\/\d+\/channels$/, ({ state }) => ({ status: 200, body: inTheServer(state).map((channel) => wireChannel(state, channel)) })],
  ['POST', /^\/guilds\/\d+\/channels$/, (world, _, { body }) => makeChannel(world, body)],
  ['GET', /^\/channels\/(\d+)$/, ({ state }, [id = '']) => channelOf(state, id)],
  ['POST', /^\/channels\/(\d+)\/messages$/, (world, [id = ''], asked) => post(world, id, asked)],
  ['GET', /^\/channels\/(\d+)\/messages$/, ({ state }, [id = ''], { query }) => list(state, id, query)],
  ['PUT', /^\/channels\/(\d+)\/messages\/pins\/(\d+)$/, ({ state }, [channel = '', id = '']) => pin(state, channel, id, true)],
  ['DELETE', /^\/channels\/(\d+)\/messages\/pins\/(\d+)$/, ({ state }, [channel = '', id = '']) => pin(state, channel, id, false)],
  ['POST', /^\/channels\/(\d+)\/messages\/(\d+)\/threads$/, (world, [channel = '', id = ''], { body }) => beginThread(world, channel, id, body)],
  ['PATCH', /^\/channels\/\d+\/messages\/(\d+)$/, (world, [id = ''], asked) => edit(world, id, asked)],
];

function answer(world: World, asked: Asked): Answer {
  const route = ROUTES.find(([method, path]) => method === asked.method && path.test(asked.path));
  if (!route) return problem(404, 0, `404: Not Found (${asked.method} ${asked.path})`);
  return route[2](world, (route[1].exec(asked.path) ?? []).slice(1) as string[], asked);
}

function channelOf(state: State, id: string): Answer {
  const channel = state.channels.get(id);
  if (channel?.shut === 'access') return problem(403, 50001, 'Missing Access');
  return channel ? { status: 200, body: wireChannel(state, channel) } : problem(404, 10003, 'Unknown Channel');
}

const inTheServer = (state: State): Channel[] => [...state.channels.values()].filter(({ type }) => type === 0);

/** Who may make one is a permission of the server: denied anywhere, it is denied here. */
function makeChannel(
  { state, gateway }: { state: State; gateway: Gateway },
  body: { name: string; topic?: string; permission_overwrites?: Channel['overwrites'] },
): Answer {
  if (inTheServer(state).some(({ bare }) => bare)) return problem(403, 50013, 'Missing Permissions');
  if (!/^[^A-Z\s]{1,100}$/.test(body.name)) return problem(400, 50035, 'Invalid Form Body');
  const channel: Channel = {
    id: state.id(),
    type: 0,
    name: body.name,
    ...(body.topic !== undefined && { topic: body.topic }),
    overwrites: (body.permission_overwrites ?? []).map(({ allow, deny, ...one }) => ({ ...one, allow: String(allow), deny: String(deny) })),
  };
  state.channels.set(channel.id, channel);
  gateway.dispatch('CHANNEL_CREATE', wireChannel(state, channel));
  return { status: 201, body: wireChannel(state, channel) };
}

function openDirect(state: State, user: string): Answer {
  if (!state.users.has(user)) return problem(400, 50033, 'Invalid Recipient(s)');
  const known = [...state.channels.values()].find((channel) => channel.with === user);
  const channel = known ?? { id: state.id(), type: 1, name: 'direct', with: user };
  state.channels.set(channel.id, channel);
  return { status: 200, body: wireChannel(state, channel) };
}

function register(state: State, server: string | undefined, commands: object[]): Answer {
  const made = commands.map((command) => ({ id: state.id(), application_id: state.application, version: state.id(), type: 1, nsfw: false, ...command }));
  state.commands.set(server ?? '', made);
  return { status: 200, body: made };
}

function member(state: State, id: string): Answer {
  if (!state.users.has(id) && id !== state.bot) return problem(404, 10007, 'Unknown Member');
  return { status: 200, body: { user: wireUser(state, id), ...wireMember(state, id) } };
}

/** Why the bot may not write there. */
function refusedIn(state: State, id: string): Answer | undefined {
  const channel = state.channels.get(id);
  if (!channel) return problem(404, 10003, 'Unknown Channel');
  if (channel.shut === 'access') return problem(403, 50001, 'Missing Access');
  if (channel.shut === 'permission') return problem(403, 50013, 'Missing Permissions');
  if (channel.with && state.users.get(channel.with)?.closed) return problem(403, 50007, 'Cannot send messages to this user');
  return undefined;
}

function post({ state, gateway }: { state: State; gateway: Gateway }, channel: string, { body, files }: Asked): Answer {
  const refused = refusedIn(state, channel);
  if (refused) return refused;
  const key = `${channel} ${body.nonce}`;
  const known = body.enforce_nonce ? state.nonces.get(key) : undefined;
  const before = known && known.until > state.now() ? state.messages.get(known.message) : undefined;
  if (before) return { status: 200, body: { ...wireMessage(state, before), nonce: body.nonce } };
  if (broken(body, files)) return problem(400, 50035, 'Invalid Form Body');
  const message = writeMessage(state, body, files, { channel_id: channel, author: state.bot });
  rings(message, body);
  if (body.nonce !== undefined) state.nonces.set(key, { message: message.id, until: state.now() + NONCE_LASTS });
  gateway.dispatch('MESSAGE_CREATE', { ...wireMessage(state, message), ...(body.nonce !== undefined && { nonce: body.nonce }), ...inServer(state, channel) });
  return { status: 200, body: { ...wireMessage(state, message), nonce: body.nonce } };
}

/** "The past few minutes". */
const NONCE_LASTS = 3 * 60_000;

const broken = (body: object, files: readonly { name: string }[]): boolean =>
  messageProblems(
    body as never,
    files.map(({ name }) => name),
    true,
  ).length > 0;

function list(state: State, channel: string, query: URLSearchParams): Answer {
  const refused = refusedIn(state, channel);
  if (refused && refused.status === 404) return refused;
  if (state.channels.get(channel)?.shut === 'access') return refused as Answer;
  const before = query.get('before');
  const after = query.get('after');
  const here = [...state.messages.values()]
    .filter((one) => one.channel_id === channel && !one.ephemeralFor)
    .filter(({ id }) => (!before || BigInt(id) < BigInt(before)) && (!after || BigInt(id) > BigInt(after)))
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
  const limit = Number(query.get('limit') ?? 50);
  return { status: 200, body: (after ? here.slice(-limit) : here.slice(0, limit)).map((one) => wireMessage(state, one)) };
}

/** Most pins of a channel. */
const PINS = 250;

function pin(state: State, channel: string, id: string, on: boolean): Answer {
  const refused = refusedIn(state, channel);
  if (refused) return refused;
  if (state.channels.get(channel)?.bare) return problem(403, 50013, 'Missing Permissions');
  const message = state.messages.get(id);
  if (!message || message.channel_id !== channel) return problem(404, 10008, 'Unknown Message');
  const pins = [...state.messages.values()].filter((one) => one.channel_id === channel && one.pinned).length;
  if (on && !message.pinned && pins >= PINS) return problem(400, 30003, 'Maximum number of pins reached for the channel (250)');
  message.pinned = on;
  return { status: 204, body: undefined };
}

/** A thread under a message has its id. */
function beginThread({ state, gateway }: { state: State; gateway: Gateway }, channel: string, message: string, body: { name?: string }): Answer {
  const refused = refusedIn(state, channel);
  if (refused) return refused;
  if (state.channels.get(channel)?.bare) return problem(403, 50013, 'Missing Permissions');
  if (!state.messages.has(message)) return problem(404, 10008, 'Unknown Message');
  if (state.channels.has(message)) return problem(400, 160004, 'A thread has already been created for this message');
  if (!body?.name || body.name.length > 100) return problem(400, 50035, 'Invalid Form Body');
  const thread = { id: message, type: 11, name: body.name, parent_id: channel };
  state.channels.set(message, thread);
  gateway.dispatch('THREAD_CREATE', { ...wireChannel(state, thread), newly_created: true });
  return { status: 201, body: wireChannel(state, thread) };
}

function edit({ state }: { state: State }, id: string, { body, files }: Asked): Answer {
  const message = state.messages.get(id);
  if (!message || message.ephemeralFor) return problem(404, 10008, 'Unknown Message');
  const refused = refusedIn(state, message.channel_id);
  if (refused) return refused;
  if (message.author !== state.bot) return problem(403, 50005, 'Cannot edit a message authored by another user');
  if (broken({ ...body, content: body.content ?? '.' }, files)) return problem(400, 50035, 'Invalid Form Body');
  return { status: 200, body: wireMessage(state, writeMessage(state, body, files, message)) };
}

async function readBody(request: IncomingMessage): Promise<Pick<Asked, 'body' | 'files'>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const raw = Buffer.concat(parts);
  const type = request.headers['content-type'] ?? '';
  if (raw.length === 0) return { body: undefined, files: [] };
  if (!type.startsWith('multipart/')) return { body: JSON.parse(raw.toString()), files: [] };
  const form = await new Response(raw, { headers: { 'content-type': type } }).formData();
  const files: Asked['files'] = [];
  for (const [name, value] of form) {
    const n = /^files\[(\d+)\]$/.exec(name)?.[1];
    if (n !== undefined && typeof value !== 'string') files[Number(n)] = { name: value.name, text: await value.text() };
  }
  return { body: JSON.parse(String(form.get('payload_json') ?? '{}')), files };
}
