import type { Facts, Finding, Reach, Severity } from '../host.ts';
import { type Hazard, toFindings } from './hazard.ts';
import { HAZARDS } from './table.ts';

export const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];

/** What is wrong with one host by its facts, gravest first. Pure. */
export function judge(facts: Facts, hazards: readonly Hazard[] = HAZARDS): Finding[] {
  return gravestFirst(hazards.flatMap((hazard) => toFindings(hazard, hazard.look(facts))));
}

/** A hazard a person wrote in holdfast.yaml; `holds` is its `when`, made ready. `undefined` from it (a fact is absent) is no finding. */
export function ownHazard(entry: { name: string; severity: Severity; text: string; when: string }, holds: (facts: Facts) => boolean | undefined): Hazard {
  const { name, severity, text, when } = entry;
  return { name, severity, about: when, look: (facts) => (holds(facts) ? text : undefined) };
}

/** A host that did not answer: where it stopped is the finding. `words` = what a log server still has of it. */
export function judgeReach(reach: Reach, detail: string | undefined, words: readonly string[] = []): Finding[] {
  if (reach === 'ok') return [];
  const text = `${MEANS[reach]}${detail ? ` (${detail})` : ''}`;
  const findings: Finding[] = [{ hazard: reach, severity: 'critical', text }];
  const last = words.at(-1);
  return last === undefined ? findings : [...findings, { hazard: 'last-words', severity: 'critical', text: words.join(' · ') }];
}

/** What only shows beside the check before: another machine under the same name. */
export function judgeChange(before: Facts | undefined, now: Facts): Finding[] {
  const [was, is] = [before?.machine_id, now.machine_id];
  if (typeof was !== 'string' || typeof is !== 'string' || was === is) return [];
  return [
    {
      hazard: 'machine-changed',
      severity: 'warning',
      text: `another machine answers under this name: machine-id ${is.slice(0, 8)}…, before ${was.slice(0, 8)}…`,
    },
  ];
}

/** Facts that want root and did not get it. */
export function judgeUnseen(unseen: Record<string, string>): Finding[] {
  const rooted = Object.keys(unseen).filter((name) => unseen[name] === 'root');
  const failed = Object.entries(unseen).filter(([, why]) => why !== 'root');
  return [
    ...(rooted.length > 0
      ? [
          {
            hazard: 'needs-root',
            severity: 'info' as const,
            text: `${rooted.length} ${rooted.length === 1 ? 'fact needs' : 'facts need'} root; here is the sudoers line: npx holdfast sudoers`,
          },
        ]
      : []),
    ...(failed.length > 0
      ? [{ hazard: 'not-obtained', severity: 'info' as const, text: `not obtained: ${failed.map(([name, why]) => `${name} (${why})`).join(', ')}` }]
      : []),
  ];
}

export function gravestFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

const MEANS: Record<Exclude<Reach, 'ok'>, string> = {
  unroutable: 'cannot be reached at all',
  refused: 'connection refused',
  'half-dead': 'TCP opens and SSH says nothing: half dead',
  'key-mismatch': 'shows another host key than the one we know',
  auth: 'lets us not in',
  'exec-timeout': 'logged in, and the check did not come to its end',
};
