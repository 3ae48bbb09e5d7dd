import { type Bars, barsOf, daysUntil } from './bars.ts';
import { codeOf } from './code.ts';
import type { Component } from './components.ts';
import { oneLine, someLines } from './plain.ts';
import { isOver, type Spell, type Story } from './story.ts';
import { COMPONENT_STATUSES, type ComponentStatus, type Impact, worseOf } from './words.ts';

/** Everything the page shows at a moment, whatever the surface: made anew when something changes, and when a moment comes at which time alone changes it. */
export interface View {
  page: {
    code: string;
    name: string;
    url: string;
    zone: string;
    about?: string;
    support?: string;
    /** Pages are files, whose addresses have an ending. */
    ending?: '.html';
  };
  /** Domain ms: when anything of it changed last. */
  updated: number;
  /** Domain ms: as long as this Holdfast has been keeping books. */
  since: number;
  /** Domain ms at which it was made. */
  at: number;
  /** Domain ms until which it stays true if nothing happens. */
  holds: number;
  indicator: Impact;
  components: ShownComponent[];
  /** Not over; incidents first. */
  open: Story[];
  upcoming: Story[];
  active: Story[];
  /** The newest of each, open ones among them. */
  incidents: Story[];
  maintenances: Story[];
  /** Codes and months of everything there is, the newest first. */
  index: readonly Indexed[];
  /** It could not be made anew since; domain ms. */
  stale?: number;
}

export interface ShownComponent {
  code: string;
  name: string;
  description?: string;
  group?: { code: string; name: string };
  showcase: boolean;
  status: ComponentStatus;
  bars: Bars;
  /** Domain ms: when an incident changed it last. */
  updated: number;
}

export interface Indexed {
  code: string;
  /** `2026-11`, in the zone of the page. */
  month: string;
  /** It was merged, and is told under this code. */
  into?: string;
}

export interface PageSettings {
  name: string;
  url: string;
  zone: string;
  about?: string;
  support?: string;
}

/** What was read. */
export interface PageRows {
  components: readonly Component[];
  stories: readonly Story[];
  spells: readonly Spell[];
  index: readonly Indexed[];
  since: number;
}

export const BAR_DAYS = 90;

/** The page of these rows at a moment. Pure. */
export function viewOf(rows: PageRows, settings: PageSettings, now: number): View {
  const days = daysUntil(now, BAR_DAYS, settings.zone);
  const stories = [...rows.stories].sort((a, b) => b.created - a.created || (a.code < b.code ? -1 : 1));
  const incidents = stories.filter(({ kind }) => kind === 'incident');
  const maintenances = stories.filter(({ kind }) => kind === 'maintenance');
  const open = incidents.filter((story) => !isOver(story));
  const upcoming = maintenances.filter(({ status }) => status === 'scheduled').sort((a, b) => (a.window?.from ?? a.created) - (b.window?.from ?? b.created));
  const active = maintenances.filter(({ status }) => status === 'in_progress' || status === 'verifying');
  const components = rows.components.map((component) => shown(component, { open, active, stories, spells: rows.spells, days, now }));
  const updated = Math.max(0, ...stories.map((story) => story.updated));
  return {
    page: {
      code: codeOf('page', settings.name),
      name: oneLine(settings.name),
      url: settings.url,
      zone: settings.zone,
      ...(settings.about !== undefined && { about: someLines(settings.about) }),
      ...(settings.support !== undefined && { support: settings.support }),
    },
    updated: updated || rows.since,
    since: rows.since,
    at: now,
    holds: nextMoment(stories, days.at(-1)?.until ?? Infinity, now),
    indicator: indicatorOf(components, open, active),
    components,
    open,
    upcoming,
    active,
    incidents,
    maintenances,
    index: rows.index,
  };
}

type Given = { open: Story[]; active: Story[]; stories: Story[]; spells: readonly Spell[]; days: ReturnType<typeof daysUntil>; now: number };

function shown(component: Component, { open, active, stories, spells, days, now }: Given): ShownComponent {
  const name = oneLine(component.name);
  const touching = (story: Story): ComponentStatus => story.components.find((one) => one.name === name)?.status ?? 'operational';
  const maintained = active.some((story) => story.components.some((one) => one.name === name));
  const status = open.map(touching).reduce(worseOf, maintained ? 'under_maintenance' : 'operational');
  const touched = stories.filter((story) => story.components.some((one) => one.name === name));
  const maintenance = touched.flatMap((story) => maintenanceSpell(story, name));
  return {
    code: codeOf('component', name),
    name,
    ...(component.description !== undefined && { description: oneLine(component.description, 500) }),
    ...(component.group !== undefined && { group: { code: codeOf('group', component.group), name: oneLine(component.group) } }),
    showcase: component.showcase,
    status,
    bars: barsOf([...spells.filter((spell) => spell.component === name), ...maintenance], days, now),
    updated: Math.max(0, ...touched.map((story) => story.updated)),
  };
}

/** A maintenance lasts from when it was said to begin until it was said to be over. */
function maintenanceSpell({ kind, updates, resolved }: Story, component: string): Spell[] {
  const began = kind === 'maintenance' ? updates.findLast(({ status }) => status === 'in_progress') : undefined;
  const ended = updates.find(({ status }) => status === 'completed')?.at ?? resolved;
  return began ? [{ component, status: 'under_maintenance', from: began.at, ...(ended !== undefined && { until: ended }) }] : [];
}

/** The gravest of what is open and of how components are. */
function indicatorOf(components: readonly ShownComponent[], open: readonly Story[], active: readonly Story[]): Impact {
  const worst = components.map(({ status }) => status).reduce(worseOf, 'operational');
  const grave = Math.max(GRAVITY.indexOf(BY_COMPONENT[worst]), ...open.map(({ impact }) => GRAVITY.indexOf(impact)), ...active.map(() => 1));
  return GRAVITY[grave] ?? 'none';
}

const GRAVITY: readonly Impact[] = ['none', 'maintenance', 'minor', 'major', 'critical'];
const BY_COMPONENT = Object.fromEntries(COMPONENT_STATUSES.map((status, n) => [status, GRAVITY[n]])) as Record<ComponentStatus, Impact>;

/** The earliest moment at which time alone changes the page: midnight, the hour of a maintenance or its end, a promise that is not kept. */
function nextMoment(stories: readonly Story[], midnight: number, now: number): number {
  const moments = stories.flatMap((story) => (isOver(story) ? [] : [story.promised, story.window?.from, story.window?.until]));
  return Math.min(midnight, ...moments.filter((at): at is number => at !== undefined && at >= now).map((at) => at + 1));
}
