import { createHash } from 'node:crypto';
import { parseDer } from '../../certificates/parse.ts';
import { readCertsAnswer } from '../../certificates/read-answer.ts';
import { fetchServed, type Listener } from '../../certificates/served.ts';
import type { StepContext } from '../../jobs.ts';
import type { HostRotation, Leaf, Seen } from './shapes.ts';

/** Wall ms for the look at all files. */
const LOOK_TIME = 20_000;

/**
 * Every certificate in the files of a host, as root sees them, and which private key stands beside which; of keys only a hash left
 * the host. `paths` = files beside the customary places.
 */
export async function readSeen(
  script: StepContext<unknown>['script'],
  paths: readonly string[],
): Promise<{ seen: Seen[]; keys: Map<string, string> } | { wrong: string; lost: boolean }> {
  const answer = await script('certs-root', paths, LOOK_TIME);
  if (answer.reach !== 'ok') return { wrong: `${answer.reach}: ${answer.detail}`, lost: true };
  if (answer.needsRoot !== undefined) return { wrong: answer.needsRoot, lost: false };
  const read = readCertsAnswer(answer.stdout, 'certs-root v1');
  if (!read) return { wrong: `the look at its certificates did not come to its end (exit code ${answer.code})`, lost: false };
  // Half of what is there is no ground to renew on: an authority might stand in the other half.
  if (read.more || answer.cut) return { wrong: 'it has more certificates than one look holds', lost: false };
  const { pems, keys } = besides(answer.stdout);
  const seen = read.held.flatMap(({ path, n, kind, subject, issuer, serial, pin, fingerprint, sans, begins, ends, key }): Seen[] => {
    const pem = pems.get(fingerprint);
    if (pem === undefined) return [];
    return [
      {
        ...{
          path: path.replace(/#[a-z-]+$/, ''),
          block: n,
          ca: kind === 'ca',
          subject,
          issuer,
          serial: serial.toLowerCase(),
          fingerprint,
          names: sans,
          begins,
          until: ends,
          pem,
        },
        // A kind of key that is not known here is told apart by the whole certificate.
        pin: pin ?? fingerprint,
        ...(key && { keyMatches: key === 'match' }),
      },
    ];
  });
  return { seen, keys };
}

/** What the answer says beside what is kept of it: whole certificates by their fingerprint, and files of keys. */
function besides(stdout: string): { pems: Map<string, string>; keys: Map<string, string> } {
  const pems = new Map<string, string>();
  const keys = new Map<string, string>();
  let file = '';
  const take = (base64: string): void => {
    const der = Buffer.from(base64, 'base64');
    const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
    pems.set(createHash('sha256').update(der).digest('hex'), `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
  };
  for (const line of stdout.split('\n')) {
    const [, key, value = ''] = /^(file|pem|der|b64|key)=(.*)$/.exec(line) ?? [];
    if (key === 'file') file = value;
    else if (key === 'key') keys.set(file, value);
    else if (key === 'pem' || key === 'der') take(value);
    else if (key === 'b64') {
      const inner = Buffer.from(value.slice(0, 200_000), 'base64').toString('latin1');
      for (const [, block = ''] of inner.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)) take(block);
    }
  }
  return { pems, keys };
}

/** Files to look at beside the customary places, so that nothing of the plan is overlooked. */
export const pathsOf = ({ leaves, authorities }: HostRotation): string[] => [...new Set([...leaves, ...authorities].map(({ path }) => path))];

/** Every place where a leaf of the plan is served, in one order for good. */
export function listenersOf({ leaves }: HostRotation): { path: string; says: string; listener: Listener }[] {
  return leaves.flatMap(({ path, listeners }) => listeners.map((listener) => ({ path, says: `port ${listener.port}`, listener: listenerOf(listener) })));
}

/** The fingerprint each of these listeners shows now; null = nobody answers there. */
export function sawServed(plan: HostRotation): Promise<(string | null)[]> {
  return Promise.all(listenersOf(plan).map(async ({ listener }) => (await lookAt(listener))?.fingerprint ?? null));
}

/** What a listener shows. */
export async function lookAt(listener: Listener): Promise<{ fingerprint: string; subject: string } | undefined> {
  const found = await fetchServed(listener);
  const cert = 'der' in found ? parseDer(found.der) : undefined;
  return cert && !('says' in cert) ? { fingerprint: cert.fingerprint, subject: cert.subject } : undefined;
}

const listenerOf = ({ port, host, at, name, starttls }: Leaf['listeners'][number]): Listener => ({
  ...{ port, host, at },
  ...(name !== undefined && { name }),
  ...(starttls !== undefined && { starttls }),
});
