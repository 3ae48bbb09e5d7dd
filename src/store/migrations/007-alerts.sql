-- What other systems, hosts that stopped answering and heartbeats that stayed away say is wrong. Times are domain time unless they begin with wall_.

create table alerts (
  id bigint generated always as identity primary key,
  -- The integration of the configuration it came by; `down` and `heartbeat` are our own.
  integration text not null,
  -- As its protocol means it: what is sent again under the same is the same alert.
  dedup text not null,
  state text not null default 'firing' check (state in ('firing', 'resolved')),
  rev integer not null default 1,
  summary text not null,
  urgency text not null check (urgency in ('low', 'high', 'critical')),
  -- For whom somebody answers; null = whoever answers for its hosts.
  service text,
  -- Hosts of the inventory it names.
  hosts jsonb not null default '[]',
  -- What it is grouped by besides the service: the parent all of its hosts stand on.
  parent text,
  link text,
  details jsonb not null default '{}',
  started timestamptz not null,
  received timestamptz not null,
  -- When it was last sent.
  heard timestamptz not null,
  resolved timestamptz,
  -- Somebody has it in hand over there.
  acknowledged timestamptz,
  -- Why nobody was asked: a hold (H1), a run (R1), a maintenance; null when nothing silences it.
  silenced_by text,
  silenced timestamptz,
  -- The page it made or joined, and the incident.
  page text,
  -- What it has in common with the others of its page: parent:kvm01, service:web, integration:prometheus; null where the page is not ours.
  grouped text,
  incident text
);
create unique index alerts_firing on alerts (integration, dedup) where state = 'firing';
create index alerts_page on alerts (page) where state = 'firing';
create index alerts_silenced on alerts (silenced_by) where state = 'firing' and silenced_by is not null;
create index alerts_received on alerts (received);
create index alerts_incident on alerts (incident) where incident is not null;
create index alerts_dedup on alerts (integration, dedup, id);

-- From where hosts are looked at (a machine Holdfast runs on), and when that was done last.
create table down_places (
  place text primary key,
  looked timestamptz not null,
  wall_looked timestamptz not null,
  hosts integer not null,
  missing integer not null
);

-- Hosts that did not say who they are when they were looked at from a place; one that is well has no row.
create table down_misses (
  place text not null,
  host text not null,
  -- In a row, and looks since then in a row that found it well; neither is counted further than it matters.
  misses integer not null,
  well integer not null,
  -- Whether it is down as seen from there, how often it went down lately, and when last.
  down boolean not null,
  downs integer not null,
  went timestamptz,
  since timestamptz not null,
  reach text not null,
  detail text not null,
  primary key (place, host)
);
