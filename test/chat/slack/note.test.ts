import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands } from '../../../commands/index.ts';
import { parseLine } from '../../../src/chat/parse.ts';
import { wordsForm } from '../../../src/chat/slack/form.ts';
import { readDelivery } from '../../../src/chat/slack/read-delivery.ts';

const context = { platform: 'slack' as const, now: 0, zone: 'UTC', isHost: () => false };
const slackText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const words = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '“stop”', '„so“', '«', "it's", '\\', '\\"', ' on web01 ', 'because', '&lt;', '<!channel>', '--json', '\n', '…', '$&'),
      fc.string({ maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((parts) => parts.join('').replace(/[^\x20-\x7e\n“”„«…]/g, ''))
  .filter((text) => text.trim() !== '');

test('whatever somebody wrote, the note in the timeline is that, and nothing of it is read as an option', () => {
  fc.assert(
    fc.property(words, (text) => {
      const heard = readDelivery(
        {
          type: 'message_action',
          callback_id: 'add_to_timeline',
          user: { id: 'U1' },
          channel: { id: 'C1' },
          trigger_id: 't',
          message: { ts: '1.1', text: slackText(text) },
        },
        { now: 0, reaction: '', bot: undefined, nameOf: (user) => user },
      );
      if (heard.kind !== 'line') throw new Error(heard.kind);
      const { command, options } = parseLine(heard.text, commands, context);
      expect([command.name, (options as { text: string }).text]).toEqual(['incident note', text.trim()]);
    }),
  );
});

test('whatever somebody gives as a reason, the line has that reason and no other word of theirs', () => {
  fc.assert(
    fc.property(words, (text) => {
      const view = wordsForm('approve R1 break glass because …', { channel: 'C1', dm: false });
      const heard = readDelivery(
        {
          type: 'view_submission',
          user: { id: 'U1' },
          view: { ...view, id: 'V1', hash: 'h', state: { values: { because: { text: { type: 'plain_text_input', value: text } } } } },
        },
        { now: 0, reaction: '', bot: undefined, nameOf: (user) => user },
      );
      if (heard.kind !== 'line') throw new Error(heard.kind);
      const { command, options } = parseLine(heard.text, commands, context);
      expect([command.name, options]).toEqual(['approve', expect.objectContaining({ because: text.replace(/\s+/g, ' ').trim() })]);
    }),
  );
});
