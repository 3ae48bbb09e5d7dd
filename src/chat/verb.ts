import { Refusal } from '../lib/refusal.ts';
import type { Command } from './command.ts';
import { didYouMean } from './nearest.ts';
import { shorten, type Word } from './words.ts';

/**
 * The command a line names and how many of its words do so. A bare line is `status`. Two-word verbs win over one-word
 * verbs. Throws `Refusal` with the nearest verb.
 */
export function findVerb(words: readonly Word[], commands: readonly Command[]): { command: Command; used: number } {
  const first = words[0]?.text.toLowerCase() ?? '';
  if (first === '/oncall') return oncall(words, commands);
  const bare = first === '/ops' || (first === 'ops' && !commands.some(({ name }) => name === 'ops'));
  const skipped = bare ? 1 : 0;
  if (words.length === skipped) return { command: home(commands), used: skipped };
  const found = longestMatch(words, skipped, commands);
  if (found) return found;
  throw unknown(words, skipped, commands);
}

/** `/oncall page ada …` is `page`, `/oncall web` is `oncall web`. */
function oncall(words: readonly Word[], commands: readonly Command[]): { command: Command; used: number } {
  const inside = longestMatch(
    words,
    1,
    commands.filter(({ root }) => root === 'oncall'),
  );
  if (inside) return inside;
  const roster = commands.find(({ name }) => name === 'oncall');
  if (roster) return { command: roster, used: 1 };
  throw unknown(words, Math.min(1, words.length - 1), commands);
}

function home(commands: readonly Command[]): Command {
  const found = ['status', 'help'].map((name) => commands.find((command) => command.name === name)).find(Boolean);
  if (!found) throw new Refusal('Say what to do: type a command.');
  return found;
}

function longestMatch(words: readonly Word[], from: number, commands: readonly Command[]): { command: Command; used: number } | undefined {
  let best: { command: Command; used: number } | undefined;
  for (const command of commands) {
    for (const name of [command.name, ...(command.aliases ?? [])]) {
      const parts = name.split(' ');
      const fits = parts.every((part, index) => said(words[from + index], from + index) === part);
      if (fits && from + parts.length > (best?.used ?? 0)) best = { command, used: from + parts.length };
    }
  }
  return best;
}

/** `/incident` stands for `incident` at the beginning of a line. */
function said(word: Word | undefined, index: number): string | undefined {
  const text = word?.quote ? undefined : word?.text.toLowerCase();
  return index === 0 && text === '/incident' ? 'incident' : text;
}

function unknown(words: readonly Word[], from: number, commands: readonly Command[]): Refusal {
  const first = (said(words[from], from) ?? words[from]?.text ?? '').replace(/^\//, '');
  const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const family = names.filter((name) => name.startsWith(`${first.toLowerCase()} `));
  if (first && family.length > 0) {
    const second = words[from + 1]?.text.toLowerCase();
    const hint = second === undefined ? '' : didYouMean(`${first} ${second}`, family);
    return new Refusal(`"${shorten(first)}" needs a second word: ${family.join(', ')}.${hint}`);
  }
  const hint = didYouMean(
    first,
    names.map((name) => name.split(' ')[0] as string),
  );
  return new Refusal(`"${shorten(first)}" is no command.${hint} Type help for those you may use.`);
}
