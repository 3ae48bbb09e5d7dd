import type { Moment } from '../card.ts';
import { neutral } from '../text.ts';

/** Text from outside as Slack shows it word for word: no mention, no link and no control character comes of it. */
export const harmless = (text: string): string => neutral(text).replace(/[&<>]/g, (sign) => ENTITIES[sign as keyof typeof ENTITIES]);

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escaped, and cut where it is longer than `room` characters: visibly, and never inside an entity. */
export function escapeTo(text: string, room: number): string {
  const whole = harmless(text);
  if (whole.length <= room) return whole;
  return `${whole.slice(0, Math.max(0, room - 1)).replace(/&[a-z]{0,3}$|[\ud800-\udbff]$/, '')}…`;
}

/** In columns, as typed by a machine. A fence in the text itself would end it. */
export const fenced = (escaped: string): string => `\`\`\`\n${escaped.replaceAll('```', "'''")}\n\`\`\``;

/** Moments that stand in a line (already escaped) as each reader's own time; the words stay where Slack cannot. */
export function withMoments(escaped: string, moments: readonly Moment[]): string {
  const longest = [...moments].filter(({ says }) => says !== '').sort((a, b) => b.says.length - a.says.length);
  if (longest.length === 0) return escaped;
  const at = new Map(longest.map(({ says, at: ms }) => [harmless(says), Math.floor(ms / 1000)]));
  const words = [...at.keys()].map((says) => says.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return escaped.replace(new RegExp(words.join('|'), 'g'), (says) => `<!date^${at.get(says)}^{date_short_pretty} {time}|${says.replaceAll('|', '/')}>`);
}

/** Addresses in a line (already escaped) that can be followed; nothing else in it is looked at. */
export const linked = (escaped: string): string =>
  escaped.replace(/<[^<>]*>|https?:\/\/[^\s<>|"'`]*[^\s<>|"'`.,;:!?)]/g, (found) => (found.startsWith('<') ? found : `<${found}>`));

/** A command as the value of a button: Slack may or may not send `& < >` back as entities, so there are none in it. */
export const toValue = (command: string): string => command.replace(/[%&<>]/g, (sign) => encodeURIComponent(sign));

/** The command of a button, as somebody would have typed it in Slack, where these signs arrive as entities. */
export const fromValue = (value: string): string =>
  value.replace(/%(25|26|3C|3E)/g, (code) => ({ '%25': '%', '%26': '&amp;', '%3C': '&lt;', '%3E': '&gt;' })[code] as string);
