import { tableFact, textFact } from '../../fleet/hazards/hazard.ts';
import type { Comparison } from '../compare.ts';
import { isWhole, itemsOf, some } from './lists.ts';

export const firewall: Comparison = {
  about: 'firewall rules (nft, iptables) differ',
  grave: true,
  mayPass: true,
  look: (before, after) => (differs(before['firewall_hash'], after['firewall_hash']) ? ['nft rules differ'] : []),
};

export const routes: Comparison = {
  about: 'routes or routing rules differ',
  grave: true,
  mayPass: true,
  look: (before, after) => (differs(before['routes_hash'], after['routes_hash']) ? ['routes differ'] : []),
};

/** Ports from here on are given out by the kernel: rpc.statd and its like listen on another one after each boot. */
const EPHEMERAL = 32_768;

export const listeners: Comparison = {
  about: 'nobody listens on a port below 32768 any more; told: such ports that are new, or other addresses',
  grave: true,
  mayPass: true,
  look(before, after) {
    const [old, now] = [itemsOf(before, 'listeners'), itemsOf(after, 'listeners')];
    if (!old || !now) return differs(before['listeners_hash'], after['listeners_hash']) ? [{ what: 'listening sockets differ', grave: false }] : [];
    // Both are sorted by number, so a list that was cut off is known up to its last.
    const known = (list: string[]): number => {
      const last = Number(list.at(-1));
      return isWhole(list) ? EPHEMERAL : Math.min(EPHEMERAL, last);
    };
    const missing = old.filter((port) => Number(port) < known(now) && !now.includes(port));
    const fresh = now.filter((port) => Number(port) < known(old) && !old.includes(port));
    const said: (string | { what: string; grave: boolean })[] = [];
    if (missing.length > 0) said.push(`nothing listens on ${some(missing)}`);
    if (fresh.length > 0) said.push({ what: `something new listens on ${some(fresh)}`, grave: false });
    const same = old.length === now.length && old.every((port) => now.includes(port));
    if (same && differs(before['listeners_hash'], after['listeners_hash'])) said.push({ what: 'what listens on which address differs', grave: false });
    return said;
  },
};

export const probes: Comparison = {
  about: 'a service probe fails that did not',
  grave: true,
  mayPass: true,
  look(before, after) {
    const well = new Set(tableFact(before, 'probes').flatMap(({ name, ok }) => (ok === true ? [name] : [])));
    const failing = tableFact(after, 'probes').filter(({ name, ok }) => ok === false && well.has(name));
    return failing.map((row) => `${row['name']} fails${textFact(row, 'detail') ? ` (${textFact(row, 'detail')})` : ''}`);
  },
};

/** An absent fact differs from nothing. */
const differs = (a: unknown, b: unknown): boolean => a !== undefined && b !== undefined && a !== b;
