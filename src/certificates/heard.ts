import { gravestFirst } from '../fleet/hazards/judge.ts';
import type { HostState } from '../fleet/host.ts';
import type { HostResult } from '../jobs.ts';
import type { Tx } from '../store/db.ts';
import { changedAuthorities, keepChanges } from './changes.ts';
import { certificateFindings, isOfCertificates } from './findings.ts';
import { certificatesOf, looksAt, putCertificates } from './rows.ts';
import { withUnseen } from './unseen.ts';

/**
 * A reading heard of hosts: what a look at certificates found becomes what is known of them, and every answer is given what is wrong with
 * the certificates of its host by now; a check knows nothing of that. Answers the results as they are to be kept.
 */
export async function withCertificates(tx: Tx, results: readonly HostResult[], known: ReadonlyMap<string, HostState>, at: number): Promise<HostResult[]> {
  const found = new Map(results.flatMap(({ host, certificates }) => (certificates ? [[host, certificates] as const] : [])));
  if (found.size > 0) {
    const before = await certificatesOf(tx, [...found.keys()]);
    const of = byHost(before);
    for (const [host, one] of found) found.set(host, withUnseen(one, of.get(host) ?? []));
    await keepChanges(tx, found, before, at);
    await putCertificates(tx, found, at);
  }
  const answered = results.filter(({ reach, facts, certificates }) => reach === 'ok' && (facts || certificates)).map(({ host }) => host);
  if (answered.length === 0) return [...results];
  const looks = await looksAt(tx, answered);
  const held = byHost(await certificatesOf(tx, [...looks.keys()]));
  const changed = byHost(await changedAuthorities(tx, [...looks.keys()]));
  return results.map((result) => {
    const look = looks.get(result.host);
    if (!answered.includes(result.host) || !look) return result;
    const others = (result.findings ?? known.get(result.host)?.findings ?? []).filter((finding) => !isOfCertificates(finding));
    const own = certificateFindings({ held: held.get(result.host) ?? [], look, changed: changed.get(result.host) ?? [] }, at);
    return { ...result, findings: gravestFirst([...others, ...own]) };
  });
}

function byHost<One extends { host: string }>(list: readonly One[]): Map<string, One[]> {
  const hosts = new Map<string, One[]>();
  for (const one of list) hosts.set(one.host, [...(hosts.get(one.host) ?? []), one]);
  return hosts;
}
