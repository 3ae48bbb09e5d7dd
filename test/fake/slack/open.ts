import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody, strangeArguments } from './arguments.ts';
import { type FakeClock, wallClock } from './clock.ts';
import { type Deliveries, openDeliveries } from './deliver.ts';
import { type Fault, type Faults, openFaults } from './faults.ts';
import { type Answer, METHODS, withIds } from './methods.ts';
import { openPeople, type People } from './people.ts';
import { messageProblems } from './rules.ts';
import { pingsIn } from './screen.ts';
import { type Sockets, serveSockets } from './sockets.ts';
import { openTriggers, type Triggers } from './triggers.ts';
import { openWorkspace, type Wire, type Workspace } from './workspace.ts';

/** One workspace of Slack on loopback: the Web API, Socket Mode, signed HTTP, and people in front of it. */
export interface FakeSlack extends People, Pick<Workspace, 'until' | 'violations'> {
  /** For `slack.api_url`. */
  apiUrl: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  workspace: Workspace;
  faults: Faults;
  sockets: Sockets;
  deliveries: Deliveries;
  triggers: Triggers;
  /** Tokens that are no longer good, by the error Slack gives for them. */
  refused: Map<string, string>;
  /** Every call of the Web API that was understood. */
  calls: { method: string; fields: Record<string, Wire>; at: number }[];
  /** Adds somebody; answers their id. */
  user(name: string, more?: { email?: string; tz?: string }): string;
  /** Adds a channel; the bot is in it unless `bot` is false. Answers its id. */
  channel(name: string, members: string[], more?: { bot?: boolean; archived?: boolean }): string;
  group(handle: string, members: string[]): string;
  close(): Promise<void>;
}

export async function openFakeSlack({ clock = wallClock() }: { clock?: FakeClock } = {}): Promise<FakeSlack> {
  const workspace = openWorkspace(clock);
  const faults = openFaults();
  const refused = new Map<string, string>();
  const calls: FakeSlack['calls'] = [];
  const tokens = { botToken: 'xoxb-fake-bot', appToken: 'xapp-fake-app', signingSecret: '8f742231b10e8888abcd99yyyzzz85a5' };
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const triggers = openTriggers(clock, () => base, workspace.id);
  const sockets = serveSockets(server, workspace);
  const deliveries = openDeliveries({ workspace, sockets, signingSecret: tokens.signingSecret });
  const world = { workspace, triggers, base: () => base, ticket: () => sockets.ticket(base) };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', base).pathname;
    const { raw, fields } = await readBody(request);
    const [, room, name = ''] = path.split('/');
    const method = room === 'api' ? name : room === 'response' ? 'response_url' : 'upload';
    const fault = faults.next(method, fields);
    if (fault && (await spoil(fault, response, () => void act(room, name, request, fields, raw)))) return;
    const answer = act(room, name, request, fields, raw);
    response.writeHead(answer.status, { 'content-type': 'application/json', 'x-oauth-scopes': 'commands,chat:write' }).end(JSON.stringify(answer.body));
  }

  function act(room: string | undefined, name: string, request: IncomingMessage, fields: Record<string, Wire>, raw: Buffer): { status: number; body: Wire } {
    if (room === 'api') return { status: 200, body: call(name, request, fields) };
    if (room === 'response') return respond(name, fields);
    const file = room === 'upload' ? workspace.files.get(name) : undefined;
    if (!file) return { status: 404, body: { error: 'no such place' } };
    file.content = raw.toString('utf8');
    return { status: 200, body: 'OK' };
  }

  function call(method: string, request: IncomingMessage, fields: Record<string, Wire>): Answer {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '') || fields['token'];
    calls.push({ method, fields, at: clock.now() });
    workspace.changed();
    const wanted = method === 'apps.connections.open' ? tokens.appToken : tokens.botToken;
    const bad = refused.get(token);
    if (bad) return { ok: false, error: bad };
    if (!token) return { ok: false, error: 'not_authed' };
    if (token !== wanted) return { ok: false, error: token === tokens.appToken || token === tokens.botToken ? 'not_allowed_token_type' : 'invalid_auth' };
    workspace.violations.push(...strangeArguments(method, fields));
    return METHODS[method]?.(fields, world) ?? { ok: false, error: 'unknown_method' };
  }

  function respond(token: string, fields: Record<string, Wire>): { status: number; body: Wire } {
    const of = triggers.use(token);
    if (!of) return { status: 404, body: 'used_url' };
    const problems = fields['delete_original'] === true ? [] : messageProblems(fields);
    workspace.violations.push(...problems.map(({ says }) => `response_url: ${says}`));
    const error = problems.find((problem) => problem.error !== '')?.error;
    if (error) return { status: 400, body: error };
    const original = of.message === undefined ? undefined : workspace.messages.find(({ ts }) => ts === of.message);
    const blocks = withIds(fields['blocks'] ?? []);
    if (fields['delete_original'] === true) {
      if (original) original.deleted = true;
    } else if (fields['replace_original'] === true && original) {
      original.text = fields['text'] ?? '';
      original.blocks = blocks;
      original.edits += 1;
    } else {
      workspace.put({
        channel: of.channel,
        user: workspace.bot.id,
        text: fields['text'] ?? '',
        blocks,
        pings: pingsIn(fields['text'] ?? '', blocks),
        ...(fields['response_type'] !== 'in_channel' && { onlyFor: of.user }),
        ...((fields['thread_ts'] ?? of.thread) && { thread: fields['thread_ts'] ?? of.thread }),
      });
    }
    workspace.changed();
    return { status: 200, body: { ok: true } };
  }

  return {
    ...openPeople({ workspace, deliveries, triggers }),
    ...tokens,
    apiUrl: `${base}/api/`,
    until: workspace.until,
    violations: workspace.violations,
    workspace,
    faults,
    sockets,
    deliveries,
    triggers,
    refused,
    calls,
    user(name, { email, tz = 'Europe/Berlin' } = {}) {
      const id = workspace.id('U');
      workspace.users.set(id, { id, name, tz, ...(email !== undefined && { email }) });
      return id;
    },
    channel(name, members, { bot = true, archived = false } = {}) {
      const id = workspace.id('C');
      const users = members.map((one) => workspace.userNamed(one).id);
      workspace.channels.set(id, { id, name, members: new Set([...users, ...(bot ? [workspace.bot.id] : [])]), archived });
      return id;
    },
    group(handle, members) {
      const id = workspace.id('S');
      workspace.groups.set(id, { id, handle, users: members.map((one) => workspace.userNamed(one).id) });
      return id;
    },
    async close() {
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** True when the answer was spoiled. */
async function spoil(fault: Fault, response: ServerResponse, act: () => void): Promise<boolean> {
  switch (fault.kind) {
    case 'ratelimited':
      response.writeHead(429, { 'retry-after': String(fault.retryAfter), 'content-type': 'application/json' }).end('{"ok":false,"error":"ratelimited"}');
      return true;
    case 'status':
      response.writeHead(fault.status).end('upstream error');
      return true;
    case 'error':
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: false, error: fault.error }));
      return true;
    case 'hang':
      if (fault.taken) act();
      return true;
    case 'drop':
      if (fault.taken) act();
      response.destroy();
      return true;
  }
}
