import type { Config } from '../config/schema.ts';
import type { Beside } from '../deliver/messenger.ts';
import { OPENING_TRIES } from '../deliver/open-beside.ts';
import { type Incident, isOpen, SEVERITIES } from '../incident/shapes.ts';
import type { Tx } from '../store/db.ts';
import { toJsonb } from '../store/json.ts';
import type { IncidentsWorld } from './world.ts';

/** Slack: characters of a channel's name. */
const NAME = 80;
/** Slack: characters of its topic. */
const TOPIC = 250;

/**
 * Asks for a channel of its own, once, where the configuration gives one to incidents as bad as this; whoever opened and leads it is asked in.
 * One that is over before it had its channel gets none.
 */
export async function askForChannel(tx: Tx, { config, people }: IncidentsWorld, incident: Incident, code: string): Promise<void> {
  const { id, kind, title, severity, by, lead } = incident;
  if (kind !== 'incident') return;
  if (!isOpen(incident)) {
    await tx.query(
      `update cards set open_tries = ${OPENING_TRIES} where thing_kind = 'incident' and thing_id = $1 and opens is not null and opened is null and open_tries < ${OPENING_TRIES}`,
      [id],
    );
    return;
  }
  for (const { platform, channel } of besides(config(), severity)) {
    const invite = people().flatMap((person) => ((person.name === by || person.name === lead) && person[platform] ? [person[platform]] : []));
    const opens: Beside = { name: channelName(id, title), topic: `${id}: ${title}`.slice(0, TOPIC), mark: code, invite };
    await tx.query(`update cards set opens = $4 where thing_kind = 'incident' and thing_id = $1 and platform = $2 and channel = $3 and opens is null`, [
      ...[id, platform, channel],
      toJsonb(opens),
    ]);
  }
}

/** The channels beside which incidents of this severity have one of their own. */
const besides = ({ channels }: Config, severity: Incident['severity']): { platform: 'slack' | 'discord'; channel: string }[] =>
  Object.values(channels)
    .filter(({ incident_channels: from }) => from !== undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(from))
    .flatMap((entry) => (['slack', 'discord'] as const).flatMap((platform) => (entry[platform] ? [{ platform, channel: entry[platform] }] : [])));

/** `inc-7-the-shop-is-slow`: small letters, digits and dashes are what both platforms take. */
export const channelName = (id: string, title: string): string =>
  `${id} ${title}`
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME)
    .replace(/-+$/, '');
