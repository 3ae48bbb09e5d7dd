-- Incidents as they are now; their life is rows of events (thing = INC-1) and everything here can be made of those. Domain times.

create table incidents (
  id text primary key,
  -- What addresses and feeds name it by: 12 characters of 0-9a-z, never guessed from the id.
  code text not null unique,
  -- A maintenance goes the second line; merged = it goes on under merged_into.
  state text not null default 'investigating' check (state in ('investigating', 'identified', 'monitoring', 'resolved', 'postmortem', 'merged',
    'scheduled', 'in_progress', 'verifying', 'completed')),
  -- The rev of the last event that is in it.
  rev integer not null default 1,
  kind text not null default 'incident' check (kind in ('incident', 'maintenance')),
  title text not null,
  severity text not null check (severity in ('critical', 'major', 'minor')),
  -- Whether the public reads it: what a person opened is public at once; what opened by itself, when a person first writes an update.
  public boolean not null default false,
  lead text,
  by text not null,
  zone text not null default 'UTC',
  place jsonb not null default '{}',
  merged_into text,
  -- When it began to hurt; opened is when somebody knew.
  began timestamptz not null,
  opened timestamptz not null,
  identified timestamptz,
  monitored timestamptz,
  resolved timestamptz,
  -- The next update is promised for then; second_asked: a second writer was asked for this promise.
  update_due timestamptz,
  second_asked timestamptz,
  -- A maintenance: its window, the run that does it, and how far it is.
  scheduled_for timestamptz,
  scheduled_until timestamptz,
  run text,
  postmortem text,
  changed timestamptz not null
);
create index incidents_open on incidents (id) where state in ('investigating', 'identified', 'monitoring');
create index incidents_opened on incidents (opened desc);

-- What the public reads, in order. Status: the state it moved to, or stayed in (an "Update" is one with the status before it).
create table incident_updates (
  incident text not null references incidents (id),
  n integer not null,
  code text not null unique,
  status text not null,
  body text not null,
  by text not null,
  at timestamptz not null,
  -- [{component, from, to}] of the statuspage words: operational, degraded_performance, partial_outage, major_outage, under_maintenance.
  components jsonb not null default '[]',
  primary key (incident, n)
);
create index incident_updates_at on incident_updates (at desc);

-- Components it touches and how ill each is now.
create table incident_components (
  incident text not null references incidents (id),
  component text not null,
  status text not null,
  since timestamptz not null,
  primary key (incident, component)
);

-- The outage table: a host that went down twice has two rows. Without down: named as affected, and nobody knows of an outage.
create table incident_hosts (
  incident text not null references incidents (id),
  host text not null,
  nth integer not null default 1,
  down timestamptz,
  up timestamptz,
  cause text,
  -- check, run, alert, down, person; and who corrected it by hand, whose words go before any other's.
  source text not null,
  corrected_by text,
  primary key (incident, host, nth)
);
create index incident_hosts_host on incident_hosts (host) where up is null;

-- What each component was, day by day in the zone of the page: the 90 bars. One row a change.
create table component_changes (
  id bigint generated always as identity primary key,
  component text not null,
  status text not null,
  at timestamptz not null,
  incident text
);
create index component_changes_of on component_changes (component, at);

-- Cards that are to stand pinned in their channel, and the message that does.
alter table cards add column pin boolean not null default false;
alter table cards add column pinned text;
alter table cards add column pin_tries integer not null default 0;
create index cards_pins on cards (platform, channel) where pin or pinned is not null;
