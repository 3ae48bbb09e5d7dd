import type { Providers } from '../../config/providers.ts';
import type { Channel, Delivery, PageMessage } from '../channel.ts';
import { textOf } from '../text.ts';
import { call, objectIn, refused } from './call.ts';
import { bytes, firstLine } from './fit.ts';

/** https://docs.ntfy.sh/publish: 4,096 bytes of message and a title that fits a phone. */
const MESSAGE = 4_000;
const TITLE = 200;
const PRIORITY = { low: 2, high: 4, critical: 5 } as const;

/** Push by ntfy. It has no way to look up what it took, and a second push under the same words does no harm. */
export function ntfyChannel(providers: () => Providers, timeout: number): Channel {
  return {
    name: 'ntfy',
    timeout,
    reaches: ({ ntfy }) => ntfy !== undefined,
    provider: ({ ntfy }) => (isUrl(ntfy?.reveal()) ? `ntfy of ${new URL(ntfy?.reveal() as string).host}` : 'ntfy'),
    async send(person, message): Promise<Delivery> {
      const { url, token } = providers().ntfy ?? { url: 'https://ntfy.sh', token: undefined };
      const to = topicIn(person.ntfy?.reveal() ?? '', url);
      const answer = await call(
        to.server,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            // Only the server that the token is for sees it.
            ...(token && to.server === `${url}/` && { authorization: `Bearer ${token.reveal()}` }),
          },
          body: JSON.stringify({ topic: to.topic, ...published(message) }),
        },
        timeout,
      );
      if (answer.status === 200) {
        const { id } = objectIn(answer.body);
        return typeof id === 'string' ? { sent: true, id } : { sent: false, why: 'unsure', says: 'ntfy: an answer without an id' };
      }
      return refused(answer, 'ntfy', String(objectIn(answer.body).error ?? ''));
    },
  };
}

function published({ text, card, urgency, link }: PageMessage): Record<string, unknown> {
  return {
    title: firstLine(text, TITLE),
    message: bytes(textOf({ card: { ...card, actions: [] } }), MESSAGE),
    priority: PRIORITY[urgency],
    tags: [urgency === 'low' ? 'memo' : 'rotating_light'],
    // The phone itself posts: nothing that only looks at a link can acknowledge.
    ...(link !== undefined && { click: link, actions: [{ action: 'http', label: 'Ack', url: link, method: 'POST', clear: true }] }),
  };
}

/** A topic of the configured server, or `https://ntfy.example.org/topic`, which names its own. */
export function topicIn(ntfy: string, server: string): { server: string; topic: string } {
  if (!isUrl(ntfy)) return { server: `${server}/`, topic: ntfy };
  const url = new URL(ntfy);
  const [topic = '', ...base] = url.pathname.split('/').filter(Boolean).reverse();
  return {
    server: `${url.origin}/${base
      .reverse()
      .map((part) => `${part}/`)
      .join('')}`,
    topic,
  };
}

const isUrl = (ntfy: string | undefined): boolean => /^https?:\/\//.test(ntfy ?? '');
