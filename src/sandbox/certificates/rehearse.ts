import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSignedBy } from '../../fleet/certificates/signed.ts';
import { issue, newAuthority, type Pair } from './authority.ts';
import { AUTHORITY, AUTHORITY_AT, keyPathOf, type LaidLeaf, LEAVES } from './laid.ts';

const DAY = 86_400_000;

/**
 * Carries a change of the authority of `@kaza` through on a copy of all its files, with real keys and signatures, and says after each
 * step which host would still trust which. First as it must not be done, then as it is. `hosts` itself is not touched.
 */
export async function rehearse(hosts: string, copy: string): Promise<string[]> {
  const at = Date.now();
  const next = await newAuthority(`${AUTHORITY.subject}-2`, at - 3_600_000, at + AUTHORITY.days * DAY);
  const old = authorityIn(hosts);
  const fresh = (): void => {
    rmSync(copy, { recursive: true, force: true });
    cpSync(hosts, copy, { recursive: true });
  };
  try {
    fresh();
    const said = [`before: ${says(copy)}`];
    trust(copy, next.cert, 'kyousuke');
    said.push(`not so: the authority swapped on its own host, as in outage 3: ${says(copy)}`);

    fresh();
    trust(copy, old.cert + next.cert);
    said.push(`1. everybody trusts both, host after host, nothing is signed by the new one: ${says(copy)}`);
    for (const leaf of LEAVES) {
      await signAnew(copy, leaf, next, at);
      const broken = refused(copy);
      if (broken.length > 0) return [...said, `stopped: after ${leaf.path} on ${leaf.host} ${broken[0]}`];
    }
    said.push(`2. ${LEAVES.length} leaves signed by the new one, one after the other, looked at after each: ${says(copy)}`);
    trust(copy, next.cert);
    said.push(`3. the old one taken out of the files of trust: ${says(copy)}`);
    return said;
  } finally {
    // A copy of private keys is not left lying about.
    rmSync(copy, { recursive: true, force: true });
  }
}

function authorityIn(dir: string): Pair {
  const { host, path } = AUTHORITY_AT.find(({ key }) => key) as (typeof AUTHORITY_AT)[number];
  return { cert: readFileSync(join(dir, host, path), 'utf8'), key: readFileSync(join(dir, host, keyPathOf(path)), 'utf8') };
}

/** Writes what is trusted: on one host, or on all. */
function trust(dir: string, certs: string, only?: string): void {
  for (const { host, path } of AUTHORITY_AT) if (only === undefined || host === only) writeFileSync(join(dir, host, path), certs);
}

async function signAnew(dir: string, leaf: LaidLeaf, authority: Pair, at: number): Promise<void> {
  const made = await issue(authority, { ...leaf, from: at - 3_600_000, until: at + 365 * DAY });
  writeFileSync(join(dir, leaf.host, certOf(leaf)), made.cert);
}

/** A kubeconfig is rehearsed by its certificate alone. */
const certOf = ({ path, kubeconfig }: LaidLeaf): string => (kubeconfig ? `${path}.crt` : path);

/** `45 of 45 meetings hold`: each host that trusts with each leaf of the cluster it may meet. */
function says(dir: string): string {
  const all = meetings(dir);
  const broken = all.filter(({ holds }) => !holds);
  if (broken.length === 0) return `all ${all.length} meetings of a host with a leaf hold`;
  const [first] = broken as [Meeting];
  return `${broken.length} of ${all.length} meetings break at once: ${first.host} refuses ${first.leaf}${broken.length > 1 ? ' and so on' : ''}`;
}

const refused = (dir: string): string[] => meetings(dir).flatMap(({ holds, host, leaf }) => (holds ? [] : [`${host} refuses ${leaf}`]));

interface Meeting {
  host: string;
  leaf: string;
  holds: boolean;
}

function meetings(dir: string): Meeting[] {
  const leaves = LEAVES.filter(({ kubeconfig }) => !kubeconfig).map((leaf) => {
    const [pem = ''] = blocks(readFileSync(join(dir, leaf.host, certOf(leaf)), 'utf8'));
    return { name: `${leaf.path} of ${leaf.host}`, pem };
  });
  return AUTHORITY_AT.flatMap(({ host, path }) => {
    const trusted = blocks(readFileSync(join(dir, host, path), 'utf8'));
    return leaves.map(({ name, pem }) => ({ host, leaf: name, holds: trusted.some((ca) => isSignedBy(pem, ca)) }));
  });
}

const blocks = (text: string): string[] => text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
