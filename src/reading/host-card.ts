import type { Card } from '../chat/card.ts';
import type { Facts, FactValue, Finding, Host, HostState } from '../fleet/host.ts';
import { sayDuration } from '../lib/duration.ts';
import type { Change } from './knowledge.ts';

/** More rows than a person reads; the rest is in the attachment. */
const ROWS = 40;

/** One host as JSON: inventory variables and facts together, facts first hand winning. Stable; docs/json.md. */
export function hostJson(host: Host, state: HostState | undefined): { host: string; reach?: string; asked?: string; facts: Facts; findings: Finding[] } {
  return {
    host: host.name,
    ...(state && { reach: state.reach, asked: new Date(state.askedAt).toISOString() }),
    facts: { ...host.vars, ...state?.facts },
    findings: state?.findings ?? [],
  };
}

/** Everything known about one host, and what changed on it lately. */
export function hostCard(host: Host, state: HostState | undefined, changes: readonly Change[], now: number): Card {
  const facts = { ...host.vars, ...state?.facts };
  const place = [
    host.site && `site ${host.site}`,
    host.ring && `ring ${host.ring}`,
    host.parent && `guest of ${host.parent}`,
    host.redundancy.length > 0 && `redundancy ${host.redundancy.join(', ')}`,
  ];
  return {
    title: `${host.name}: ${state ? `${state.reach}, ${age(state, now)}` : 'never asked (check it)'}`,
    tone: !state ? 'quiet' : state.reach !== 'ok' ? 'bad' : state.findings.length > 0 ? 'attention' : 'good',
    body: [
      place.filter(Boolean).join(' · ') || 'no site, ring or parent known',
      ...(state?.detail ? [state.detail] : []),
      ...(state?.findings ?? []).map((finding) => `${finding.severity}: ${finding.text}`),
      ...changes.map((change) => `changed by ${change.at.toISOString()}: ${sayChanges(change.changes)}`),
    ],
    fields: Object.keys(facts)
      .sort()
      .map((name) => ({ name, value: sayValue(facts[name] as FactValue) })),
  };
}

/** Many hosts, one row each. */
export function hostsCard(expression: string, hosts: readonly Host[], known: ReadonlyMap<string, HostState>, now: number): Card {
  const columns = ['host', 'state', 'uptime', 'kernel', 'findings', 'asked'];
  const rows = hosts.map((host) => {
    const state = known.get(host.name);
    const { uptime, kernel } = state?.facts ?? {};
    return [
      host.name,
      state?.reach ?? 'never asked',
      typeof uptime === 'number' ? sayDuration(uptime * 1000) : '',
      typeof kernel === 'string' ? kernel : '',
      (state?.findings ?? []).map((finding) => finding.text).join('; '),
      state ? age(state, now) : '',
    ];
  });
  const shown = rows.slice(0, ROWS);
  return {
    title: `${hosts.length} hosts: ${expression}`,
    table: { columns, rows: shown },
    ...(rows.length > ROWS && {
      body: [`${rows.length - ROWS} more are in the attachment`],
      attachment: { name: 'hosts.tsv', text: [columns, ...rows].map((row) => row.join('\t')).join('\n') },
    }),
  };
}

const age = (state: HostState, now: number): string => `asked ${sayDuration(Math.max(0, now - state.askedAt))} ago`;

function sayChanges(changes: Change['changes']): string {
  return Object.entries(changes)
    .map(([name, [before, after]]) => `${name} ${before === null ? 'absent' : sayValue(before)} → ${after === null ? 'absent' : sayValue(after)}`)
    .join(', ');
}

function sayValue(value: FactValue): string {
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.map(sayValue).join(', ') : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
