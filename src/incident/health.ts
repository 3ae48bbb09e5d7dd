import type { Health, Severity } from './shapes.ts';

/** How ill the public is told that components are, by the severity of what touches them. */
export const healthFor = (severity: Severity, components: readonly string[]): Record<string, Health> =>
  Object.fromEntries(components.map((name) => [name, HEALTH_OF[severity]]));

const HEALTH_OF: Record<Severity, Health> = { critical: 'major_outage', major: 'partial_outage', minor: 'degraded_performance' };
