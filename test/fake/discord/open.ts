import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { faultList, type How } from './faults.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { people } from './people.ts';
import { openRest } from './rest.ts';
import { warmSchema } from './schema.ts';
import type { Ack, Channel, Interaction, Message, User } from './shapes.ts';
import { freshState, type State, screenText } from './state.ts';

export type { Ack, Interaction, Message } from './shapes.ts';
export { buttonsOf, screenText } from './state.ts';

/**
 * A Discord on loopback that speaks the real wire: REST under `api_url`, and its Gateway. Whatever breaks one of Discord's rules
 * (its own schema where HOLDFAST_SPECS has it, and the written ones) lies in `violations`; `close` throws when there are any.
 */
export interface FakeDiscord extends ReturnType<typeof people> {
  /** `api_url` of the configuration. */
  url: string;
  token: string;
  server: string;
  application: string;
  state: State;
  gateway: Gateway;
  violations: string[];
  person(name: string, options?: { roles?: string[] }): User;
  channel(name: string): Channel;
  thread(parent: Channel, name: string): Channel;
  /** Something goes wrong with the next requests that match `POST /channels/…/messages`. */
  fails(on: RegExp, how: How, times?: number): void;
  /** Posts per channel and time; unsaid, as many as come. */
  limits: { messages?: { count: number; ms: number } };
  /** What stands in a channel now, oldest first, and to whom it is shown. */
  shows(channel: string, to?: string): string[];
  messages(channel: string, to?: string): Message[];
  /** What somebody was told alone: in their direct channel. */
  told(user: string): Message[];
  /** Resolves when an interaction was answered. */
  acked(interaction: Interaction): Promise<Ack>;
  /** Resolves to the message that answers it, as soon as it says something. */
  answered(interaction: Interaction, ms?: number): Promise<Message>;
  /** Resolves with the first value that is not nothing, looked at after each change; rejects after `ms` with what stands there. */
  until<Found>(look: () => Found | undefined | false, ms?: number): Promise<Found>;
  /** Resolves when a session is connected. */
  ready(): Promise<unknown>;
  requests(pattern: RegExp): State['requests'];
  close(): Promise<void>;
}

export async function fakeDiscord(): Promise<FakeDiscord> {
  warmSchema();
  const state = freshState();
  const faults = faultList();
  const limits: FakeDiscord['limits'] = {};
  let port = 0;
  const gatewayUrl = (): string => `ws://127.0.0.1:${port}/gateway`;
  const gateway = openGateway(state, gatewayUrl);
  const rest = openRest({ state, gateway, gatewayUrl, fault: faults.take, limits });
  const open = new Set<Socket>();
  const server = createServer((request, response) => {
    rest(request, response).catch((error: unknown) => {
      state.violations.push(`${request.method} ${request.url}: ${String(error)}`);
      response.writeHead(500).end();
    });
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => gateway.accept(request, socket as Socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;

  const until: FakeDiscord['until'] = (look, ms = 10_000) =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        state.changed.off('changed', again);
        state.changed.off('ready', again);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`not within ${ms} ms. ${look.toString()}\nWhat stands there:\n${everything(state)}`));
      }, ms);
      const again = (): void => {
        const found = look();
        if (!found) return;
        end();
        resolve(found);
      };
      state.changed.on('changed', again);
      state.changed.on('ready', again);
      again();
    });
  const messages: FakeDiscord['messages'] = (channel, to) =>
    [...state.messages.values()].filter((one) => one.channel_id === channel && (!one.ephemeralFor || one.ephemeralFor === to));
  return {
    ...people(state, gateway),
    url: `http://127.0.0.1:${port}/api`,
    token: state.token,
    server: state.server,
    application: state.application,
    state,
    gateway,
    violations: state.violations,
    limits,
    person(name, { roles = [] } = {}) {
      const user: User = { id: state.id(), username: name, roles, closed: false };
      state.users.set(user.id, user);
      return user;
    },
    channel(name) {
      const channel: Channel = { id: state.id(), type: 0, name };
      state.channels.set(channel.id, channel);
      return channel;
    },
    thread(parent, name) {
      const channel: Channel = { id: state.id(), type: 11, name, parent_id: parent.id };
      state.channels.set(channel.id, channel);
      return channel;
    },
    fails: (on, how, times) => faults.add(on, how, times),
    messages,
    shows: (channel, to) => messages(channel, to).map(screenText),
    told: (user) => [...state.channels.values()].filter((channel) => channel.with === user).flatMap(({ id }) => messages(id)),
    acked: (interaction) => until(() => interaction.ack),
    answered: (interaction, ms) =>
      until(() => {
        const message = interaction.original ? state.messages.get(interaction.original) : undefined;
        return message && !message.thinking && message;
      }, ms),
    until,
    ready: () => until(() => gateway.ready()),
    requests: (pattern) => state.requests.filter(({ line }) => pattern.test(line)),
    async close() {
      gateway.close();
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      if (state.violations.length > 0) throw new Error(`Discord's rules were broken:\n${state.violations.join('\n')}`);
    },
  };
}

const everything = (state: State): string =>
  [
    ...[...state.messages.values()].map((one) => `#${state.channels.get(one.channel_id)?.name}${one.ephemeralFor ? ' (alone)' : ''}: ${screenText(one)}`),
    ...state.requests.slice(-12).map(({ line, status }) => `${status} ${line}`),
    ...state.violations,
  ].join('\n');
