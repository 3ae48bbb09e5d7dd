import { sayDuration } from '../../lib/duration.ts';
import { short } from './judge.ts';
import type { RotateMemory } from './remembered.ts';
import type { HostRotation, Leaf } from './shapes.ts';

const DAY = 86_400_000;

/** `expired 61 d ago`, `ends in 12 d`: whole days, as people count towards an end. */
export const sayEnd = (until: number, now: number): string => (until <= now ? `expired ${sayDays(now - until)} ago` : `ends in ${sayDays(until - now)}`);

const sayDays = (ms: number): string => (ms < DAY ? sayDuration(ms) : `${Math.floor(ms / DAY)} d`);

/** `1 leaf expired 61 d ago, 0 CAs will change: apiserver by kubeadm certs renew apiserver` */
export function sayRotation({ leaves, renewals }: HostRotation, now: number): string {
  const expired = leaves.filter(({ until }) => until <= now);
  const due = leaves.length - expired.length;
  const first = Math.min(...expired.map(({ until }) => until));
  const soonest = Math.min(...leaves.filter(({ until }) => until > now).map(({ until }) => until));
  const counts = [
    ...(expired.length > 0 ? [`${sayLeaves(expired.length)} expired ${sayDays(now - first)} ago`] : []),
    ...(due > 0 ? [`${sayLeaves(due)} ${due === 1 ? 'ends' : 'end'} in ${sayDays(soonest - now)}`] : []),
  ];
  return `${counts.join(', ')}, 0 CAs will change: ${renewals.map(({ says }) => says).join(', ')}`;
}

/** Every file of the host with what becomes of it. */
export function rotationLines({ leaves, left, authorities }: HostRotation, now: number): string[] {
  return [
    ...leaves.map((leaf) => `LEAF renew ${leaf.path}: ${sayEnd(leaf.until, now)}, key ${short(leaf.pin)}, issuer ${leaf.issuer}${sayServed(leaf)}`),
    ...authorities.map(({ path, pin, subject }) => `CA untouched ${path}: ${subject}, key ${short(pin)}`),
    ...left,
  ];
}

const sayServed = ({ listeners }: Leaf): string =>
  listeners.length > 0 ? `, served on ${listeners.map(({ port }) => port).join(', ')}` : ', served nowhere known';

/** `renewed apiserver: serial 4a2f…, ends in 364 d; seen served on 1 listener; no CA was written`. `seen` = how many listeners. */
export function sayRenewed({ leaves }: HostRotation, renewed: RotateMemory['renewed'], seen: { live: number; silent: number }, now: number): string {
  const each = renewed.map(({ path, serial, until }) => {
    const name = leaves.find((leaf) => leaf.path === path)?.name ?? path;
    return `${name}: serial ${serial.toLowerCase()}, ${sayEnd(until, now)}`;
  });
  return `renewed ${each.slice(0, 3).join('; ')}${each.length > 3 ? ` and ${each.length - 3} more` : ''}; ${sayLive(seen)}; no CA was written`;
}

function sayLive({ live, silent }: { live: number; silent: number }): string {
  const listeners = (count: number): string => (count === 1 ? '1 listener' : `${count} listeners`);
  if (live + silent === 0) return 'served nowhere that is looked at';
  const seen = live === 0 ? 'seen served nowhere' : `seen served on ${listeners(live)}`;
  return silent === 0 ? seen : `${seen}, ${listeners(silent)} did not answer, before or after`;
}

export const foldPaths = (paths: readonly string[], most = 3): string =>
  `${paths.slice(0, most).join(', ')}${paths.length > most ? ` and ${paths.length - most} more` : ''}`;

const sayLeaves = (count: number): string => (count === 1 ? '1 leaf' : `${count} leaves`);
