import type { Urgency } from '../../config/integrations.ts';
import { textIn } from './read.ts';
import type { From } from './told.ts';

/** Words of Prometheus' rules, PagerDuty, Opsgenie, Zabbix and Grafana. A warning waits for the morning unless `severities` says otherwise. */
const KNOWN: Record<Urgency, readonly string[]> = {
  critical: ['critical', 'crit', 'page', 'emergency', 'emerg', 'disaster', 'fatal', 'p1', 'sev1', '5'],
  high: ['high', 'error', 'major', 'alert', 'average', 'p2', 'p3', 'sev2', '4', '3'],
  low: ['warning', 'warn', 'low', 'minor', 'info', 'information', 'informational', 'notice', 'ok', 'none', 'p4', 'p5', 'sev3', 'sev4', 'sev5', '2', '1', '0'],
};

/** How soon somebody has to come, by the sender's own word; what is not known counts as the integration says. */
export function urgencyOf({ said }: From, severity: unknown): Urgency {
  const word = textIn(severity)?.trim().toLowerCase();
  if (word === undefined) return said.urgency;
  if (Object.hasOwn(said.severities, word)) return said.severities[word] as Urgency;
  return (Object.keys(KNOWN) as Urgency[]).find((urgency) => KNOWN[urgency].includes(word)) ?? said.urgency;
}
