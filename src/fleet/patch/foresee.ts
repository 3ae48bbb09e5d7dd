import type { Foreseen, Foresight } from '../../jobs.ts';
import { sayDuration } from '../../lib/duration.ts';
import { Refusal } from '../../lib/refusal.ts';
import type { Facts, Host } from '../host.ts';
import type { PatchParams } from './params.ts';

const MINUTE = 60_000;

/** What the plan can say before the host has simulated it, from the facts known. */
export function foreseePatch(host: Host, { params, known, keptOff, now }: Foresight<PatchParams>): Foreseen {
  const facts: Facts = { ...host.vars, ...known?.facts };
  if (isPrimary(facts) && !params.databases) {
    throw new Refusal(
      `${host.name} is a database primary, and an upgrade may restart its database. Leave it out, or say "restart databases" if that is meant; nothing was begun.`,
    );
  }
  const os = typeof facts.os === 'string' ? facts.os : undefined;
  const estimate = { p50: 4 * MINUTE, p95: 20 * MINUTE };
  const kind = os ?? 'host';
  if (os !== undefined && !KNOWN.has(os)) {
    return { does: 'nothing', skip: { rule: 'no apt or dnf', because: `it runs ${os}, which is patched by means of its own` }, estimate, class: kind };
  }
  const off = [...new Set(keptOff.map(({ rule, pattern }) => `${pattern} (${rule})`))];
  const does = [
    `upgrade its packages${params.kernel ? '' : ' without the kernel'}`,
    ...(off.length > 0 ? [`${off.join(', ')} kept off`] : []),
    ...(params.databases && isPrimary(facts) ? ['its database primary may restart'] : []),
  ].join(', ');
  return { does, estimate, class: kind, notes: notesOf(facts, now) };
}

const isPrimary = ({ database_primary, database }: Facts): boolean =>
  database_primary === true || (typeof database === 'string' && /\bprimary\b/.test(database));

/** Derivatives carry the name of what they derive from in ID_LIKE, which is no fact; these are the ones met. */
const KNOWN = new Set(
  'debian ubuntu raspbian linuxmint pop proxmox devuan kali almalinux rocky centos rhel fedora ol amzn cloudlinux eurolinux virtuozzo'.split(' '),
);

function notesOf(facts: Facts, now: number): string[] {
  const { updates_pending: pending, updates_restart: restart, updates_looked: looked, package_lock: lock, package_broken: broken } = facts;
  const at = typeof looked === 'string' ? Date.parse(looked) : Number.NaN;
  return [
    Number.isNaN(at)
      ? 'not simulated yet: "patch … simulate" asks what would be upgraded and restarted; each host simulates before it begins in any case'
      : `${pending} packages pending when simulated ${sayDuration(Math.max(0, now - at))} ago${Array.isArray(restart) && restart.length > 0 ? `, restarts ${restart.join(', ')}` : ''}`,
    ...(typeof lock === 'string' ? [`${lock} held the lock of packages when last asked`] : []),
    ...(Array.isArray(broken) && broken.length > 0 ? [`packages stood half-way when last asked: ${broken.join(', ')}; it will not begin while they do`] : []),
  ];
}
