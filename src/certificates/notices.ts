import { type Defaults, defaultsOf } from '../config/defaults.ts';
import type { Roster } from '../escalation/roster.ts';
import type { Ops } from '../ops.ts';
import { resolvePages } from '../paging/end.ts';
import type { Queries, Tx } from '../store/db.ts';
import { askForPerson, type PageMore } from '../store/events.ts';
import { nameOf } from './certificate.ts';
import { certificatesEnding, type Ending } from './ending.ts';
import { sayEnd } from './findings.ts';
import { ackLastsFor, horizonOf, nextNotice, type Rung, rungOf } from './ladder.ts';
import { whoseCertificate } from './whose.ts';

export interface NoticesWorld extends Pick<Ops, 'config' | 'fleet'> {
  /** Who is asked after whom, as it stands now. */
  roster(db: Queries): Promise<Roster>;
}

interface Notice {
  fingerprint: string;
  rank: number;
  page: string;
  over: Date | null;
}

/**
 * Asks people about every certificate that has come to a step of the ladder nobody was asked about; ends what is over. `endedOnly`: about
 * those alone that have ended, whatever the hour.
 */
export async function askAboutEnding(tx: Tx, world: NoticesWorld, now: number, { endedOnly = false } = {}): Promise<void> {
  await endRenewed(tx, now);
  const defaults = defaultsOf(world.config());
  const endings = await certificatesEnding(tx, endedOnly ? now : now + horizonOf(defaults), { unasked: true });
  const notices = new Map(
    (
      await tx.query<Notice>(`select fingerprint, rank, page, over from certificate_notices where fingerprint = any ($1::text[])`, [
        endings.map(({ fingerprint }) => fingerprint),
      ])
    ).map((notice) => [notice.fingerprint, notice]),
  );
  for (const ending of endings) await askAbout(tx, world, { ending, last: notices.get(ending.fingerprint), defaults, now });
}

/**
 * Nobody is asked any longer about what is nowhere any more, where one that ends later stands in each of its places: what was only moved away,
 * or not found, was not renewed. Hosts that are no longer in the inventory ask nobody.
 */
export async function endRenewed(tx: Tx, now: number): Promise<void> {
  const over = await tx.query<{ page: string }>(
    `update certificate_notices n set over = $1 where over is null and not exists (select 1 from certificates c where c.fingerprint = n.fingerprint)
       and not exists (select 1 from jsonb_to_recordset(n.places) as p (host text, path text, port int) join certificate_looks l using (host)
         where not exists (select 1 from certificates c where c.host = p.host and (c.path = p.path or c.served_on @> to_jsonb(p.port)) and c.kind = n.kind and c.ends > n.ends))
     returning page`,
    [new Date(now)],
  );
  if (over.length === 0) return;
  await resolvePages(
    tx,
    { pages: over.map(({ page }) => page) },
    { because: 'the certificate was renewed, and the old one is nowhere any more', by: 'holdfast', at: now },
  );
}

async function askAbout(
  tx: Tx,
  world: NoticesWorld,
  { ending, last, defaults, now }: { ending: Ending; last: Notice | undefined; defaults: Defaults; now: number },
) {
  const standing = { ends: ending.ends, served: ending.servedOn.length > 0 };
  const { ask } = nextNotice(rungOf(standing, now, defaults), last?.over ? undefined : last);
  if (!ask) return;
  // What was asked before is asked again, more urgently: two pages about one thing would be one too many.
  if (last && !last.over) await resolvePages(tx, { pages: [last.page] }, { because: `asked again: it has come to ${ask.step}`, by: 'holdfast', at: now });
  const ackLasts = ackLastsFor(standing, now, defaults);
  const about = { hosts: ending.hosts, urgency: ask.urgency, ...(ackLasts !== undefined && { ackLasts }) };
  const whose = whoseCertificate(world.config(), world.fleet(), await world.roster(tx), about);
  const page = await askForPerson(tx, {
    text: sayAsked(ending, now),
    urgency: ask.urgency,
    ...whose,
    more: moreOf(ending, ask, await authoritiesOf(tx, ending.hosts)),
    by: 'holdfast',
    at: now,
  });
  await tx.query(
    `insert into certificate_notices (fingerprint, step, rank, page, told, kind, ends, places)
     select $1, $2, $3, $4, $5, $6, $7, jsonb_agg(jsonb_build_object('host', host, 'path', path, 'port', substring(path from '^tls://.*:([0-9]+)$')::int))
     from certificates where fingerprint = $1
     on conflict (fingerprint) do update set step = excluded.step, rank = excluded.rank, page = excluded.page, told = excluded.told,
       places = excluded.places, over = null`,
    [ending.fingerprint, ask.step, ask.rank, page, new Date(now), ending.kind, new Date(ending.ends)],
  );
}

/** `certificate kube-apiserver ends in 30 d: kyousuke:/etc/kubernetes/pki/apiserver.crt` */
function sayAsked(ending: Ending, now: number): string {
  const [first = '', ...others] = ending.places;
  const what = ending.kind === 'ca' ? 'authority' : 'certificate';
  const served = ending.servedOn.length > 0 ? `, served on ${ending.servedOn.join(', ')}` : '';
  return `${what} ${nameOf(ending)} ${sayEnd(ending.ends, now)}: ${first}${others.length > 0 ? ` and ${others.length} more places` : ''}${served}`;
}

/** What stands there and signs: nothing of it is written by a rotation. */
const authoritiesOf = (tx: Tx, hosts: readonly string[]): Promise<{ subject: string; pin: string | null }[]> =>
  tx.query(
    `select distinct subject, pin from certificates where kind = 'ca' and self_issued and host = any ($1::text[]) order by subject, pin limit ${SHOWN}`,
    [hosts],
  );

function moreOf(ending: Ending, { step }: Rung, authorities: Awaited<ReturnType<typeof authoritiesOf>>): PageMore {
  const { kind, ends, sans, issuer, serial, pin, places, hosts, path } = ending;
  const leaf = kind === 'leaf' && !path.startsWith('tls://');
  return {
    // A brief shows the first of them only: what would be done, then what it is.
    body: [
      ...(leaf
        ? [`plan: LEAF renew ${some(places)}; CA untouched ${authorities.map((ca) => `${ca.subject} (pin ${short(ca.pin)})`).join(', ') || issuer}`]
        : []),
      ...(kind === 'ca' ? [`an authority (pin ${short(pin)}): it is not renewed as a leaf is, and whatever it signed ends with it; "rotate ca" says how`] : []),
      `step ${step}; until ${new Date(ends).toISOString().slice(0, 16).replace('T', ' ')} UTC, serial ${serial}, issued by ${issuer}${sans.length > 0 ? `, for ${some(sans)}` : ''}`,
    ],
    actions: [
      // It plans, and asks whoever has to agree; nothing is renewed by it alone.
      ...(leaf && /^[\w./-]+$/.test(path) && hosts.length <= SHOWN
        ? [{ label: 'Rotate', command: `rotate certs ${hosts.join(',')} cert ${path}`, style: 'primary' as const }]
        : []),
      { label: 'Look now', command: `certs ${hosts.slice(0, SHOWN).join(',')}` },
    ],
  };
}

const SHOWN = 6;

const some = (names: readonly string[]): string => `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`;

const short = (pin: string | null | undefined): string => pin?.slice(0, 12) ?? 'unknown';
