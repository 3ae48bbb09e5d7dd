import type { HostResult } from '../jobs.ts';
import { SEVERITIES } from './hazards/judge.ts';
import type { Finding } from './host.ts';
import { foldNames } from './target/fold.ts';

/** Different texts of one hazard that still get a line each; beyond it they share one. */
const EACH = 4;

/** Findings by severity, then by how many hosts have them: one line for equal texts, `web[01-03] warning: failed: nginx.service`. */
export function findingLines(results: readonly HostResult[]): string[] {
  const byHazard = new Map<string, { severity: Finding['severity']; hazard: string; texts: Map<string, string[]> }>();
  for (const { host, findings } of results) {
    for (const { severity, hazard, text } of findings ?? []) {
      const key = `${severity} ${hazard}`;
      const group = byHazard.get(key) ?? { severity, hazard, texts: new Map<string, string[]>() };
      byHazard.set(key, group);
      const hosts = group.texts.get(text);
      if (hosts) hosts.push(host);
      else group.texts.set(text, [host]);
    }
  }
  return SEVERITIES.flatMap((severity) =>
    [...byHazard.values()]
      .filter((group) => group.severity === severity)
      .sort((a, b) => count(b.texts) - count(a.texts))
      .flatMap(({ hazard, texts }) => linesOf(severity, hazard, texts)),
  );
}

/** Of those that near something, the one that gets there first: `next: kvm03 at 2018-06-20 14:03 UTC (uptime-208)`. */
export function next(results: readonly HostResult[]): string | undefined {
  const dated = results.flatMap(({ host, findings }) => (findings ?? []).flatMap(({ hazard, due }) => (due ? [{ host, hazard, due }] : [])));
  if (dated.length < 2) return undefined;
  const { host, hazard, due } = dated.reduce((a, b) => (b.due < a.due ? b : a));
  return `next: ${host} at ${due.slice(0, 16).replace('T', ' ')} UTC (${hazard})`;
}

function linesOf(severity: string, hazard: string, texts: Map<string, string[]>): string[] {
  const most = [...texts].sort((a, b) => b[1].length - a[1].length);
  if (most.length <= EACH) return most.map(([text, hosts]) => `${folded(hosts)} ${severity}: ${text}`);
  const hosts = [...new Set(most.flatMap(([, own]) => own))];
  return [`${folded(hosts)} ${severity}: ${hazard}, ${most.length} kinds, as ${most[0]?.[1][0]}: ${most[0]?.[0]}`];
}

const count = (texts: Map<string, string[]>): number => [...texts.values()].reduce((sum, hosts) => sum + hosts.length, 0);

function folded(hosts: readonly string[]): string {
  const text = foldNames(hosts);
  return text.length > 200 ? `${hosts.length} hosts (${text.slice(0, 120)} …)` : text;
}
