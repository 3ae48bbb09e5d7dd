import type { Reply } from '../chat/command.ts';
import type { Ops } from '../ops.ts';
import { certificatesJson, MONTH, MOST_IN_DOCUMENT, MOST_SHOWN, renderCertificates } from './card.ts';
import { certificatesOf, countCertificates, looksAt, seenOf } from './rows.ts';

/** What is known of the certificates of the whole fleet, without asking anybody. `expiring`: only those that end within so many domain ms. */
export async function certificatesListed(ops: Pick<Ops, 'records' | 'clock' | 'fleet' | 'known'>, expiring?: number): Promise<Reply> {
  const now = ops.clock.now();
  const hosts = [...ops.fleet().hosts.keys()];
  const certs = await certificatesOf(ops.records, hosts, { ...(expiring !== undefined && { before: now + expiring }), most: MOST_IN_DOCUMENT });
  const counted = await countCertificates(ops.records, hosts, { now, before: now + (expiring ?? MONTH) });
  const looks = await looksAt(ops.records, hosts);
  const known = await ops.known([...new Set(certs.filter(({ ends }) => ends - now <= MONTH).map(({ host }) => host))]);
  const results = [...known.values()].map(({ host, findings }) => ({ host, reach: 'ok' as const, outcome: 'ok' as const, findings, ms: 0 }));
  const never = hosts.filter((host) => !looks.has(host));
  const view = {
    expression: 'all that is known',
    asked: looks.size,
    results,
    certs,
    counted,
    now,
    done: true,
    seen: seenOf(looks),
    ...(expiring !== undefined && { expiring }),
    ...(never.length > 0 && { never }),
  };
  return {
    card: renderCertificates({ ...view, certs: certs.slice(0, MOST_SHOWN) }),
    json: certificatesJson(view),
    outcome: certs.some(({ ends }) => ends <= now) ? 'findings' : 'ok',
  };
}
