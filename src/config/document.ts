import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, type ParsedNode, parseDocument, visit } from 'yaml';
import type { Problem } from './problem.ts';

export type Path = readonly (string | number)[];

/** A YAML file as plain data that still knows where each value stands. */
export interface ConfigDocument {
  file: string;
  /** As far as it could be read; `problems` says what could not. */
  data: unknown;
  problems: Problem[];
  /** The value at a path, or its key; where there is none, what would hold it. */
  at(path: Path, part?: 'key' | 'value'): { line: number; column: number };
}

/** Reads as much as can be read: one broken line does not hide what is wrong in the others. */
export function readDocument(file: string, text: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, stringKeys: true, logLevel: 'error' });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = new Map<number, Problem>();
  // After the first mistake in a line the parser guesses; what it says of the rest of the line is noise.
  const add = (offset: number, says: string): void => {
    const at = position(offset);
    if (!problems.has(at.line)) problems.set(at.line, { file, ...at, says });
  };
  for (const error of document.errors) if (error.code !== 'DUPLICATE_KEY') add(error.pos[0], sayBroken(error.message));
  // The parser's own word for these stands at the end of the line before.
  for (const { key, first, again } of duplicates(document)) add(again, `\`${key}\` is given twice, first on line ${position(first).line}; keep one`);
  for (const offset of prototypes(document)) add(offset, '`__proto__` can be no name: JavaScript means something else by it');
  for (const warning of document.warnings) add(warning.pos[0], sayBroken(warning.message));

  let data: unknown;
  try {
    data = document.toJS();
  } catch (error) {
    // Aliases that lead nowhere or multiply without end.
    add(0, sayBroken((error as Error).message));
  }
  return { file, data, problems: [...problems.values()], at: (path, part = 'value') => position(offsetOf(document, path, part)) };
}

const sayBroken = (message: string): string => `cannot be read as YAML: ${message.slice(0, 1).toLowerCase()}${message.slice(1)}`;

function duplicates(document: Document.Parsed): { key: string; first: number; again: number }[] {
  const found: { key: string; first: number; again: number }[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Map<string, number>();
      for (const pair of map.items) {
        const key = keyText(pair);
        const [start, first] = [startOf(pair.key) ?? 0, seen.get(key)];
        if (first === undefined) seen.set(key, start);
        else if (key !== '<<') found.push({ key, first, again: start });
      }
    },
  });
  return found;
}

/** The schema passes over them without a word. */
function prototypes(document: Document.Parsed): number[] {
  const found: number[] = [];
  visit(document, { Pair: (_, pair) => void (keyText(pair) === '__proto__' && found.push(startOf(pair.key) ?? 0)) });
  return found;
}

function offsetOf(document: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let key: number | undefined;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      // A key given twice: the last one counts, as in the data.
      const pair: Pair | undefined = node.items.findLast((one) => keyText(one) === String(step));
      if (!pair) return key ?? 0;
      key = startOf(pair.key) ?? key;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) return key ?? 0;
      key = startOf(item) ?? key;
      node = item;
    } else return (part === 'value' && isScalar(node) ? startOf(node) : undefined) ?? key ?? 0; // one text where a list may stand
    if (depth === path.length - 1) return (part === 'value' && isScalar(node) && node.value !== null ? startOf(node) : undefined) ?? key ?? 0;
  }
  return 0;
}

const startOf = (node: unknown): number | undefined => (node as ParsedNode | null | undefined)?.range?.[0];

const keyText = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value ?? '') : String(pair.key));
