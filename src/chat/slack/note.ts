/** A message for the timeline is at most so long: a line of ours holds 4,000 characters. */
const LONGEST = 3000;

/** The line that puts somebody's message into the timeline. `text` is as Slack gives it, with entities and marks, and stays so. */
export function note(text: string, by: string | undefined): string {
  const whole = text.trim() || '(a message without text)';
  const cut = whole.length > LONGEST ? `${whole.slice(0, LONGEST).replace(/&[a-z]{0,3}$|<[^<>]*$|[\ud800-\udbff]$/, '')}… (cut)` : whole;
  return `/incident note ${quoted(by === undefined ? cut : `${cut} (said by ${by})`)}`;
}

/** One text, whatever stands in it. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
