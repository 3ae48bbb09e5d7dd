import { isIPv6 } from 'node:net';
import { Refusal } from '../../lib/refusal.ts';
import { expandAnsibleRange } from './ansible-range.ts';
import { iniValue } from './ansible-value.ts';
import { type Draft, draftGroup, draftHost, newDraft, type Origin, setVariable } from './draft.ts';

/** An Ansible inventory in INI form. Never throws: what cannot be read is a problem with its line, and the rest is read. */
export function readAnsibleIni(text: string, file: string): Draft {
  const draft = newDraft();
  let section: Section = { group: 'ungrouped', kind: 'hosts' };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (!line || line.startsWith('#') || line.startsWith(';')) continue;
    const origin: Origin = { file, line: index + 1, column: raw.length - raw.trimStart().length + 1 };
    try {
      if (line.startsWith('[') && !isHostRange(line)) section = readSection(draft, line, origin);
      else if (section.kind === 'hosts') readHostLine(draft, section.group, line, origin);
      else if (section.kind === 'children') readChild(draft, section.group, line, origin);
      else readVariable(draft, section.group, line, origin);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      draft.problems.push({ ...origin, says: error.message });
    }
  }
  return draft;
}

interface Section {
  group: string;
  kind: 'hosts' | 'children' | 'vars';
}

/** `[1:3].example.org` and `[2001:db8::1]:22` begin like a section. */
const isHostRange = (line: string): boolean => !/^\[[^\]]*\]\s*([#;].*)?$/.test(line);

function readSection(draft: Draft, line: string, origin: Origin): Section {
  const found = /^\[\s*([^\]:\s]+)\s*(?::\s*(children|vars|hosts)\s*)?\]/.exec(line);
  if (!found) throw new Refusal(`Cannot read the section ${clip(line)}: write [group], [group:children] or [group:vars].`);
  const [, group = '', kind = 'hosts'] = found;
  // Variables alone do not make a group, as in Ansible; which are left without one is seen when all is read.
  draftGroup(draft, group, origin, kind !== 'vars');
  return { group, kind: kind as Section['kind'] };
}

function readHostLine(draft: Draft, group: string, line: string, origin: Origin): void {
  const [pattern = '', ...assignments] = splitWords(line);
  const { hosts, port } = readHostPattern(pattern);
  const vars: { name: string; value: string }[] = [];
  for (const word of assignments) {
    const equals = word.indexOf('=');
    if (equals < 1) throw new Refusal(`Cannot read "${clip(word)}" after ${clip(pattern)}: variables are written name=value.`);
    vars.push({ name: word.slice(0, equals), value: word.slice(equals + 1) });
  }
  const members = draftGroup(draft, group, origin);
  for (const name of hosts) {
    const host = draftHost(draft, name, origin);
    members.hosts.set(name, origin);
    if (port !== undefined) setVariable(draft, name, host.vars, 'ansible_port', { value: port, origin });
    for (const one of vars) setVariable(draft, name, host.vars, one.name, { value: iniValue(one.value), origin });
  }
}

function readHostPattern(pattern: string): { hosts: string[]; port?: number } {
  if (isIPv6(pattern)) return { hosts: [pattern] };
  const bracketed = /^\[([0-9a-f:.]+)\](?::(\d+))?$/i.exec(pattern);
  if (bracketed && isIPv6(bracketed[1] as string)) {
    return { hosts: [bracketed[1] as string], ...(bracketed[2] && { port: Number(bracketed[2]) }) };
  }
  const withPort = /^(.*[^:[]):(\d+)$/.exec(pattern);
  const isInBracket = withPort && (withPort[1] as string).lastIndexOf('[') > (withPort[1] as string).lastIndexOf(']');
  if (!withPort || isInBracket) return { hosts: expandAnsibleRange(pattern) };
  return { hosts: expandAnsibleRange(withPort[1] as string), port: Number(withPort[2]) };
}

function readChild(draft: Draft, group: string, line: string, origin: Origin): void {
  const [child = '', ...rest] = splitWords(line);
  if (rest.length > 0 || !child) throw new Refusal(`Under [${group}:children] stands one group per line, not "${clip(line)}".`);
  draftGroup(draft, group, origin).children.set(child, origin);
}

function readVariable(draft: Draft, group: string, line: string, origin: Origin): void {
  const equals = line.indexOf('=');
  if (equals < 1) throw new Refusal(`Under [${group}:vars] stands name=value, not "${clip(line)}".`);
  const name = line.slice(0, equals).trim();
  draftGroup(draft, group, origin, false).vars.set(name, { value: iniValue(unquote(line.slice(equals + 1).trim())), origin });
}

function unquote(text: string): string {
  const found = /^(["'])(.*?)\1(?:\s+[#;].*)?$/.exec(text);
  return found ? (found[2] as string) : text;
}

/** Words as a shell splits them: quotes and backslashes hold white space together, ` #` begins a comment. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (quote) {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"' && /["\\]/.test(line[at + 1] ?? '')) word += line[++at] as string;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\' && at + 1 < line.length) word = (word ?? '') + line[++at];
    else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#' && word === undefined) break;
    else word = (word ?? '') + character;
  }
  if (quote) throw new Refusal(`The quote ${quote} is not closed: ${clip(line)}`);
  if (word !== undefined) words.push(word);
  return words;
}

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
