import type { AlertRow } from './rows.ts';

/** Names and sentences that mean the whole host. An exporter that is gone (`InstanceDown`, `TargetDown`) or a full disk does not. */
const NAMED = /\b(?:host|node|server|machine|hypervisor)[\s_-]*(?:is\s+)?(?:down|dead|offline|unreachable)\b|unavailable by icmp ping/i;
const SAID = /^\W*(?:(?:is\s+)?(?:down|dead|offline|unreachable|not responding)|does(?: not|n't) (?:answer|respond))\s*(?:[.!]*|:.*)$/i;

/** Pure. Whether an alert says of its one host that it does not answer as such: our own look at the hosts does, and what other senders word like that. */
export function saysDead({ integration, summary, details, hosts }: Pick<AlertRow, 'integration' | 'summary' | 'details' | 'hosts'>): boolean {
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return false;
  if (integration === 'down') return true;
  const unnamed = summary
    .split(/\s+/)
    .filter((word) => shortOf(word) !== shortOf(host))
    .join(' ');
  return NAMED.test(unnamed) || NAMED.test(details['alertname'] ?? '') || SAID.test(unnamed);
}

/** `"kvm01.example.org:9100",` is `kvm01`. */
const shortOf = (word: string): string => /^["'([]*([\w-]+)/.exec(word)?.[1]?.toLowerCase() ?? '';
