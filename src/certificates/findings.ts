import type { Finding } from '../fleet/host.ts';
import { daysLeft, nameOf } from './certificate.ts';
import type { ChangedAuthority } from './changes.ts';
import type { KnownCertificate, KnownLook } from './rows.ts';

/** What findings about certificates are called by; a check neither makes nor unlearns them. */
export const HAZARD = 'certificate';

/** Days left from which it is a warning, and critical. */
const WARNING = 30;
const CRITICAL = 7;
const DAY = 86_400_000;

/** What is wrong with the certificates of one host by domain time `now`, each with its file. Pure. */
export function certificateFindings(
  { held, look, changed }: { held: readonly KnownCertificate[]; look?: KnownLook; changed: readonly ChangedAuthority[] },
  now: number,
): Finding[] {
  return [...changed.map(changedFinding), ...ending(held, now), ...notLive(held, look), ...held.flatMap(mismatch), ...ofLook(look)];
}

export const isOfCertificates = ({ hazard }: Pick<Finding, 'hazard'>): boolean => hazard.startsWith(HAZARD);

/** `expired 61 d ago`, `ends in 12 d`. */
export function sayEnd(ends: number, now: number): string {
  const days = daysLeft(ends, now);
  if (ends <= now) return days === 0 ? 'expired today' : `expired ${-days} d ago`;
  return days === 0 ? 'ends within a day' : `ends in ${days} d`;
}

/** One that is both, a file and served, is said once. */
function ending(held: readonly KnownCertificate[], now: number): Finding[] {
  const soon = held.filter(({ ends }) => ends - now <= WARNING * DAY);
  const authorities = (path: string): number => held.filter((one) => one.kind === 'ca' && one.path === path).length;
  return soon.map((one) => {
    const { kind, ends, path, servedOn } = one;
    const served = servedOn.length > 0 ? `, served on ${servedOn.join(', ')}` : '';
    return {
      hazard: ends <= now ? `${HAZARD}-expired` : `${HAZARD}-ends`,
      // One of many authorities that are trusted may end as the world likes; the others go on being trusted.
      severity: ends - now <= CRITICAL * DAY && !(kind === 'ca' && authorities(path) > 1) ? 'critical' : 'warning',
      text: `${kind === 'ca' ? 'authority' : 'certificate'} ${nameOf(one)} ${sayEnd(ends, now)}: ${path}${served}`,
      ...(ends > now && { due: new Date(ends).toISOString() }),
    };
  });
}

/** A listener shows another one than the file that is for the same names, and the file's ends later: renewed, and not live. */
function notLive(held: readonly KnownCertificate[], look: KnownLook | undefined): Finding[] {
  const unreached = (look?.seen ?? []).filter(({ wrong, fingerprint }) => wrong !== undefined && fingerprint === undefined);
  const stale = held
    .filter(({ path }) => path.startsWith('tls://'))
    .flatMap((served): Finding[] => {
      const newer = held.find(
        (file) =>
          !file.path.startsWith('tls://') && file.kind === 'leaf' && file.subject === served.subject && same(file.sans, served.sans) && file.ends > served.ends,
      );
      if (!newer) return [];
      return [
        {
          hazard: `${HAZARD}-not-live`,
          severity: 'warning',
          text: `renewed, not live: ${newer.path} is newer than what is served on ${served.servedOn.join(', ')} (${nameOf(served)})`,
        },
      ];
    });
  const silent = unreached.map(
    ({ port, address, wrong }): Finding => ({
      hazard: `${HAZARD}-unseen`,
      severity: 'info',
      text: `what is served on ${port} was not seen (${address}: ${wrong})`,
    }),
  );
  return [...stale, ...silent];
}

const same = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join('\n') === [...b].sort().join('\n');

function mismatch({ key, path }: KnownCertificate): Finding[] {
  return key === 'mismatch' ? [{ hazard: `${HAZARD}-key`, severity: 'warning', text: `the private key beside ${path} is not that of the certificate` }] : [];
}

/** An authority whose key is another one than before. */
export function changedFinding({ path, before, after }: ChangedAuthority): Finding {
  const pins = (list: ChangedAuthority['before']): string =>
    list.flatMap(({ kind, pin }) => (kind === 'ca' ? [pin?.slice(0, 12) ?? 'unknown'] : [])).join(', ');
  const [name] = after.filter(({ kind }) => kind === 'ca').map(({ subject }) => subject);
  return {
    hazard: `${HAZARD}-authority`,
    severity: 'critical',
    text: `the key of the authority ${name ?? ''} in ${path} is another one (pin ${pins(before)} → ${pins(after)}), and no run of ours changed it: whatever the old one signed is no longer trusted`,
  };
}

const MOST = 10;

function ofLook(look: KnownLook | undefined): Finding[] {
  if (!look) return [];
  const { wrong, unread, more } = look;
  const broken = wrong.slice(0, MOST).map(({ path, says }): Finding => ({ hazard: `${HAZARD}-broken`, severity: 'warning', text: `${path} ${says}` }));
  return [
    ...broken,
    ...(wrong.length > MOST
      ? [{ hazard: `${HAZARD}-broken`, severity: 'warning' as const, text: `${wrong.length - MOST} more files of certificates are broken` }]
      : []),
    ...(unread.length > 0
      ? [
          {
            hazard: `${HAZARD}-unread`,
            severity: 'info' as const,
            text: `needs root to be looked at: ${unread.slice(0, 3).join(', ')}${unread.length > 3 ? ` and ${unread.length - 3} more` : ''}`,
          },
        ]
      : []),
    ...(more
      ? [{ hazard: `${HAZARD}-more`, severity: 'warning' as const, text: 'has more certificates than one look takes: the last ones are not watched' }]
      : []),
  ];
}
