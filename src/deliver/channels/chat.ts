import type { Card } from '../../chat/card.ts';
import type { Channel, Delivery, PageMessage } from '../channel.ts';
import type { Messenger, Sent } from '../messenger.ts';

/** A direct message of its own on a chat platform, with buttons: an edited one would not make a telephone ring. */
export function chatChannel(platform: 'slack' | 'discord', messenger: Messenger, timeout: number): Channel {
  return {
    name: platform,
    timeout,
    reaches: (person) => person[platform] !== undefined,
    async send(person, message) {
      const id = person[platform] as string;
      return deliveryOf(await messenger.post({ person: id }, { marker: message.key, shown: { card: withAnswers(message) }, mentions: [id] }));
    },
    find: (person, { key }) => messenger.find({ person: person[platform] as string }, key),
  };
}

/** The four ways to answer come first, whatever else the brief offers. */
function withAnswers({ card, page }: PageMessage): Card {
  const answers: NonNullable<Card['actions']> = [
    { label: 'Ack', command: `ack ${page}`, style: 'primary' },
    { label: 'Pass', command: `pass ${page}` },
    { label: 'Take', command: `take ${page}` },
    { label: 'Look', command: `show ${page}` },
  ];
  const others = (card.actions ?? []).filter(({ command }) => !answers.some((answer) => answer.command === command));
  return { ...card, actions: [...answers, ...others] };
}

function deliveryOf(sent: Sent): Delivery {
  if (sent.sent) return { sent: true, id: sent.id };
  if (sent.why === 'later') return { sent: false, why: 'later', says: sent.says, after: sent.after };
  return sent;
}
