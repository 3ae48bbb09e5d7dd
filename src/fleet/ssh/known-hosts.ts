import { createHmac } from 'node:crypto';

/** One key line of a known_hosts file. */
export interface KnownKey {
  marker?: 'cert-authority' | 'revoked';
  /** `ssh-ed25519`, as in the line. */
  type: string;
  /** Base64 of the key as SSH sends it. */
  key: string;
  /** `file:line`, for people. */
  where: string;
}

/** What the files say about one host. */
export interface KnownFor {
  keys: KnownKey[];
  authorities: KnownKey[];
  revoked: KnownKey[];
}

interface Line extends KnownKey {
  matches(name: string): boolean;
}

/** One file, read. Lines that are none are passed over, as ssh does. */
export interface KnownHosts {
  /** Lines for plain names, by name. */
  plain: Map<string, KnownKey[]>;
  /** Lines that must be asked one by one: hashed, with wildcards, negated. */
  others: Line[];
  /** There is an `@cert-authority` line. */
  authorities: boolean;
}

export function parseKnownHosts(text: string, file: string): KnownHosts {
  const known: KnownHosts = { plain: new Map(), others: [], authorities: false };
  for (const [index, raw] of text.split('\n').entries()) {
    const match = LINE.exec(raw);
    if (!match) continue;
    const [, marker, names = '', type = '', key = ''] = match;
    if (marker && marker !== '@cert-authority' && marker !== '@revoked') continue;
    known.authorities ||= marker === '@cert-authority';
    const entry: KnownKey = { type, key, where: `${file}:${index + 1}`, ...(marker && { marker: marker.slice(1) as 'cert-authority' | 'revoked' }) };
    if (names.startsWith('|1|')) {
      const matches = hashed(names);
      if (matches) known.others.push({ ...entry, matches });
    } else if (/[*?!]/.test(names)) known.others.push({ ...entry, matches: patterns(names.split(',')) });
    else for (const name of names.toLowerCase().split(',')) known.plain.set(name, [...(known.plain.get(name) ?? []), entry]);
  }
  return known;
}

/** Every line for `name`: a host in small letters, or `[host]:port` where the port is not 22. */
export function lookUp(files: readonly KnownHosts[], name: string): KnownFor {
  const found: KnownFor = { keys: [], authorities: [], revoked: [] };
  for (const file of files)
    for (const line of [...(file.plain.get(name) ?? []), ...file.others.filter(({ matches }) => matches(name))])
      (line.marker === 'revoked' ? found.revoked : line.marker ? found.authorities : found.keys).push(line);
  return found;
}

/** [marker] names type base64 [comment]; comments, empty lines and the SSH 1 form do not fit. */
const LINE = /^[ \t]*(?:(@\S+)[ \t]+)?([^#@\s]\S*)[ \t]+([a-z][a-zA-Z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t\r]|$)/;

function hashed(field: string): ((name: string) => boolean) | undefined {
  const [, , salt, hash] = field.split('|');
  if (!salt || !hash) return undefined;
  const key = Buffer.from(salt, 'base64');
  return (name) => createHmac('sha1', key).update(name).digest('base64') === hash;
}

/** A negated pattern that matches rules the line out, whatever else matches. */
function patterns(words: readonly string[]): (name: string) => boolean {
  const tests = words.filter(Boolean).map((word) => ({ not: word.startsWith('!'), test: glob(word.replace(/^!/, '').toLowerCase()) }));
  return (name) => tests.some(({ not, test }) => !not && test(name)) && !tests.some(({ not, test }) => not && test(name));
}

/** `*` and `?` only; anything else is itself. Linear time: a pattern of many stars is no trap. */
function glob(pattern: string): (name: string) => boolean {
  return (name) => {
    let at = 0;
    let star = -1;
    let from = 0;
    let pos = 0;
    while (pos < name.length) {
      if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[pos]) && pattern[at] !== '*') {
        at++;
        pos++;
      } else if (pattern[at] === '*') {
        star = at++;
        from = pos;
      } else if (star >= 0) {
        at = star + 1;
        pos = ++from;
      } else return false;
    }
    while (pattern[at] === '*') at++;
    return at === pattern.length;
  };
}
