import { publicTitle } from '../incident/public-title.ts';
import type { Queries } from '../store/db.ts';
import { oneLine, someLines } from './plain.ts';
import { isOver, type Outage, type Story, type StoryUpdate } from './story.ts';
import { type ComponentStatus, isComponentStatus, isStoryStatus, type StoryStatus } from './words.ts';

/** What nobody outside may read is left out here, and nowhere else: what is not loaded cannot be shown. */
const PUBLIC = `public and state <> 'merged'`;

/** Of one incident; older ones are in its timeline. */
const MOST_UPDATES = 200;
const MOST_HOSTS = 5_000;

/** Every incident the public may read, the newest first: what there is to look up. `into`: where one goes on that was merged; its address is known by now. */
export function loadIndex(db: Queries): Promise<{ code: string; opened: Date; into: string | null }[]> {
  return db.query(
    `select i.code, i.opened, t.code as into from incidents i left join incidents t on t.id = i.merged_into and t.public and t.state <> 'merged'
     where i.public and (i.state <> 'merged' or t.code is not null) order by i.opened desc, i.id`,
  );
}

/** Stories that were read before, by code, each with the version of its row; what is over and whose row is the same is not read again. */
export type Kept = ReadonlyMap<string, { version: string; story: Story }>;

/** What is open, and the newest of each kind. */
export async function loadCurrent(db: Queries, newest: number, kept: Kept = new Map()): Promise<Kept> {
  const read = await loadWhere(
    db,
    `state in ('investigating', 'identified', 'monitoring', 'scheduled', 'in_progress', 'verifying') or id in (select id from (
       select id, row_number() over (partition by kind order by opened desc, id) as nth from incidents where ${PUBLIC}) as newest where nth <= $1)`,
    [newest],
    kept,
  );
  return new Map(read.map((one) => [one.story.code, one]));
}

export async function loadByCode(db: Queries, codes: readonly string[]): Promise<Story[]> {
  return (await loadWhere(db, `code = any ($1)`, [codes], new Map())).map(({ story }) => story);
}

/** The newest first, in four statements however many they are. `condition` is ours, never a person's. */
async function loadWhere(db: Queries, condition: string, params: readonly unknown[], kept: Kept): Promise<{ version: string; story: Story }[]> {
  const rows = await db.query<IncidentRow>(
    `select id, code, state, kind, title, by_itself, severity, began, opened, identified, monitored, resolved, update_due, scheduled_for, scheduled_until,
       postmortem, changed, xmin::text as version
     from incidents where ${PUBLIC} and (${condition}) order by opened desc, id`,
    params,
  );
  // Whoever writes a part of an incident writes its row with it, in one transaction.
  const same = (row: IncidentRow): { version: string; story: Story } | undefined => {
    const before = kept.get(row.code);
    return before && before.version === row.version && isOver(before.story) ? before : undefined;
  };
  const ids = rows.filter((row) => !same(row)).map(({ id }) => id);
  if (ids.length === 0) return rows.flatMap((row) => same(row) ?? []);
  const updates = await db.query<UpdateRow>(
    `select incident, code, status, body, at, components from (
       select *, row_number() over (partition by incident order by n desc) as nth from incident_updates where incident = any ($1)) as newest
     where nth <= ${MOST_UPDATES} order by incident, n`,
    [ids],
  );
  const components = await db.query<{ incident: string; component: string; status: string }>(
    `select incident, component, status from incident_components where incident = any ($1) order by component`,
    [ids],
  );
  // A host that was only named was in no outage.
  const hosts = await db.query<HostRow>(
    `select incident, host, down, up, cause from (
       select *, row_number() over (partition by incident order by down, host, nth) as place from incident_hosts
       where incident = any ($1) and down is not null) as first
     where place <= ${MOST_HOSTS} order by incident, place`,
    [ids],
  );
  const [updatesOf, componentsOf, hostsOf] = [byIncident(updates), byIncident(components), byIncident(hosts)];
  return rows.map(
    (row) =>
      same(row) ?? { version: row.version, story: storyOf(row, { updates: updatesOf(row.id), components: componentsOf(row.id), hosts: hostsOf(row.id) }) },
  );
}

interface IncidentRow {
  id: string;
  code: string;
  state: StoryStatus;
  kind: Story['kind'];
  title: string;
  by_itself: boolean;
  severity: 'critical' | 'major' | 'minor';
  began: Date;
  opened: Date;
  monitored: Date | null;
  resolved: Date | null;
  update_due: Date | null;
  scheduled_for: Date | null;
  scheduled_until: Date | null;
  postmortem: string | null;
  changed: Date;
  version: string;
}

interface UpdateRow {
  incident: string;
  code: string;
  status: string;
  body: string;
  at: Date;
  components: { component?: unknown; from?: unknown; to?: unknown }[];
}

interface HostRow {
  incident: string;
  host: string;
  down: Date;
  up: Date | null;
  cause: string | null;
}

function storyOf(row: IncidentRow, with_: { updates: UpdateRow[]; components: { component: string; status: string }[]; hosts: HostRow[] }): Story {
  const updates = updatesOf(with_.updates, row.kind);
  const last = updates.at(-1);
  const status = row.state;
  return {
    code: row.code,
    title: oneLine(publicTitle({ title: row.title, byItself: row.by_itself, components: with_.components.map(({ component }) => component) })),
    kind: row.kind,
    status,
    impact: row.kind === 'maintenance' ? 'maintenance' : row.severity,
    created: row.opened.getTime(),
    started: row.began.getTime(),
    updated: Math.max(row.changed.getTime(), last?.at ?? 0),
    ...(row.monitored && { monitored: row.monitored.getTime() }),
    ...(row.resolved && { resolved: row.resolved.getTime() }),
    ...(row.update_due && !isOver({ status }) && { promised: row.update_due.getTime() }),
    ...(row.scheduled_for && { window: { from: row.scheduled_for.getTime(), until: (row.scheduled_until ?? row.scheduled_for).getTime() } }),
    updates: updates.reverse(),
    components: with_.components.map(({ component, status: said }) => ({ name: oneLine(component), status: statusIn(said) })),
    hosts: with_.hosts.map(outageOf),
    // A draft is the team's own until it is published, which is what makes the state.
    ...(row.state === 'postmortem' && row.postmortem !== null && { postmortem: row.postmortem }),
  };
}

/** In their order. "Update" is no status: it is a further one of the status before. */
function updatesOf(rows: readonly UpdateRow[], kind: Story['kind']): StoryUpdate[] {
  const found: StoryUpdate[] = [];
  for (const { code, status: said, body, at, components } of rows) {
    const before = found.at(-1)?.status;
    // A word of a later version is read as a further update.
    const status = isStoryStatus(said) ? said : (before ?? (kind === 'maintenance' ? 'scheduled' : 'investigating'));
    const changes = components.flatMap(({ component, from, to }) =>
      typeof component === 'string' ? [{ name: oneLine(component), from: statusIn(from), to: statusIn(to) }] : [],
    );
    found.push({ code, status, again: status === before, body: someLines(body), at: at.getTime(), components: changes });
  }
  return found;
}

function outageOf({ host, down, up, cause }: HostRow): Outage {
  return { host: oneLine(host), down: down.getTime(), ...(up && { up: up.getTime() }), ...(cause !== null && { cause: oneLine(cause) }) };
}

const statusIn = (word: unknown): ComponentStatus => (typeof word === 'string' && isComponentStatus(word) ? word : 'operational');

function byIncident<Row extends { incident: string }>(rows: readonly Row[]): (id: string) => Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.incident);
    if (group) group.push(row);
    else groups.set(row.incident, [row]);
  }
  return (id) => groups.get(id) ?? [];
}
