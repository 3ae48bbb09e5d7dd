import type { Held, HostCertificates } from './certificate.ts';
import { parseCertificate } from './parse.ts';
import { unmarkedAuthorities } from './unmarked-authorities.ts';

/** Certificates of one file, and of one host, that are looked at. */
const MOST_OF_A_FILE = 100;
const MOST = 1_000;
const LONGEST_PATH = 500;

type FromFiles = Pick<HostCertificates, 'held' | 'wrong' | 'unread' | 'more'>;

/**
 * What the script `certs` said (its head says the contract), or `undefined` when it did not come to its end. Bounded in what
 * it decodes, whatever a host says: a file that holds more is named.
 */
export function readCertsAnswer(stdout: string, end: string): FromFiles | undefined {
  const lines = stdout.split('\n');
  const last = lines.indexOf(`end=${end}`);
  if (last < 0) return undefined;
  const ders = new Map<string, string>();
  const found = readFiles(lines.slice(0, last), ders, new Set());
  const authorities = unmarkedAuthorities(found.held, ders);
  // What belongs to a key, and which file is one of trust, follows from what is an authority: read once more.
  return authorities.size === 0 ? found : readFiles(lines.slice(0, last), ders, authorities);
}

function readFiles(lines: readonly string[], ders: Map<string, string>, authorities: ReadonlySet<string>): FromFiles {
  const found: FromFiles = { held: [], wrong: [], unread: [], more: false };
  let file: FileSaid | undefined;
  const close = (): void => {
    if (file) takeFile(file, found, ders, authorities);
    file = undefined;
  };
  for (const line of lines) {
    const at = line.indexOf('=');
    const [key, value] = [line.slice(0, at), line.slice(at + 1)];
    if (key === 'file') {
      close();
      file = { path: printable(value), about: {}, blocks: [], field: '' };
    } else if (key === 'more') found.more = true;
    else if (file) takeLine(file, key, value);
  }
  close();
  return found;
}

interface FileSaid {
  path: string;
  about: Record<string, string>;
  blocks: { field: string; form: string; text: string }[];
  /** Of a kubeconfig: what the next blocks stand in. */
  field: string;
}

function takeLine(file: FileSaid, key: string, value: string): void {
  if (key === 'at') file.field = printable(value);
  else if (key === 'pem' || key === 'der' || key === 'b64' || key === 'broken') file.blocks.push({ field: file.field, form: key, text: value });
  else if (ABOUT.has(key)) file.about[key] = printable(value);
}

const ABOUT = new Set(['link', 'owner', 'mode', 'mtime', 'unread', 'cut', 'keypin', 'keywhy']);

const BROKEN: Readonly<Record<string, string>> = {
  'no end': 'has no end',
  'no certificate': 'is no certificate',
  'more behind it': 'has something else behind it',
};

function takeFile({ path, about, blocks }: FileSaid, found: FromFiles, ders: Map<string, string>, authorities: ReadonlySet<string>): void {
  if (about['unread']) return void found.unread.push(path);
  const { link, owner, mode, mtime, keypin } = about;
  const here: Held[] = [];
  const wrong: string[] = [];
  const all = blocks.flatMap(opened);
  const left = Math.min(MOST_OF_A_FILE, MOST - found.held.length);
  for (const [n, { field, form, text }] of all.slice(0, left).entries()) {
    const read = form === 'broken' ? { says: BROKEN[text] ?? 'is longer than any certificate' } : parseCertificate(text);
    if ('says' in read) wrong.push(`${all.length > 1 ? `block ${n + 1} ` : ''}${read.says}`);
    else {
      ders.set(read.fingerprint, text);
      here.push({
        ...read,
        ...(authorities.has(read.fingerprint) && { kind: 'ca' }),
        path: field ? `${path}#${field}` : path,
        n,
        trust: false,
        servedOn: [],
        ...(link && { link }),
        ...(owner && { owner }),
        ...(mode && /^[0-7]{3,4}$/.test(mode) && { mode }),
        ...(mtime && /^\d{1,12}$/.test(mtime) && { mtime: Number(mtime) }),
      });
    }
  }
  const trust = here.some(({ kind }) => kind === 'ca');
  // A key belongs to the first that is no authority: what stands behind it is its chain.
  const keyed = here.find(({ kind }) => kind === 'leaf') ?? here[0];
  if (keyed && keypin) keyed.key = keypin === keyed.pin ? 'match' : 'mismatch';
  found.held.push(...here.map((one) => ({ ...one, trust: trust && !one.path.includes('#') })));
  if (all.length > left) wrong.push(`holds more than ${left} certificates: the others are not watched`);
  if (about['cut']) wrong.push('is longer than 96 KB: what stands behind that was not read');
  if (wrong.length > 0) found.wrong.push({ path, says: wrong.length > 3 ? `${wrong.slice(0, 3).join('; ')}; and ${wrong.length - 3} more` : wrong.join('; ') });
}

/** A field of a kubeconfig is a PEM file of its own. */
function opened(block: FileSaid['blocks'][number]): FileSaid['blocks'] {
  if (block.form !== 'b64') return [block];
  const pem = Buffer.from(block.text.slice(0, 200_000), 'base64').toString('latin1');
  const inner = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
  if (inner.length === 0) return [{ ...block, form: 'pem', text: '?' }];
  return inner.map(([, text = '']) => ({ ...block, form: 'pem', text: text.replace(/\s/g, '') }));
}

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Surrogate}\u2028\u2029]/gu, ' ').slice(0, LONGEST_PATH);
