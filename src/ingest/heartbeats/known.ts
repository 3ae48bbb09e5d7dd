import type { HeartbeatSaid } from '../../config/heartbeats.ts';
import type { Config } from '../../config/schema.ts';
import { nextByCron } from '../../cron.ts';
import { sayDuration } from '../../lib/duration.ts';
import type { Schedule } from './decide.ts';

/** A heartbeat that is waited for: one of the configuration, or one a ping made. */
export interface Known {
  name: string;
  schedule: Schedule;
  /** `every 1 d`, `30 3 * * * Europe/Berlin`. */
  words: string;
  grace: number;
  urgency: HeartbeatSaid['urgency'];
  service?: string;
  hosts: readonly string[];
}

const DAY = 86_400_000;
/** What one that a ping made is held to, as at healthchecks: daily, an hour late at most. */
const MADE = { every: DAY, grace: DAY / 24 };

/** `undefined` for what is no longer in the configuration. `integration`: by whose ping key it was made. */
export function knownHeartbeat(config: Config, name: string, integration?: string | null): Known | undefined {
  if (typeof integration === 'string') return madeByPing(config, name, integration);
  const said = Object.hasOwn(config.heartbeats, name) ? config.heartbeats[name] : undefined;
  if (!said) return undefined;
  const { every, cron, grace, paused, urgency, service, hosts } = said;
  const zone = said.zone ?? config.timezone;
  const next = cron === undefined ? (last: number) => last + (every ?? DAY) : (last: number) => nextByCron(cron, zone, last);
  return {
    ...{ name, grace, urgency, hosts, schedule: { next, grace, paused } },
    words: cron === undefined ? `every ${sayDuration(every ?? DAY)}` : `${cron} ${zone}`,
    ...(service !== undefined && { service }),
  };
}

function madeByPing(config: Config, name: string, integration: string): Known | undefined {
  const said = Object.hasOwn(config.integrations, integration) ? config.integrations[integration] : undefined;
  if (said?.kind !== 'healthchecks') return undefined;
  const { every, grace } = MADE;
  return {
    ...{ name, grace, urgency: said.urgency, hosts: [], schedule: { next: (last: number) => last + every, grace, paused: false } },
    words: `every ${sayDuration(every)}`,
    ...(said.service !== undefined && { service: said.service }),
  };
}
