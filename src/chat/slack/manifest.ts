import type { Command } from '../command.ts';
import { TIMELINE_SHORTCUT } from './read-delivery.ts';

/** What the bot may, each with what breaks without it. Nothing else is asked for. */
const SCOPES = [
  { scope: 'commands', why: '/ops, /incident, /oncall, and the shortcut on messages' },
  { scope: 'chat:write', why: 'answers, cards and news, in channels it was invited to' },
  { scope: 'app_mentions:read', why: 'mentions in threads, where slash commands cannot go' },
  { scope: 'im:write', why: 'opens the direct message in which a person is told or paged' },
  { scope: 'im:history', why: 'lines typed to it alone; and whether a message arrived, before it is sent again' },
  { scope: 'channels:history', why: 'whether a message arrived in a channel, before it is posted again; the message that was marked for the timeline' },
  { scope: 'groups:history', why: 'the same in private channels' },
  { scope: 'channels:read', why: 'whether it is in a channel, said before anything begins there' },
  { scope: 'groups:read', why: 'the same for private channels' },
  { scope: 'files:write', why: 'long output as a file' },
  { scope: 'pins:write', why: 'pins the card of an incident while it is open' },
  { scope: 'reactions:read', why: 'messages marked for the timeline' },
  { scope: 'users:read', why: 'the names and time zones of people; users:read.email needs it' },
  { scope: 'users:read.email', why: 'finds the accounts of people who have an e-mail address in holdfast.yaml' },
  { scope: 'usergroups:read', why: 'roles by user group (slack.groups)' },
] as const;

/** Besides, where incidents get channels of their own (channels.<name>.incident_channels). */
const CHANNELS = { scope: 'channels:manage', why: 'makes a channel for an incident, and asks people in' } as const;

/** What it may, as it is configured. */
export const scopesFor = (channels: boolean): readonly { scope: string; why: string }[] => (channels ? [...SCOPES, CHANNELS] : SCOPES);

/** What Slack tells it unasked, each with what for. */
const EVENTS = [
  { event: 'app_mention', why: 'a line in a thread' },
  { event: 'message.im', why: 'a line to it alone' },
  { event: 'reaction_added', why: 'marks a message for the timeline' },
  { event: 'subteam_members_changed', why: 'roles by user group change at once' },
  { event: 'subteam_updated', why: 'the same' },
] as const;

/** The first words of `/ops`, as Slack shows them while somebody types; the schema takes 1,000 characters. */
const HINT = 1000;

export interface SlackManifest {
  /** What to paste: api.slack.com/apps → Create New App → From a manifest. */
  manifest: Record<string, unknown>;
  /** Why each thing is asked for. */
  reasons: { what: string; why: string }[];
}

/** The app as Slack registers it. `url`: where signed HTTP is heard, instead of Socket Mode. `channels`: it makes some for incidents. */
export function slackManifest(
  commands: readonly Command[],
  { name, url, channels = false }: { name: string; url?: string; channels?: boolean },
): SlackManifest {
  const scopes = scopesFor(channels);
  const at = url === undefined ? {} : { url };
  const requests = url === undefined ? {} : { request_url: url };
  const slash = (command: string, description: string, usage_hint: string) => ({ command, description, usage_hint, should_escape: true, ...at });
  const manifest = {
    _metadata: { major_version: 1, minor_version: 1 },
    display_information: { name: name.slice(0, 35), description: 'Safe changes to a fleet of hosts, incidents, and pages that are answered' },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Holdfast', always_online: true },
      shortcuts: [
        { name: 'Add to timeline', type: 'message', callback_id: TIMELINE_SHORTCUT, description: 'Puts this message into the timeline of the incident' },
      ],
      slash_commands: [
        slash(
          '/ops',
          'Everything Holdfast does; /ops help',
          hint(commands.filter(({ root, name: verb }) => root === undefined && !verb.startsWith('incident'))),
        ),
        slash(
          '/incident',
          'Incidents: open, update, note, resolve',
          hint(
            commands.filter(({ name: verb }) => verb.startsWith('incident ')),
            'incident ',
          ),
        ),
        slash('/oncall', 'Who is on call; page, ack, pass, hello', hint(commands.filter(({ root }) => root === 'oncall'))),
      ],
    },
    oauth_config: { scopes: { bot: scopes.map(({ scope }) => scope) } },
    settings: {
      event_subscriptions: { ...requests, bot_events: EVENTS.map(({ event }) => event) },
      interactivity: { is_enabled: true, ...requests },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
  return { manifest, reasons: [...scopes.map(({ scope, why }) => ({ what: scope, why })), ...EVENTS.map(({ event, why }) => ({ what: event, why }))] };
}

function hint(commands: readonly Command[], prefix = ''): string {
  const names = [...new Set(commands.map(({ name }) => name.slice(prefix.length).split(' ')[0] as string))].sort();
  return `[${names.join(' | ')}]`.slice(0, HINT);
}

/** As YAML with each reason beside what it is for. Strings are JSON's, which YAML reads as the same. */
export function manifestYaml({ manifest, reasons }: SlackManifest): string {
  const why = new Map(reasons.map(({ what, why: because }) => [what, because]));
  const lines: string[] = [];
  const write = (value: unknown, indent: string): void => {
    if (Array.isArray(value)) {
      for (const item of value) {
        if (typeof item !== 'object') lines.push(`${indent}- ${JSON.stringify(item)}${why.has(String(item)) ? ` # ${why.get(String(item))}` : ''}`);
        else {
          const before = lines.length;
          write(item, `${indent}  `);
          lines[before] = `${indent}- ${(lines[before] as string).trimStart()}`;
        }
      }
      return;
    }
    for (const [key, inner] of Object.entries(value as Record<string, unknown>)) {
      if (typeof inner !== 'object' || inner === null) lines.push(`${indent}${key}: ${JSON.stringify(inner)}`);
      else {
        lines.push(`${indent}${key}:`);
        write(inner, `${indent}  `);
      }
    }
  };
  write(manifest, '');
  return `${lines.join('\n')}\n`;
}
