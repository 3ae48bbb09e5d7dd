import { SEVERITIES } from '../incident/shapes.ts';
import { quoted } from './words.ts';

/** One field of a form. */
export interface Input {
  name: string;
  label: string;
  help?: string;
  required: boolean;
  /** Several lines. */
  long?: true;
  choices?: readonly string[];
  /** Characters; Slack takes 3,000 of a text, Discord 4,000. */
  most: number;
}

/** What a line is still without, asked for where the platform has forms. */
export interface Form {
  title: string;
  inputs: readonly Input[];
}

/** The form for a line that ends where somebody's words belong: in `…`, or before its text. Undefined for a line that is whole. */
export function formFor(line: string): Form | undefined {
  if (/\sbecause …$/.test(line)) return WHY;
  if (/\s…$/.test(line)) return line.includes('incident ') ? WORDS : SAY;
  const bare = line
    .trim()
    .replace(/^\/?ops\s+/i, '')
    .replace(/^\//, '');
  if (/^incident open$/i.test(bare)) return OPEN;
  return /^incident (update|identify|monitor|resolve|reopen)(\s+inc-?\d{1,9})?$/i.test(bare) ? WORDS : undefined;
}

/** The line somebody would have typed. `encode`: how the platform writes what was typed into a form; undefined where a needed word is missing. */
export function filledLine(
  line: string,
  form: Form,
  values: Readonly<Record<string, string | undefined>>,
  encode: (text: string) => string = (text) => text,
): string | undefined {
  const value = (name: string): string => (values[name] ?? '').trim();
  if (form.inputs.some(({ name, required }) => required && value(name) === '')) return undefined;
  const before = line.replace(/\s*…$/, '');
  const say = (text: string): string => quoted(encode(text));
  if (form === WHY) return `${before} ${say(value('because').replace(/\s+/g, ' '))}`;
  if (form !== OPEN) return `${before} ${say(value('text'))}`;
  const more = ['severity', 'affects'].flatMap((name) => (value(name) === '' ? [] : [`${name} ${encode(value(name).replace(/\s+/g, ' '))}`]));
  return [before, say(value('title').replace(/\s+/g, ' ')), ...more].join(' ');
}

const WHY: Form = {
  title: 'Why?',
  inputs: [{ name: 'because', label: 'Because', help: 'Everybody reads it, and the audit keeps it.', required: true, most: 500 }],
};

const SAY: Form = { title: 'In your words', inputs: [{ name: 'text', label: 'Words', required: true, long: true, most: 2500 }] };

const WORDS: Form = {
  title: 'For the public',
  inputs: [{ name: 'text', label: 'What the public reads', help: 'It is on the status page at once.', required: true, long: true, most: 2500 }],
};

const OPEN: Form = {
  title: 'Something is wrong',
  inputs: [
    { name: 'title', label: 'What is wrong', help: 'Public at once, in words everybody understands.', required: true, most: 200 },
    { name: 'severity', label: 'How bad', required: false, choices: SEVERITIES, most: 10 },
    { name: 'affects', label: 'Hosts it touches', help: 'As in a command: @web, web[01-03]; components follow.', required: false, most: 200 },
  ],
};
