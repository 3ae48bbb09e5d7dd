import type { Acked, Deliveries } from './deliver.ts';
import { wireMessage, withIds } from './methods.ts';
import { decoded, elementsOf, type Seen, seen } from './screen.ts';
import type { Triggers } from './triggers.ts';
import type { FakeMessage, Wire, Workspace } from './workspace.ts';

/** What people do in Slack, and what they see there. Names are those given with `user`; channels are ids. */
export interface People {
  /** A slash command, as typed: `/ops check @web`. Only at the root of a channel, as in Slack. */
  types(who: string, channel: string, line: string): Promise<Acked>;
  /** A message: in a channel, in a thread, to the bot alone (`dm`). `@holdfast` in it mentions the bot. Answers its ts once it was delivered. */
  says(who: string, channel: string, text: string, more?: { thread?: string }): Promise<{ ts: string; acked?: Acked }>;
  /** A button or an entry of a menu with this label; a dialog that asks first is answered with yes unless `yes` is false. */
  presses(who: string, message: { ts: string }, label: string, more?: { yes?: boolean; trigger?: string }): Promise<Acked>;
  /** The modal open on their screen, `undefined` when there is none. */
  modal(who: string): Wire | undefined;
  /** Fills in and sends the open modal, values by label. Answers what was refused, by label, or that it was taken. */
  submits(who: string, values: Record<string, string>): Promise<Acked & { errors?: Record<string, string> }>;
  /** The shortcut of a message's menu. */
  shortcut(who: string, message: { ts: string }, callback: string): Promise<Acked>;
  reacts(who: string, message: { ts: string }, emoji: string): Promise<Acked>;
  /** What stands in a channel for them, oldest first. */
  sees(who: string, channel: string): Seen[];
  /** What the bot told them alone. */
  dms(who: string): Seen[];
  /** The direct message between them and the bot. */
  dm(who: string): string;
}

export function openPeople(world: { workspace: Workspace; deliveries: Deliveries; triggers: Triggers }): People {
  const { workspace, deliveries, triggers } = world;
  /** Triggers by person: whose screen a view opens on. */
  const pressed = new Map<string, string>();
  const trigger = (user: string): string => {
    const made = triggers.trigger();
    pressed.set(made, user);
    return made;
  };
  const message = (ts: string): FakeMessage => {
    const found = workspace.messages.find((one) => one.ts === ts && !one.deleted);
    if (!found) throw new Error(`there is no message ${ts} (any more)`);
    return found;
  };
  const base = (user: string) => ({
    user: { id: user, username: workspace.users.get(user)?.name, name: workspace.users.get(user)?.name, team_id: workspace.team },
    api_app_id: workspace.app,
    token: 'verification-token',
    team: { id: workspace.team, domain: 'fake' },
    enterprise: null,
    is_enterprise_install: false,
  });
  const whole = (given: FakeMessage): Wire => wireMessage(workspace, given, false);

  const people: People = {
    async types(who, channel, line) {
      const user = workspace.userNamed(who);
      const place = workspace.channels.get(channel);
      if (!place) throw new Error(`no channel ${channel}`);
      const [, command = '', text = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? [];
      const acked = await deliveries.interact('slash_commands', {
        token: 'verification-token',
        team_id: workspace.team,
        team_domain: 'fake',
        channel_id: channel,
        channel_name: place.with ? 'directmessage' : place.name,
        user_id: user.id,
        user_name: user.name,
        command,
        // What Slack does to a line where `should_escape` is set.
        text: escaped(workspace, text),
        api_app_id: workspace.app,
        is_enterprise_install: 'false',
        response_url: triggers.responseUrl({ user: user.id, channel }),
        trigger_id: trigger(user.id),
      });
      if (!acked.ok) alone(channel, user.id, 'slackbot', `${command} failed because the app did not respond`);
      else if (acked.payload?.text || acked.payload?.blocks) {
        const { text: said = '', blocks = [], response_type: type } = acked.payload;
        workspace.put({ channel, user: workspace.bot.id, text: said, blocks: withIds(blocks), ...(type !== 'in_channel' && { onlyFor: user.id }) });
      }
      return acked;
    },
    async says(who, channel, text, { thread } = {}) {
      const user = workspace.userNamed(who);
      const place = workspace.channels.get(channel);
      const sent = escaped(workspace, text);
      const { ts } = workspace.put({ channel, user: user.id, text: sent, ...(thread && { thread }) });
      const common = {
        user: user.id,
        text: sent,
        ts,
        channel,
        team: workspace.team,
        event_ts: ts,
        client_msg_id: workspace.id('msg-'),
        ...(thread && { thread_ts: thread }),
      };
      if (place?.with) return { ts, acked: await deliveries.event({ ...common, type: 'message', channel_type: 'im' }) };
      if (!place?.members.has(workspace.bot.id) || !sent.includes(`<@${workspace.bot.id}>`)) return { ts };
      return { ts, acked: await deliveries.event({ ...common, type: 'app_mention' }) };
    },
    async presses(who, { ts }, label, { yes = true, trigger: given } = {}) {
      const user = workspace.userNamed(who);
      const shown = message(ts);
      const elements = elementsOf(shown.blocks);
      const button = elements.find(
        (element) =>
          (element.type === 'button' && decoded(element.text.text) === label) ||
          (element.type === 'overflow' && element.options.some((one: Wire) => one.text.text === label)),
      );
      if (!button) throw new Error(`the message has no button "${label}"; it has ${elements.map((one) => one.text?.text ?? one.type).join(', ')}`);
      if (shown.onlyFor && shown.onlyFor !== user.id) throw new Error(`${who} does not see that message`);
      const chosen = button.type === 'overflow' ? button.options.find((one: Wire) => one.text.text === label) : undefined;
      if (button.confirm && !yes) return { ok: true, payload: {} };
      const acked = await deliveries.interact('interactive', {
        ...base(user.id),
        type: 'block_actions',
        trigger_id: given ?? trigger(user.id),
        container: {
          type: 'message',
          message_ts: ts,
          channel_id: shown.channel,
          is_ephemeral: shown.onlyFor !== undefined,
          ...(shown.thread && { thread_ts: shown.thread }),
        },
        channel: { id: shown.channel, name: workspace.channels.get(shown.channel)?.with ? 'directmessage' : workspace.channels.get(shown.channel)?.name },
        message: whole(shown),
        state: { values: {} },
        response_url: triggers.responseUrl({ user: user.id, channel: shown.channel, message: ts, ...(shown.thread && { thread: shown.thread }) }),
        actions: [
          {
            action_id: button.action_id,
            block_id: button.block_id,
            type: button.type,
            action_ts: workspace.ts(),
            ...(chosen ? { selected_option: chosen } : { text: button.text, value: button.value, style: button.style }),
          },
        ],
      });
      if (!acked.ok) alone(shown.channel, user.id, 'slackbot', 'This app did not respond: try again');
      return acked;
    },
    modal: (who) => [...workspace.views.values()].filter((view) => pressed.get(view.trigger) === workspace.userNamed(who).id).at(-1),
    async submits(who, values) {
      const user = workspace.userNamed(who);
      const view = people.modal(who);
      if (!view) throw new Error(`no modal is open for ${who}`);
      const inputs = view.blocks.filter((block: Wire) => block.type === 'input');
      for (const label of Object.keys(values))
        if (!inputs.some((block: Wire) => block.label.text === label)) throw new Error(`the modal does not ask for "${label}"`);
      const state: Wire = {};
      for (const { block_id, element, label } of inputs) {
        const value = values[label.text];
        const option = element.options?.find((one: Wire) => one.value === value);
        if (element.type === 'static_select' && value !== undefined && !option) throw new Error(`"${label.text}" does not offer "${value}"`);
        state[block_id] = {
          [element.action_id]:
            element.type === 'static_select' ? { type: element.type, selected_option: option ?? null } : { type: element.type, value: value ?? null },
        };
      }
      const acked = await deliveries.interact('interactive', {
        ...base(user.id),
        type: 'view_submission',
        trigger_id: trigger(user.id),
        view: { ...view, trigger: undefined, state: { values: state }, root_view_id: view.id, app_id: workspace.app, bot_id: 'B0HOLDFAST' },
        response_urls: [],
      });
      if (!acked.ok) return acked;
      const { response_action: action, errors } = acked.payload ?? {};
      if (action === 'errors') {
        const byLabel = Object.entries(errors as Record<string, string>).map(([block, says]) => {
          const input = inputs.find((one: Wire) => one.block_id === block);
          if (!input) workspace.violations.push(`response_action errors names a block the view has not: ${block}`);
          return [input?.label.text ?? block, says];
        });
        return { ...acked, errors: Object.fromEntries(byLabel) };
      }
      workspace.views.delete(view.id);
      workspace.changed();
      return acked;
    },
    async shortcut(who, { ts }, callback) {
      const user = workspace.userNamed(who);
      const shown = message(ts);
      return deliveries.interact('interactive', {
        ...base(user.id),
        type: 'message_action',
        callback_id: callback,
        action_ts: workspace.ts(),
        message_ts: ts,
        trigger_id: trigger(user.id),
        response_url: triggers.responseUrl({ user: user.id, channel: shown.channel }),
        channel: { id: shown.channel, name: workspace.channels.get(shown.channel)?.name },
        message: whole(shown),
      });
    },
    async reacts(who, { ts }, emoji) {
      const user = workspace.userNamed(who);
      const shown = message(ts);
      shown.reactions.push(emoji);
      return deliveries.event({
        type: 'reaction_added',
        user: user.id,
        reaction: emoji,
        item: { type: 'message', channel: shown.channel, ts },
        item_user: shown.user,
        event_ts: workspace.ts(),
      });
    },
    sees(who, channel) {
      const user = workspace.userNamed(who);
      if (!workspace.channels.get(channel)?.members.has(user.id)) return [];
      return workspace.messages
        .filter((one) => one.channel === channel && !one.deleted && (one.onlyFor === undefined || one.onlyFor === user.id))
        .map((one) => seen(workspace, one, user.tz));
    },
    dms(who) {
      return people.sees(who, people.dm(who)).filter(({ by }) => by === workspace.bot.name);
    },
    dm: (who) => workspace.dmWith(workspace.userNamed(who).id).id,
  };

  function alone(channel: string, onlyFor: string, user: string, text: string): void {
    workspace.put({ channel, user, text, onlyFor });
  }
  return people;
}

/** As Slack sends what somebody typed: entities, `@name` of people it knows and `#channel` as marks. */
function escaped({ users, channels }: Workspace, text: string): string {
  const safe = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return safe
    .replace(/@([\w.-]+)/g, (word, name: string) => {
      const user = [...users.values()].find((one) => one.name === name);
      return user ? `<@${user.id}>` : word;
    })
    .replace(/#([\w-]+)/g, (word, name: string) => {
      const channel = [...channels.values()].find((one) => one.name === name);
      return channel ? `<#${channel.id}|${channel.name}>` : word;
    });
}
