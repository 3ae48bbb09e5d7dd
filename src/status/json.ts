import { codeOf } from './code.ts';
import { storyAddress } from './links.ts';
import { isOver, type Outage, type Story, type StoryUpdate } from './story.ts';
import type { ShownComponent, View } from './view.ts';
import { type ComponentStatus, type Impact, worseOf } from './words.ts';

/** Statuspage's API v2, to read: the shapes its clients take apart. What is ours alone begins with `x_`. */
export const JSON_FILES: Record<string, (view: View) => unknown> = {
  'summary.json': (view) => ({
    page: page(view),
    components: components(view),
    incidents: view.open.map((story) => incident(view, story)),
    scheduled_maintenances: [...view.active, ...view.upcoming].map((story) => maintenance(view, story)),
    status: status(view),
  }),
  'status.json': (view) => ({ page: page(view), status: status(view) }),
  'components.json': (view) => ({ page: page(view), components: components(view) }),
  'incidents.json': (view) => ({ page: page(view), incidents: view.incidents.slice(0, MOST).map((story) => incident(view, story)) }),
  'incidents/unresolved.json': (view) => ({ page: page(view), incidents: view.open.map((story) => incident(view, story)) }),
  'scheduled-maintenances.json': (view) => ({
    page: page(view),
    scheduled_maintenances: view.maintenances.slice(0, MOST).map((one) => maintenance(view, one)),
  }),
  'scheduled-maintenances/active.json': (view) => ({ page: page(view), scheduled_maintenances: view.active.map((story) => maintenance(view, story)) }),
  'scheduled-maintenances/upcoming.json': (view) => ({ page: page(view), scheduled_maintenances: view.upcoming.map((story) => maintenance(view, story)) }),
};

const MOST = 50;

const page = ({ page: { code, name, url, zone }, updated, stale }: View) => ({
  id: code,
  name,
  url,
  time_zone: zone,
  updated_at: iso(updated),
  ...(stale !== undefined && { x_not_read_since: iso(stale) }),
});

const status = ({ indicator }: View) => ({ indicator, description: sayIndicator(indicator) });

export const sayIndicator = (indicator: Impact): string => INDICATORS[indicator];

const INDICATORS: Record<Impact, string> = {
  none: 'All Systems Operational',
  maintenance: 'Service Under Maintenance',
  minor: 'Partially Degraded Service',
  major: 'Partial System Outage',
  critical: 'Major System Outage',
};

/** Groups stand before their members, as one more component. */
function components(view: View): unknown[] {
  const seen = new Set<string>();
  return view.components.flatMap((one) => {
    const { group } = one;
    if (!group || seen.has(group.code)) return [component(view, one)];
    seen.add(group.code);
    const members = view.components.filter((other) => other.group?.code === group.code);
    return [
      {
        ...component(view, { ...one, ...group, showcase: false, status: members.map((member) => member.status).reduce(worseOf) }),
        description: null,
        group_id: null,
        group: true,
        components: members.map(({ code }) => code),
      },
      component(view, one),
    ];
  });
}

function component(view: View, { code, name, description, group, showcase, status: said, updated }: ShownComponent) {
  return {
    id: code,
    name,
    status: said,
    created_at: iso(view.since),
    updated_at: iso(updated || view.since),
    position: view.components.findIndex((one) => one.code === code || one.group?.code === code) + 1,
    description: description ?? null,
    showcase,
    start_date: null,
    group_id: group?.code === code ? null : (group?.code ?? null),
    page_id: view.page.code,
    group: false,
    only_show_if_degraded: !showcase,
  };
}

function incident(view: View, story: Story) {
  return {
    id: story.code,
    name: story.title,
    status: story.status,
    created_at: iso(story.created),
    updated_at: iso(story.updated),
    monitoring_at: story.monitored === undefined ? null : iso(story.monitored),
    resolved_at: story.resolved === undefined ? null : iso(story.resolved),
    impact: story.impact,
    shortlink: storyAddress(view, story.code),
    started_at: iso(story.started),
    page_id: view.page.code,
    incident_updates: story.updates.map((update) => incidentUpdate(story, update)),
    components: story.components.map(({ name, status: said }) => affected(view, name, said)),
    x_hosts: story.hosts.map(host),
    ...(story.promised !== undefined && !isOver(story) && { x_next_update_at: iso(story.promised) }),
  };
}

function maintenance(view: View, story: Story) {
  const { from, until } = story.window ?? { from: story.started, until: story.started };
  return { ...incident(view, story), scheduled_for: iso(from), scheduled_until: iso(until) };
}

/** One that is no longer configured keeps its name. */
function affected(view: View, name: string, said: ComponentStatus) {
  const known = view.components.find((one) => one.name === name);
  return component(view, known ?? { code: codeOf('component', name), name, showcase: false, status: said, updated: 0, bars: { days: [], uptime: 100 } });
}

const incidentUpdate = ({ code: incidentId }: Story, { code, status: said, body, at, components: changed }: StoryUpdate) => ({
  id: code,
  status: said,
  body,
  incident_id: incidentId,
  created_at: iso(at),
  updated_at: iso(at),
  display_at: iso(at),
  affected_components:
    changed.length === 0 ? null : changed.map(({ name, from, to }) => ({ code: codeOf('component', name), name, old_status: from, new_status: to })),
  deliver_notifications: true,
  custom_tweet: null,
  tweet_id: null,
});

const host = ({ host: name, down, up, cause }: Outage) => ({
  host: name,
  down_at: iso(down),
  up_at: up === undefined ? null : iso(up),
  seconds: up === undefined ? null : Math.round((up - down) / 1000),
  cause: cause ?? null,
});

const iso = (at: number): string => new Date(at).toISOString();
