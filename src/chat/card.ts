/** One message, as plain data: rendered to text here, to Block Kit and to Discord embeds in their rooms. */
export interface Card {
  /** The one line that must survive any truncation. */
  title: string;
  /** Never colour alone: renderers write the tone as a word or sign too. */
  tone?: 'good' | 'bad' | 'attention' | 'quiet';
  body?: string[];
  fields?: { name: string; value: string }[];
  table?: { columns: string[]; rows: string[][] };
  actions?: CardAction[];
  /** Moments as they stand written in its texts: platforms that can show each reader their own time instead. */
  moments?: Moment[];
  /** Whole output: attached as a file, or printed after the card where there are no files. */
  attachment?: { name: string; text: string };
}

export interface Moment {
  /** Word for word: `Mon 23 Nov 14:05 Europe/Berlin`. */
  says: string;
  /** Domain time. */
  at: number;
}

export interface CardAction {
  label: string;
  /** The command line the button stands for; authorised like a typed one. */
  command: string;
  style?: 'primary' | 'danger';
}
