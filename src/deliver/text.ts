import { renderText } from '../chat/text.ts';
import type { Shown } from './shown.ts';

/** What a terminal is given: a document on one line where one was asked for, else the card as text. */
export function textOf(shown: Partial<Shown>): string {
  if (shown.document !== undefined) return harmless(JSON.stringify(shown.document));
  return renderText(shown.card ?? { title: 'Done.' });
}

/**
 * JSON leaves in its strings what moves a terminal's cursor (C1 controls) or turns the reading direction: there they are
 * written as numbers, which is the same document.
 */
function harmless(json: string): string {
  return json.replace(/(?!\u200c|\u200d|\ufe0e|\ufe0f)[\u007f-\u009f\u2028\u2029\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu, (mark) =>
    mark.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
