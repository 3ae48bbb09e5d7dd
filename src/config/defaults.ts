import { z } from 'zod';
import { parseDuration, sayDuration } from '../lib/duration.ts';
import { duration } from './fields.ts';

/**
 * What happens when people say nothing. One table: name, value, what it means, which part uses it. The logic is
 * elsewhere. Each is overridden in `defaults:` of holdfast.yaml under its name; those of `ssh.` in `ssh:`.
 */
export interface Default<Value> {
  /** Durations are milliseconds, shares percent, times of day `HH:MM` in the person's own zone. */
  value: Value;
  unit: 'ms' | 'percent' | 'count' | 'time of day' | 'list' | 'word' | 'yesno';
  means: string;
  part: Part;
  /** How an override is read. */
  field(): z.ZodType<Value>;
}

export type Part = 'check' | 'ssh' | 'approval' | 'run' | 'reboot' | 'hold' | 'page' | 'alerts' | 'certificates' | 'down' | 'incident' | 'board';

export const DEFAULTS = {
  // ssh and check
  'ssh.concurrency': count(64, 'hosts asked at once, at most', 'ssh'),
  'ssh.open': count(512, 'connections kept open at once, at most; the longest unused is closed first', 'ssh'),
  'ssh.connect': time('5s', 'until the TCP connection stands, else unroutable', 'ssh'),
  'ssh.banner': time('5s', 'until the server says who it is, else half-dead', 'ssh'),
  'ssh.auth': time('8s', 'until login is done', 'ssh'),
  'ssh.probe': time('5s', 'for each thing a check asks on a host', 'ssh'),
  'ssh.idle': time('5m', 'an unused connection is closed after this', 'ssh'),
  'check.first_words': time('1.5s', 'until a check says something', 'check'),
  'check.verdict': time('15s', 'until a check gives its verdict, with "3 not yet"', 'check'),
  'check.every': time('6h', 'between two full checks of every host, spread', 'check'),
  'rings.order': words(['lab', 'nonprod', 'prod'], 'rings, the least precious first', 'run'),
  'rings.production': words(['prod'], 'rings where a disruptive step needs a second person', 'approval'),

  // a second person
  'approval.hosts': count(5, 'a change of more hosts needs a second person; the larger of this and approval.share counts', 'approval'),
  'approval.share': share(10, 'a change of a larger part of a group needs a second person', 'approval'),
  'approval.expires': time('60m', 'until an unanswered request ends', 'approval'),
  'approval.break_glass_after': time('5m', 'unanswered, until an operator may go alone', 'approval'),
  'approval.break_glass_batch': count(1, 'hosts at once in a run that broke the glass', 'approval'),
  'approval.alone_wait': time('60s', 'to wait where only one person could approve, after typing the name of the target', 'approval'),

  // how many at once
  'batch.first': counts([1, 2], 'hosts in the first waves', 'run'),
  'batch.hosts': count(5, 'hosts in a later wave; the smaller of this and batch.share counts', 'run'),
  'batch.share': share(5, 'of the target in a later wave', 'run'),
  'batch.site': count(2, 'hosts of one site at once', 'run'),
  'batch.parent': count(1, 'guests of one parent at once', 'run'),
  'batch.redundancy': count(1, 'members of one redundancy group at once', 'run'),
  'batch.cluster': count(1, 'members of one database cluster at once', 'run'),
  'batch.hypervisors_per_site': count(1, 'hypervisors of one site at once', 'run'),
  'batch.keep_quorum': yesno(true, 'a cluster keeps its quorum', 'run'),
  'halt.lost': count(1, 'lost hosts that halt a run', 'run'),
  'halt.failed': count(2, 'failed hosts that halt a run', 'run'),
  'halt.unverified': count(3, 'unverified hosts that halt a run', 'run'),
  'soak.canary': time('10m', 'watched after the first host', 'run'),
  'soak.canary_parent': time('30m', 'watched after the first host when it carries guests', 'run'),
  'soak.wave': time('2m', 'watched between waves', 'run'),
  'soak.wave_parent': time('5m', 'watched between waves of hosts that carry guests', 'run'),
  'soak.lab': time('24h', 'from lab to nonprod', 'run'),
  'soak.nonprod': time('72h', 'from nonprod to prod', 'run'),
  'soak.working_morning': yesno(true, 'one working morning lies between nonprod and prod', 'run'),
  'unload.canary': time('3m', 'watched after the first host a live patch was taken from', 'run'),
  'unload.site': count(2, 'hosts of one site at once while a live patch is taken off', 'run'),
  'resume.share': share(10, 'of the hosts get their updates back at once', 'run'),
  'resume.every': time('30m', 'between two shares that get their updates back', 'run'),

  // reboot
  'reboot.down': time('120s', 'until a host told to reboot is down', 'reboot'),
  'reboot.back_vm': time('5m', 'until a virtual machine is back, without history', 'reboot'),
  'reboot.back_metal': time('20m', 'until a machine of metal is back, without history', 'reboot'),
  'reboot.back_cap': time('45m', 'until any host is back, whatever its history', 'reboot'),
  'reboot.predicted_least': time('15m', 'the shortest duration a run predicts', 'reboot'),

  // holds on updates
  'hold.length': time('72h', 'of a hold when nothing is said', 'hold'),
  'hold.ask_before': time('2h', 'before its end the owner is asked', 'hold'),
  'hold.ask_again': time('1d', 'between two questions after that', 'hold'),
  'hold.drift': time('15m', 'between two looks for what came back by itself', 'hold'),

  // pages
  'page.known_per_hour': count(3, 'pages a person without a role may send in an hour', 'page'),
  'page.unknown_per_hour': count(1, 'pages somebody unknown may send in an hour', 'page'),
  'page.high_sms': time('2m', 'from message and push to SMS', 'page'),
  'page.high_voice': time('5m', 'from message and push to a call', 'page'),
  'page.high_next': time('10m', 'from message and push to the next person', 'page'),
  'page.high_again': time('15m', 'between two rounds through everybody', 'page'),
  'page.widen_round': count(3, 'the round that adds the channel and everyone with the role', 'page'),
  'page.critical_next': time('5m', 'from everything at once to the next person', 'page'),
  'page.low_digest': clock('09:00', 'when low pages come as one message', 'page'),
  'page.ack_lasts': time('60m', 'an acknowledgement, while it burns', 'page'),
  'page.presumed_away': count(3, 'different pages in a row without an answer, then the next person is asked at once', 'page'),
  'page.typed': word('high', ['critical', 'high', 'low'], 'a page somebody types', 'page'),
  'page.quiet_from': clock('22:00', 'from here low pages wait', 'page'),
  'page.quiet_until': clock('07:00', 'until here low pages wait', 'page'),

  // alerts
  'alerts.together': time('10m', 'from a page to another one about the same service, while nobody has it', 'alerts'),
  'alerts.pause': time('2h', 'of a pause of alerts when nothing is said', 'alerts'),
  'alerts.notices': time('5m', 'a host found well after a disruptive step may still be called down by others', 'alerts'),

  // certificates
  'certificates.low_days': counts([30, 14], 'days left when the owner is told', 'certificates'),
  'certificates.daily_days': count(7, 'days left from which the owner is told daily', 'certificates'),
  'certificates.high_days': count(3, 'days left when it becomes a high page', 'certificates'),
  'certificates.critical_days': count(1, 'days left when it becomes a critical page', 'certificates'),

  // is a host down
  'down.every': time('30s', 'between two looks at the banner of a host', 'down'),
  'down.misses': count(2, 'misses in a row that make it down', 'down'),
  'down.places': count(2, 'places that must have missed it, where there are as many', 'down'),
  'down.uplink_share': share(30, 'of the hosts at once are our own uplink: one page', 'down'),

  // incidents
  'incident.page_critical': word('critical', ['critical', 'high', 'low'], 'the page of a critical incident', 'incident'),
  'incident.page_major': word('high', ['critical', 'high', 'low'], 'the page of a major incident', 'incident'),
  'incident.page_minor': word('low', ['critical', 'high', 'low'], 'the page of a minor incident', 'incident'),
  'incident.halted_run': word('major', ['critical', 'major', 'minor'], 'the incident a halted run opens', 'incident'),
  'incident.update_critical': time('15m', 'until the next update of a critical incident', 'incident'),
  'incident.update_major': time('30m', 'until the next update of a major incident', 'incident'),
  'incident.update_minor': time('2h', 'until the next update of a minor incident', 'incident'),
  'incident.remind_before': time('5m', 'before a promised update its writer is reminded', 'incident'),
  'incident.second_writer': time('5m', 'after a missed update, until a second writer is asked', 'incident'),
  'incident.ask_resolve': time('60m', 'without a loss, until "resolve?" is asked', 'incident'),
  'incident.postmortem_days': count(3, 'working days until the postmortem is due', 'incident'),

  // the board
  'board.link': time('10m', 'a link to the board can be used, once', 'board'),
  'board.session': time('12h', 'until a browser that opened the board needs another link', 'board'),
} satisfies Record<string, Default<unknown>>;

export type DefaultName = keyof typeof DEFAULTS;
export type Defaults = { [Name in DefaultName]: (typeof DEFAULTS)[Name]['value'] };
/** What `defaults:` of a configuration holds. */
export type Overrides = Partial<Omit<Defaults, `ssh.${string}`>>;

/** What stands under `defaults:` before it is read: durations are still texts. */
export type WrittenOverrides = { [Name in keyof Overrides]?: Overrides[Name] | string };

/** What the sandbox's configuration says: everything soaks 2 minutes, each step tries a person's every channel at once. */
export const SANDBOX_OVERRIDES: WrittenOverrides = {
  'soak.canary': '2m',
  'soak.canary_parent': '2m',
  'soak.wave': '2m',
  'soak.wave_parent': '2m',
  'unload.canary': '2m',
  'resume.every': '2m',
  'page.high_sms': '0s',
  'page.high_voice': '0s',
  'page.high_next': '5m',
  'page.high_again': '5m',
};

interface Overriding {
  defaults: Overrides;
  ssh: Record<string, unknown>;
}

/** Every default with what the configuration says instead. */
export function defaultsOf(config: Overriding): Defaults {
  return Object.fromEntries(listDefaults(config).map(({ name, value }) => [name, value])) as unknown as Defaults;
}

export interface ListedDefault {
  name: DefaultName;
  value: unknown;
  /** As a person says it: `10 min`, `5 %`, `lab, nonprod, prod`. */
  says: string;
  means: string;
  part: Part;
  /** The built-in value as said, when the configuration says another. */
  insteadOf?: string;
}

/** For `show defaults`. */
export function listDefaults(config: Overriding): ListedDefault[] {
  return (Object.entries(DEFAULTS) as [DefaultName, Default<unknown>][]).map(([name, { value: builtIn, unit, means, part }]) => {
    const value = overrideOf(config, name) ?? builtIn;
    const says = say(value, unit);
    const listed: ListedDefault = { name, value, says, means, part };
    if (says !== say(builtIn, unit)) listed.insteadOf = say(builtIn, unit);
    return listed;
  });
}

function overrideOf({ defaults, ssh }: Overriding, name: DefaultName): unknown {
  return name.startsWith('ssh.') ? ssh[name.slice('ssh.'.length)] : (defaults as Record<string, unknown>)[name];
}

function say(value: unknown, unit: Default<unknown>['unit']): string {
  if (unit === 'ms') return (value as number) % 1000 ? `${(value as number) / 1000} s` : sayDuration(value as number);
  if (unit === 'percent') return `${value} %`;
  if (unit === 'yesno') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function time(text: string, means: string, part: Part): Default<number> {
  return { value: parseDuration(text) as number, unit: 'ms', means, part, field: duration };
}

function count(value: number, means: string, part: Part): Default<number> {
  return { value, unit: 'count', means, part, field: wholeNumber };
}

function counts(value: number[], means: string, part: Part): Default<number[]> {
  return { value, unit: 'list', means, part, field: () => z.array(wholeNumber()).min(1, 'is empty: give at least one number') };
}

function share(value: number, means: string, part: Part): Default<number> {
  const says = 'must be a number of percent, above 0 and up to 100, without the sign';
  return { value, unit: 'percent', means, part, field: () => z.number({ error: says }).gt(0, says).max(100, says) };
}

function clock(value: string, means: string, part: Part): Default<string> {
  return { value, unit: 'time of day', means, part, field: () => z.string({ error: CLOCK }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, CLOCK) };
}

function words(value: string[], means: string, part: Part): Default<string[]> {
  return { value, unit: 'list', means, part, field: () => z.array(z.string().min(1)).min(1, 'is empty: give at least one word') };
}

function word(value: string, of: string[], means: string, part: Part): Default<string> {
  return { value, unit: 'word', means, part, field: () => z.enum(of, { error: `must be ${of.map((one) => `\`${one}\``).join(', ')}` }) };
}

function yesno(value: boolean, means: string, part: Part): Default<boolean> {
  return { value, unit: 'yesno', means, part, field: () => z.boolean({ error: 'must be `true` or `false`' }) };
}

function wholeNumber() {
  const says = 'must be a whole number from 1';
  return z.int({ error: says }).min(1, says);
}

const CLOCK = 'must be a time of day in quotes: `"22:00"`';
