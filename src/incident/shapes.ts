/** How far an incident is, in the words the public reads. `merged` = it goes on under another id. */
export type IncidentState = 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem' | 'merged' | MaintenanceState;
export type MaintenanceState = 'scheduled' | 'in_progress' | 'verifying' | 'completed';
export type Severity = 'critical' | 'major' | 'minor';
export const SEVERITIES = ['critical', 'major', 'minor'] as const satisfies readonly Severity[];
/** Statuspage's words, the worst last. */
export const HEALTH = ['operational', 'under_maintenance', 'degraded_performance', 'partial_outage', 'major_outage'] as const;
export type Health = (typeof HEALTH)[number];

/** An incident as its events made it. Times are domain ms. */
export interface Incident {
  id: string;
  kind: 'incident' | 'maintenance';
  state: IncidentState;
  title: string;
  severity: Severity;
  /** Whether the public reads it. */
  public: boolean;
  /** No person opened it: its title is a machine's, and not for the public. */
  byItself: boolean;
  lead?: string;
  /** Who opened it; `holdfast`, or whoever sent the alert, where it opened by itself. */
  by: string;
  /** The zone its times are told in besides the reader's. */
  zone: string;
  /** When it began to hurt, as far as anybody knows. */
  began: number;
  opened: number;
  identified?: number;
  monitored?: number;
  resolved?: number;
  /** The next update is promised for then. */
  updateDue?: number;
  /** A second writer was asked for this promise. */
  secondAsked?: number;
  mergedInto?: string;
  /** Of a maintenance: its window. */
  window?: { from: number; until: number };
  updates: Update[];
  components: Readonly<Record<string, { health: Health; since: number }>>;
  hosts: Outage[];
}

/** What the public read. */
export interface Update {
  status: IncidentState;
  text: string;
  by: string;
  at: number;
}

/** One row of the outage table. Without `down` the host was named, and nobody knows of an outage. */
export interface Outage {
  host: string;
  /** From 1: a host that went down twice has two. */
  nth: number;
  down?: number;
  up?: number;
  cause?: string;
  source: OutageSource;
  /** Whose words go before any other's. */
  correctedBy?: string;
}

/** Where a row of the outage table comes from: a check, a run, an alert, our own look at the hosts, or somebody's words. */
export type OutageSource = 'check' | 'run' | 'alert' | 'down' | 'person';

/** One thing that happened to it, as it is recorded. Times in data are ISO, as everybody who reads the events has them. */
export type Happened =
  | Said<'opened', OpenedData>
  /** Words for the public; the type says whether the state moved. */
  | Said<'updated' | 'identified' | 'monitoring' | 'resolved' | 'reopened' | 'postmortem', UpdateData>
  | Said<'affected', { hosts: string[]; components?: Record<string, Health>; source?: OutageSource; because?: string }>
  | Said<'severity', { severity: Severity; due?: string; components?: Record<string, Health>; because?: string }>
  | Said<'lead', { lead: string }>
  | Said<'hosts down', { hosts: { host: string; at: string; cause?: string }[]; source: OutageSource; components?: Record<string, Health> }>
  | Said<'hosts up', { hosts: { host: string; at: string }[]; source: OutageSource }>
  | Said<'corrected', Correction>
  | Said<'merged', { into: string }>
  | Said<'took in', { from: string; began: string; hosts: WrittenOutage[]; components: Record<string, Health>; text?: string; due?: string }>
  | Said<'second writer asked', { person: string | null; page?: string }>
  | Said<'maintenance moved', { status: MaintenanceState; text: string; from?: string; until?: string; components?: Record<string, Health> }>;

interface Said<Type extends string, Data> {
  type: Type;
  data: Data;
  by: string;
  at: number;
}

export interface OpenedData {
  title: string;
  severity: Severity;
  hosts: string[];
  because?: string;
  kind?: 'incident' | 'maintenance';
  public?: boolean;
  lead?: string;
  zone?: string;
  began?: string;
  /** The first words, where the public reads them. */
  text?: string;
  due?: string;
  components?: Record<string, Health>;
  source?: OutageSource;
  window?: { from: string; until: string };
}

export interface UpdateData {
  text: string;
  due?: string;
  components?: Record<string, Health>;
}

/** A row put right by hand, with its trace. `no` = this host was not affected. */
export interface Correction {
  host: string;
  down?: string;
  up?: string;
  cause?: string;
  because?: string;
  no?: boolean;
  /** When the incident was known to have begun before any outage is asked: its opening. Unsaid by older versions. */
  opened?: string;
}

export interface WrittenOutage {
  host: string;
  down: string | null;
  up: string | null;
  cause: string | null;
  source: OutageSource;
  corrected_by: string | null;
}

export const isOpen = ({ state }: Pick<Incident, 'state'>): boolean => OPEN.has(state);
/** As SQL asks for them. */
export const OPEN_STATES = ['investigating', 'identified', 'monitoring'] as const;
const OPEN: ReadonlySet<string> = new Set(OPEN_STATES);
