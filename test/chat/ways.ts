import type { Command } from '../../src/chat/command.ts';
import { idOf, readId } from '../../src/chat/discord/custom-id.ts';
import { chosenIn } from '../../src/chat/discord/values.ts';
import { commandTree, optionName } from '../../src/chat/limits.ts';
import { fieldsOf, type NamedField } from '../../src/chat/options.ts';
import { parseLine } from '../../src/chat/parse.ts';
import { sayLine } from '../../src/chat/say-line.ts';
import { buttonRows } from '../../src/chat/slack/buttons.ts';
import { readDelivery } from '../../src/chat/slack/read-delivery.ts';

export const NOW = Date.now();
export const at = (platform: 'terminal' | 'slack' | 'discord' | 'http') => ({ platform, now: NOW, zone: 'UTC' });

/** What arrives in the inbox when somebody says this line, by each way there is: through the readers of each platform, from what is on its wire. */
export const WAYS: Record<string, { platform: 'terminal' | 'slack' | 'discord' | 'http'; line(typed: string, commands: readonly Command[]): string }> = {
  'in a shell': { platform: 'terminal', line: (typed) => typed },
  'over HTTP': { platform: 'http', line: (typed) => typed },
  'as a slash command of Slack': {
    platform: 'slack',
    line: (typed) =>
      heard({
        command: '/ops',
        text: entities(typed),
        channel_id: 'C0OPS01',
        user_id: 'U0ADA01',
        trigger_id: '1.2',
        response_url: 'https://hooks.slack.com/1',
      }),
  },
  'by a mention in Slack': {
    platform: 'slack',
    line: (typed) =>
      heard({
        type: 'event_callback',
        event_id: 'Ev1',
        authorizations: [{ user_id: 'U0BOT01' }],
        event: { type: 'app_mention', channel: 'C0OPS01', user: 'U0ADA01', text: `<@U0BOT01> ${entities(typed)}`, ts: '1.2', thread_ts: '1.1' },
      }),
  },
  'by a button of Slack': {
    platform: 'slack',
    line: (typed) => {
      const [button] = buttonRows([{ label: 'Do', command: typed }]).rows[0]?.elements ?? [];
      return heard({
        type: 'block_actions',
        user: { id: 'U0ADA01' },
        channel: { id: 'C0OPS01' },
        container: { message_ts: '1.1', channel_id: 'C0OPS01' },
        trigger_id: '1.3',
        response_url: 'https://hooks.slack.com/2',
        actions: [{ action_id: 'run:0', action_ts: '1.4', value: (button as { value: string }).value }],
      });
    },
  },
  'as typed options of Discord': {
    platform: 'discord',
    line(typed, commands) {
      const { command, options } = parseLine(typed, commands, at('terminal'));
      const { root, path } = placeIn(commands, command);
      const filled = Object.entries(fill(command, options as Record<string, unknown>)).map(([name, value]) => ({ name: optionName(name), type: 3, value }));
      const nested = path.reduceRight<{ name: string; type: number; options: unknown[] }[]>(
        (inside, name) => [{ name, type: 1, options: inside }],
        filled as never,
      );
      const chosen = chosenIn(commands, root, nested as never);
      if (!chosen) throw new Error(`${command.name} is not where Discord has it`);
      return sayLine(chosen.command.name, chosen.values, commands, at('discord'));
    },
  },
  'by a button of Discord': {
    platform: 'discord',
    line(typed) {
      const { id, keep } = idOf({ label: 'Do', command: typed });
      return readId(id)?.line ?? keep?.line ?? '';
    },
  },
};

/** The options a line comes to, moments without the words they were said in. */
export function meaning(line: string, commands: readonly Command[], platform: Parameters<typeof at>[0]): { command: string; options: unknown } {
  const { command, options } = parseLine(line, commands, at(platform));
  return { command: command.name, options: JSON.parse(JSON.stringify(options, (key, value) => (key === 'echo' ? undefined : value))) };
}

function heard(body: unknown): string {
  const found = readDelivery(body, { now: NOW, reaction: 'pushpin', bot: 'U0BOT01', nameOf: (user) => user });
  if (found.kind !== 'line') throw new Error(`Slack's delivery was read as ${JSON.stringify(found)}`);
  return found.text;
}

const entities = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function placeIn(commands: readonly Command[], command: Command): { root: string; path: string[] } {
  for (const root of commandTree(commands)) {
    for (const one of root.options) {
      if (one.command === command) return { root: root.name, path: [one.name] };
      for (const inner of one.options) if (inner.command === command) return { root: root.name, path: [one.name, inner.name] };
    }
  }
  throw new Error(`${command.name} is nowhere on Discord`);
}

/** What somebody fills into Discord's form for the same. */
function fill(command: Command, options: Record<string, unknown>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    fieldsOf(command).flatMap((field) =>
      options[field.name] === undefined || options[field.name] === false ? [] : [[field.name, filledIn(field, options[field.name])]],
    ),
  );
}

function filledIn({ kind }: NamedField, value: unknown): string | number | boolean {
  if (typeof value === 'number' && kind === 'duration') return `${value / 1000}s`;
  if (kind === 'until') return new Date((value as { at: number }).at).toISOString().slice(0, 16).replace('T', ' ');
  if (kind === 'params')
    return Object.entries(value as object)
      .map(([name, one]) => `${name}=${one}`)
      .join(' ');
  if (kind === 'thing') {
    const thing = value as { is: string; id?: string; list?: string; of?: string; target?: string };
    return thing.is === 'id' ? (thing.id as string) : thing.is === 'list' ? [thing.list, thing.of].filter(Boolean).join(' ') : (thing.target as string);
  }
  return value as string | number | boolean;
}
