import type { types } from '@slack/bolt';
import type { CardAction } from '../card.ts';
import { escapeTo, toValue } from './escape.ts';

/** @slack/types: characters of a button's text and value; elements in a row that a phone still shows in one. */
const LIMITS = { label: 75, value: 2000, confirm: 300, row: 5, rows: 5 };

/** Begins the action ids of buttons that ask for words first, in a form. */
export const ASKS = 'ask:';

/** Cards that end a line with `…` leave the words to whoever presses. */
export const asksWords = (command: string): boolean => /\s…$/.test(command);

/** What can be pressed, in rows; what is too much or too long for a button stands as lines to type. */
export function buttonRows(actions: readonly CardAction[]): { rows: types.ActionsBlock[]; typed: string[] } {
  const fits = actions.filter(({ command }) => toValue(command).length <= LIMITS.value);
  const shown = fits.slice(0, LIMITS.row * LIMITS.rows);
  const buttons = shown.map((action, n) => button(action, n, sameLabel(action, shown)));
  return {
    rows: Array.from({ length: Math.ceil(buttons.length / LIMITS.row) }, (_, n) => ({
      type: 'actions',
      elements: buttons.slice(n * LIMITS.row, (n + 1) * LIMITS.row),
    })),
    typed: actions.filter((action) => !shown.includes(action)).map(({ label, command }) => `${label}: ${asTyped(command)}`),
  };
}

function button(action: CardAction, n: number, ambiguous: boolean): types.Button {
  const asks = asksWords(action.command);
  return {
    type: 'button',
    action_id: `${asks ? ASKS : 'run:'}${n}`,
    text: plain(ambiguous ? `${action.label} (${action.command})` : action.label, LIMITS.label),
    value: toValue(action.command),
    ...(action.style && { style: action.style }),
    // A form that asks why is a second look already.
    ...(action.style === 'danger' && !asks && { confirm: confirm(action) }),
  };
}

const confirm = ({ label, command }: CardAction): types.ConfirmationDialog => ({
  title: plain(label, 100),
  text: plain(`This types ${asTyped(command)} in your name.`, LIMITS.confirm),
  confirm: plain('Do it', 30),
  deny: plain('Not now', 30),
  style: 'danger',
});

/** Two hosts, one word: then the button says which. */
const sameLabel = ({ label }: CardAction, all: readonly CardAction[]): boolean => all.filter((one) => one.label === label).length > 1;

/** Commands of cards stand without the root they are typed under. */
export const asTyped = (command: string): string => (command.startsWith('/') ? command : `/ops ${command}`);

export const plain = (text: string, room: number): types.PlainTextElement => ({ type: 'plain_text', text: escapeTo(text, room) || ' ', emoji: false });
