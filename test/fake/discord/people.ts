import { randomBytes } from 'node:crypto';
import type { Gateway } from './gateway.ts';
import type { Channel, Component, Interaction, Message } from './shapes.ts';
import { buttonsOf, type State, wireChannel, wireMember, wireMessage, wireUser, writeMessage } from './state.ts';
import { inServer } from './wire.ts';

interface Registered {
  id: string;
  name: string;
  type?: number;
  options?: RegisteredOption[];
}
interface RegisteredOption {
  name: string;
  type: number;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string }[];
  options?: RegisteredOption[];
}

/** People at their screens: they can do what Discord's client lets them do with what was registered and posted, and nothing else. */
export function people(state: State, gateway: Gateway) {
  const interact = (kind: number, user: string, channel: string, data: object, message?: Message): Interaction => {
    const interaction: Interaction = {
      id: state.id(),
      token: randomBytes(24).toString('base64url'),
      kind,
      user,
      channel,
      sent: state.now(),
      payload: {},
      ...(message && { message: message.id }),
    };
    interaction.payload = payloadOf(state, interaction, data, message);
    state.interactions.set(interaction.id, interaction);
    gateway.dispatch('INTERACTION_CREATE', interaction.payload);
    return interaction;
  };

  return {
    /** `types(ada, ops, '/ops pause updates', { target: '@web', for: '7d' })`. Throws where Discord's client would not let them. */
    types(user: string, channel: string, line: string, values: Record<string, string | number | boolean> = {}): Interaction {
      const { command, path, node } = findCommand(state, line);
      const options = node.options ?? [];
      for (const name of Object.keys(values)) if (!options.some((option) => option.name === name)) throw new Error(`${line} has no option "${name}"`);
      for (const { name, required } of options)
        if (required && values[name] === undefined) throw new Error(`${line} needs "${name}": Discord would not send it`);
      const typed = options
        .filter(({ name }) => values[name] !== undefined)
        .map((option) => ({ name: option.name, type: option.type, value: fitting(option, values[option.name]) }));
      return interact(2, user, channel, { id: command.id, name: command.name, type: 1, options: nest(path, typed) });
    },
    /** What is offered while `typed` stands in an option. */
    completes(user: string, channel: string, line: string, option: string, typed: string): Interaction {
      const { command, path, node } = findCommand(state, line);
      const found = node.options?.find(({ name }) => name === option);
      if (!found?.autocomplete) throw new Error(`${line}: "${option}" is not completed`);
      return interact(4, user, channel, {
        id: command.id,
        name: command.name,
        type: 1,
        options: nest(path, [{ name: option, type: 3, value: typed, focused: true }]),
      });
    },
    /** Presses the button of a message by its label. */
    presses(user: string, message: Message, label: string): Interaction {
      const now = state.messages.get(message.id);
      const button = now && buttonsOf(now).find((one) => one.label === label);
      if (!now || !button || button.disabled)
        throw new Error(
          `there is no button "${label}"; there are ${
            now
              ? buttonsOf(now)
                  .map((one) => one.label)
                  .join(', ')
              : 'none'
          }`,
        );
      return interact(3, user, now.channel_id, { custom_id: button.custom_id, component_type: 2 }, now);
    },
    /** Presses what stood there once: a stale screen, a replayed payload. */
    pressesId(user: string, message: Message, customId: string): Interaction {
      return interact(3, user, message.channel_id, { custom_id: customId, component_type: 2 }, message);
    },
    /** Fills in the form that came as an answer, and sends it. */
    fills(user: string, opened: Interaction, values: string[]): Interaction {
      if (opened.ack?.type !== 9) throw new Error('no form was opened');
      const { modal } = opened.ack;
      const inputs = modal.components.flatMap((row) => row.components ?? (row.component ? [row.component] : []));
      const filled = inputs.map((input, n) => {
        const value = values[n] ?? '';
        if (input.required !== false && !value) throw new Error(`"${input.label ?? input.custom_id}" is required`);
        if (value.length > (input.max_length ?? 4000)) throw new Error('longer than the field takes');
        if (input.type === 3 && value !== '' && !input.options?.some((one) => one.value === value))
          throw new Error(`"${input.custom_id}" does not offer "${value}"`);
        const given =
          input.type === 3 ? { type: 3, custom_id: input.custom_id, values: value === '' ? [] : [value] } : { type: 4, custom_id: input.custom_id, value };
        return { type: 18, component: given };
      });
      return interact(
        5,
        user,
        opened.channel,
        { custom_id: modal.custom_id, components: filled },
        opened.message ? state.messages.get(opened.message) : undefined,
      );
    },
    /** Right click on a message → Apps → the command. */
    marks(user: string, message: Message, name: string): Interaction {
      const command = registered(state).find((one) => one.type === 3 && one.name === name);
      if (!command) throw new Error(`"${name}" is not in the menu`);
      return interact(2, user, message.channel_id, {
        id: command.id,
        name,
        type: 3,
        target_id: message.id,
        resolved: { messages: { [message.id]: wireMessage(state, message, false) } },
      });
    },
    /** Writes a message: in a channel, a thread, or alone to the bot. */
    says(user: string, channel: string, content: string): Message {
      const message = writeMessage(state, { content }, [], { channel_id: channel, author: user });
      gateway.dispatch('MESSAGE_CREATE', {
        ...wireMessage(state, message),
        ...inServer(state, channel),
        ...(inServer(state, channel) && { member: wireMember(state, user) }),
      });
      return message;
    },
    /** The channel in which somebody and the bot are alone. */
    direct(user: string): Channel {
      const known = [...state.channels.values()].find((channel) => channel.with === user);
      const channel = known ?? { id: state.id(), type: 1, name: 'direct', with: user };
      state.channels.set(channel.id, channel);
      return channel;
    },
  };
}

const registered = (state: State): Registered[] => [...(state.commands.get('') ?? []), ...(state.commands.get(state.server) ?? [])] as Registered[];

/** `/ops pause updates` → root, group, verb. */
function findCommand(state: State, line: string): { command: Registered; path: RegisteredOption[]; node: RegisteredOption | Registered } {
  const [root = '', ...words] = line.replace(/^\//, '').split(' ');
  const command = registered(state).find((one) => one.name === root && (one.type ?? 1) === 1);
  if (!command) throw new Error(`/${root} is not registered`);
  const path: RegisteredOption[] = [];
  let node: Registered | RegisteredOption = command;
  for (const word of words) {
    const next: RegisteredOption | undefined = node.options?.find((option) => option.name === word && option.type <= 2);
    if (!next) throw new Error(`${line}: there is no "${word}" in ${(node.options ?? []).map(({ name }) => name).join(', ')}`);
    path.push(next);
    node = next;
  }
  if (node.options?.some(({ type }) => type <= 2)) throw new Error(`${line} is a group and cannot be sent`);
  return { command, path, node };
}

const nest = (path: readonly RegisteredOption[], options: object[]): object[] =>
  path.reduceRight<object[]>((inner, { name, type }) => [{ name, type, options: inner }], options);

function fitting({ name, type, choices }: RegisteredOption, value: string | number | boolean | undefined): unknown {
  const fits = type === 3 ? typeof value === 'string' : type === 4 ? Number.isInteger(value) : type === 5 ? typeof value === 'boolean' : true;
  if (!fits) throw new Error(`"${name}" is of type ${type}; Discord would not take ${JSON.stringify(value)}`);
  if (choices?.length && !choices.some((choice) => choice.value === value))
    throw new Error(`"${name}" is one of ${choices.map((one) => one.value).join(', ')}`);
  return value;
}

function payloadOf(state: State, { id, token, kind, user, channel }: Interaction, data: object, message?: Message): Record<string, unknown> {
  const where = state.channels.get(channel);
  if (!where) throw new Error('no such channel');
  const direct = where.type === 1;
  return {
    id,
    application_id: state.application,
    type: kind,
    token,
    version: 1,
    channel_id: channel,
    channel: wireChannel(state, where),
    data,
    ...(direct
      ? { user: wireUser(state, user), context: 1 }
      : {
          guild_id: state.server,
          guild: { id: state.server, features: [], locale: 'en-US' },
          member: { user: wireUser(state, user), permissions: '2147483647', ...wireMember(state, user) },
          guild_locale: 'en-US',
          context: 0,
        }),
    app_permissions: '2147483647',
    locale: 'en-US',
    entitlements: [],
    authorizing_integration_owners: direct ? { 0: '0' } : { 0: state.server },
    attachment_size_limit: 10_485_760,
    ...(message && { message: { ...wireMessage(state, message), application_id: state.application } }),
  };
}

/** The texts of the inputs of a form, for tests that read what is asked. */
export const inputsOf = (modal: { components: Component[] }): Component[] =>
  modal.components.flatMap((row) => row.components ?? (row.component ? [row.component] : []));
