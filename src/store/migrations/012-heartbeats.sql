-- What has to say regularly that it is well, as last heard. What it should do stands in the configuration. Domain times.

create table heartbeats (
  -- The name in the configuration; of one that a ping made (create=1), its integration and its slug: pings/backup.
  name text primary key,
  -- By whose ping key it was made; null = it stands in the configuration.
  integration text,
  state text not null default 'new' check (state in ('new', 'up', 'down')),
  rev integer not null default 1,
  made timestamptz not null,
  -- When it last said that it ended, well or not.
  last timestamptz,
  -- A run that said it begins and has not said its end.
  begun timestamptz,
  rid text,
  took_ms bigint,
  -- The last signal of any kind, and what came with it.
  signal text,
  signalled timestamptz,
  exit_status integer,
  said text
);

-- Until when an alert is believed that its sender has to send again and again: what Prometheus says, or the time of its integration.
create table alert_ends (
  integration text not null,
  dedup text not null,
  ends timestamptz not null,
  primary key (integration, dedup)
);
create index alert_ends_due on alert_ends (integration, ends);

-- When an integration was last heard, to the minute; written after its delivery, so that deliveries do not wait for each other.
create table integrations_heard (
  integration text primary key,
  heard timestamptz not null,
  -- When it last sent a Watchdog that no heartbeat is made of.
  watchdog_unused timestamptz
);
