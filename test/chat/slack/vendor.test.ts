import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDelivery } from '../../../src/chat/slack/read-delivery.ts';
import { packageRoot } from '../../../src/root.ts';
import { specsAreHere, strangeArguments } from '../../fake/slack/arguments.ts';

const specs = process.env.HOLDFAST_SPECS ?? resolve(packageRoot, '../shared/specs');
const here = existsSync(join(specs, 'slack-socket-mode-envelopes.json'));
const said = here ? '' : ` (skipped: the vendor's samples are not in ${specs}; HOLDFAST_SPECS names another place)`;

const read = (body: unknown) => readDelivery(body, { now: 0, reaction: 'pushpin', bot: 'U0BOT', nameOf: (user) => user });
const sample = (file: string): unknown => filled(JSON.parse(readFileSync(join(specs, 'slack-interaction-samples', file), 'utf8')));

/** The vendor's samples have every field and no content. */
function filled(part: unknown): unknown {
  if (part === '') return 'X1';
  if (Array.isArray(part)) return part.map(filled);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, filled(value)]));
}

describe(`what the vendor says it sends${said}`, () => {
  test.skipIf(!here)('is understood: a command, a mention, somebody alone with the bot, and what is not ours is nothing', () => {
    const envelopes = JSON.parse(readFileSync(join(specs, 'slack-socket-mode-envelopes.json'), 'utf8')) as { type: string; payload?: unknown }[];
    const kinds = envelopes.map(({ type, payload }) => `${type}: ${read(payload).kind}`);
    expect(kinds).toContain('slash_commands: line');
    expect(kinds).toContain('events_api: line');
    expect(kinds).toContain('interactive: nothing');
  });

  test.skipIf(!here)('is understood in its full shapes: a command, a button, the menu of a message; forms of others are nothing', () => {
    expect(read({ ...(sample('slash-commands/SlashCommandPayload.json') as object), command: '/ops' })).toMatchObject({
      kind: 'line',
      by: 'command',
      text: '/ops X1',
      channel: 'X1',
    });
    expect(read(sample('interactive-components/BlockActionPayload.json'))).toMatchObject({
      kind: 'line',
      by: 'press',
      user: 'X1',
      thread: 'X1',
      text: '/ops X1',
    });
    const shortcut = sample('interactive-components/MessageShortcutPayload.json') as object;
    expect(read({ ...shortcut, callback_id: 'add_to_timeline' })).toMatchObject({ kind: 'line', text: '/incident note "X1 (said by X1)"' });
    expect(read(shortcut)).toMatchObject({ kind: 'nothing' });
    for (const file of ['views/ViewSubmissionPayload.json', 'views/ViewClosedPayload.json', 'dialogs/DialogSubmissionPayload.json'])
      expect(read(sample(file)).kind).toBe('nothing');
  });

  test.skipIf(!specsAreHere())('judges the names of what we send', () => {
    expect(strangeArguments('chat.postMessage', { channel: 'C1', text: 'x', metadata: {}, unfurl_links: false })).toEqual([]);
    expect(strangeArguments('chat.postMessage', { chanel: 'C1' })).toEqual(['chat.postMessage has no argument "chanel"']);
    expect(strangeArguments('chat.shout', {})).toEqual(["chat.shout is in no description of Slack's Web API"]);
  });
});
