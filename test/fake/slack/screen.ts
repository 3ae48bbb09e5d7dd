import type { FakeMessage, Wire, Workspace } from './workspace.ts';

/** A message as a person sees it. */
export interface Seen {
  ts: string;
  by: string;
  /** Everything that can be read in it, top to bottom. */
  text: string;
  thread?: string;
  edited: boolean;
  /** Nobody else sees it. */
  alone: boolean;
  buttons: string[];
  files: { name: string; content: string }[];
  /** Whom it rang. */
  pings: string[];
  /** As it was sent. */
  blocks: Wire[];
}

export function seen(workspace: Workspace, message: FakeMessage, zone: string): Seen {
  const { bot, users } = workspace;
  return {
    ts: message.ts,
    by: users.get(message.user)?.name ?? (message.user === bot.id ? bot.name : message.user),
    text: message.blocks.length > 0 ? message.blocks.map((block) => readBlock(workspace, block, zone)).join('\n') : readText(workspace, message.text, zone),
    ...(message.thread !== undefined && { thread: message.thread }),
    edited: message.edits > 0,
    alone: message.onlyFor !== undefined,
    buttons: elementsOf(message.blocks).flatMap((element) =>
      element.type === 'button'
        ? [decoded(element.text.text)]
        : element.type === 'overflow'
          ? element.options.map((option: Wire) => decoded(option.text.text))
          : [],
    ),
    files: message.files.map(({ name, content }) => ({ name, content })),
    pings: message.pings,
    blocks: message.blocks,
  };
}

/** Everything in a message that can be pressed. */
export function elementsOf(blocks: readonly Wire[]): Wire[] {
  return blocks.flatMap((block) => {
    const elements = block.type === 'actions' ? block.elements : block.accessory ? [block.accessory] : [];
    return elements.map((element: Wire) => ({ ...element, block_id: block.block_id }));
  });
}

function readBlock(workspace: Workspace, block: Wire, zone: string): string {
  const read = (text: Wire): string => (text.type === 'plain_text' ? decoded(text.text) : readText(workspace, text.text, zone));
  switch (block.type) {
    case 'header':
      return decoded(block.text.text);
    case 'section':
      return [...(block.text ? [read(block.text)] : []), ...(block.fields ?? []).map(read)].join('\n');
    case 'context':
      return block.elements.map(read).join('\n');
    case 'input':
      return decoded(block.label.text);
    default:
      return '';
  }
}

/** Plain text knows no marks, and its entities are signs there too (bolt-python#513: they come back escaped). */
export const decoded = (text: string): string => text.replace(/&(lt|gt|amp);/g, (_, entity: 'lt' | 'gt' | 'amp') => ({ lt: '<', gt: '>', amp: '&' })[entity]);

/** mrkdwn as it stands on a screen: mentions by name, moments in the reader's own zone, entities as signs. */
export function readText({ users, groups, channels }: Workspace, text: string, zone: string): string {
  return text.replace(/<([^<>]*)>|&(lt|gt|amp);/g, (_whole, inside: string | undefined, entity: 'lt' | 'gt' | 'amp') => {
    if (inside === undefined) return { lt: '<', gt: '>', amp: '&' }[entity];
    const [link = '', label] = inside.split('|');
    if (link.startsWith('!date^')) return readDate(link, label ?? '', zone);
    if (link.startsWith('!subteam^')) return `@${groups.get(link.slice(9))?.handle ?? link.slice(9)}`;
    if (link.startsWith('!')) return `@${link.slice(1)}`;
    if (link.startsWith('@')) return `@${users.get(link.slice(1))?.name ?? link.slice(1)}`;
    if (link.startsWith('#')) return `#${channels.get(link.slice(1))?.name ?? link.slice(1)}`;
    return label ?? link;
  });
}

/** `!date^1392734382^{date_short} {time}`: as Slack shows it to somebody in this zone. */
function readDate(link: string, fallback: string, zone: string): string {
  const [, seconds, format] = link.split('^');
  if (!seconds || !format) return fallback;
  const at = new Date(Number(seconds) * 1000);
  const say = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options }).format(at);
  return format
    .replace(/\{time\}/g, say({ hour: '2-digit', minute: '2-digit' }))
    .replace(/\{time_secs\}/g, say({ hour: '2-digit', minute: '2-digit', second: '2-digit' }))
    .replace(/\{date_short_pretty\}|\{date_short\}/g, say({ day: 'numeric', month: 'short', year: 'numeric' }))
    .replace(/\{date_pretty\}|\{date\}/g, say({ day: 'numeric', month: 'long', year: 'numeric' }))
    .replace(/\{date_num\}/g, say({ year: 'numeric', month: '2-digit', day: '2-digit' }));
}

/** Whom a text rings, wherever in a message it stands. */
export function pingsIn(text: string, blocks: readonly Wire[]): string[] {
  const all = [text, ...textsOf(blocks)].join('\n');
  return [...all.matchAll(/<(@[UW][A-Z0-9]+|!here|!channel|!everyone|!subteam\^[A-Z0-9]+)(?:\|[^<>]*)?>/g)].map(([, who = '']) => who.replace(/^[@!]/, ''));
}

function textsOf(part: Wire): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const own = part.type === 'mrkdwn' && typeof part.text === 'string' ? [part.text] : [];
  return [...own, ...Object.values(part).flatMap(textsOf)];
}
