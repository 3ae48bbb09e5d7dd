import pLimit from 'p-limit';
import { hostsNamed } from '../config/certificates.ts';
import type { Config } from '../config/schema.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Host } from '../fleet/host.ts';
import type { ExecResult } from '../fleet/ssh/transport.ts';
import type { HostResult, JobContext } from '../jobs.ts';
import type { Held, HostCertificates, Seen } from './certificate.ts';
import { listenersOf } from './listeners.ts';
import { parseDer } from './parse.ts';
import { readCertsAnswer } from './read-answer.ts';
import { fetchServed, type Listener } from './served.ts';

/** Wall milliseconds for the script, which gives up by itself before. */
const SCRIPT_TIME = 20_000;
/** Handshakes at once in this process, over all hosts. */
const handshakes = pLimit(64);

/**
 * Looks at the certificates of one host: its files by one exec (a second one as root, where the login may and the first was kept out of
 * something), and what its listeners show. Changes nothing.
 */
export async function lookAtCertificates(host: Host, { script, around, known }: JobContext<unknown>): Promise<HostResult> {
  if (!around) throw new Error('looking at certificates needs the configuration');
  const { config, fleet } = around;
  const extra = pathsOf(host, config, fleet);
  const [answer, seen] = await Promise.all([
    script('certs', extra, SCRIPT_TIME),
    Promise.all(listenersOf(host, known?.facts ?? {}, config.certificates, fleet).map((listener) => handshakes(() => see(listener)))),
  ]);
  if (answer.reach !== 'ok') return { host: host.name, outcome: 'lost', reach: answer.reach, detail: answer.detail, ms: answer.ms };
  let files: Files | undefined = readCertsAnswer(answer.stdout, 'certs v1');
  if (!files) return { host: host.name, outcome: 'failed', reach: 'ok', detail: sayBroken(answer), ms: answer.ms };
  if (files.unread.length > 0 || keptOut(answer.stdout)) files = await asRoot(script, extra, files);
  return { host: host.name, outcome: 'ok', reach: 'ok', ms: answer.ms, certificates: together(host.name, files, seen) };
}

/** The file or folder as an argument, whatever host it is of. */
function pathsOf(host: Host, { certificates }: Config, fleet: Fleet): string[] {
  const own = certificates.paths.filter(({ hosts }) => hostsNamed(hosts, fleet).has(host.name)).flatMap(({ paths }) => paths);
  const ofProfiles = Object.values(certificates.profiles)
    .filter(({ hosts }) => hostsNamed(hosts, fleet).has(host.name))
    .flatMap(({ files }) => files ?? []);
  return [...new Set([...own, ...ofProfiles])];
}

const keptOut = (stdout: string): boolean => /^keywhy=root$/m.test(stdout);

type Files = Omit<HostCertificates, 'seen'>;

/** Where the login may not, what it saw by itself counts; where root's look failed this once, it counts as a part. */
async function asRoot(script: JobContext<unknown>['script'], extra: readonly string[], own: Files): Promise<Files> {
  const answer = await script('certs-root', extra, SCRIPT_TIME);
  if (answer.reach === 'ok' && answer.needsRoot !== undefined) return own;
  return (answer.reach === 'ok' ? readCertsAnswer(answer.stdout, 'certs-root v1') : undefined) ?? { ...own, part: true };
}

interface Shown extends Seen {
  der?: Buffer;
}

async function see(listener: Listener): Promise<Shown> {
  const { port, host, at, name } = listener;
  const address = host.includes(':') ? `[${host}]:${at}` : `${host}:${at}`;
  const found = await fetchServed(listener);
  return { port, address, ...(name !== undefined && { name }), ...('der' in found ? { der: found.der } : { wrong: found.wrong }) };
}

/** What is served is found again among the files; what is in none of them stands by itself. */
function together(host: string, files: Files, shown: readonly Shown[]): HostCertificates {
  const held = files.held.map((one) => ({ ...one, servedOn: [] as number[] }));
  const wrong = [...files.wrong];
  const seen = shown.map(({ der, ...one }): Seen => {
    if (!der) return one;
    const cert = parseDer(der);
    const path = `tls://${host}:${one.port}`;
    if ('says' in cert) {
      wrong.push({ path, says: cert.says });
      return { ...one, wrong: cert.says };
    }
    const own = held.filter(({ fingerprint }) => fingerprint === cert.fingerprint);
    for (const file of own) if (!file.servedOn.includes(one.port)) file.servedOn.push(one.port);
    if (own.length === 0)
      held.push({ ...cert, path, n: held.filter((other) => other.path === path).length, trust: false, servedOn: [one.port] } satisfies Held);
    return { ...one, fingerprint: cert.fingerprint };
  });
  return { ...files, held, wrong, seen };
}

function sayBroken({ code, stderr, cut }: Extract<ExecResult, { reach: 'ok' }>): string {
  if (cut) return 'its certificates are more than one answer holds: cut, and not believed';
  const said = stderr
    .split('\n')[0]
    ?.replace(/[\p{Cc}\p{Surrogate}]/gu, ' ')
    .slice(0, 200);
  return `logged in, and the look at its certificates did not come to its end (exit code ${code}${said ? `: ${said}` : ''})`;
}
