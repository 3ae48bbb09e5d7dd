import { neutral } from '../text.ts';
import { quoted } from '../words.ts';

/** A message for the timeline is at most so long: a line of ours holds 4,000 characters. */
const LONGEST = 3000;

/** The line that puts somebody's message into the timeline. `text` is as Slack gives it, with entities and marks, and stays so. */
export function note(text: string, by: string | undefined): string {
  // What cannot be seen would be refused as a line; here it was somebody else who wrote it.
  const whole = neutral(text).trim() || '(a message without text)';
  const cut = whole.length > LONGEST ? `${whole.slice(0, LONGEST).replace(/&[a-z]{0,3}$|<[^<>]*$|[\ud800-\udbff]$/, '')}… (cut)` : whole;
  return `/incident note ${quoted(by === undefined ? cut : `${cut} (said by ${by})`)}`;
}
