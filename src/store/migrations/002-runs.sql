-- Runs, holds and rules. Times are domain time unless they begin with wall_.

-- One job over one target: planned, approved, in waves, done or halted. `plan` is frozen with its hash (promise 9).
create table runs (
  id text primary key,
  job text not null,
  state text not null default 'planned' check (state in ('planned', 'running', 'halted', 'done', 'cancelled', 'expired')),
  rev integer not null default 1,
  -- The plan without its hosts, which are rows of run_hosts.
  plan jsonb not null,
  hash text not null,
  prediction jsonb not null,
  by text not null,
  -- Whose it is now, after `take`.
  owner text not null,
  place jsonb not null,
  because text,
  -- Hosts that are not skipped.
  size integer not null,
  wave integer not null default 0,
  approvals jsonb not null default '{}',
  forgiven jsonb not null default '{}',
  said jsonb not null default '[]',
  at_once integer,
  -- Why nothing more starts, as decide said it last.
  waiting jsonb,
  halted jsonb,
  incident text,
  planned_at timestamptz not null,
  -- Asked for again, because it missed its hour; and the hour it was to begin.
  asked_at timestamptz,
  due timestamptz,
  begun_at timestamptz,
  wave_ended timestamptz,
  ring_ended timestamptz,
  ended timestamptz
);
create index runs_open on runs (id) where state in ('planned', 'running', 'halted');

-- Outcomes by run, kept as they happen: nobody counts 5,000 rows for one host.
create table run_counts (
  run text not null references runs (id),
  outcome text not null,
  hosts integer not null default 0,
  primary key (run, outcome)
);

create table run_hosts (
  run text not null references runs (id),
  host text not null,
  position integer not null,
  ring integer not null,
  wave integer,
  -- As planned: claims, does, class, needsMb, notes, skip.
  planned jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'going', 'ended')),
  rev integer not null default 0,
  phase text,
  -- How often this host was tried: `go retry` begins another intent.
  try integer not null default 1,
  -- When it was planned, short: hosts remember intents, and a new database begins with R1 again.
  stamp text not null,
  outcome text,
  detail text,
  waiting_for text,
  -- When a step that waits is looked at again.
  due timestamptz,
  memory jsonb not null default '{}',
  baseline jsonb,
  boot_before text,
  boot_after text,
  started timestamptz,
  -- When the phase it is in was begun for the first time.
  phase_since timestamptz,
  -- When its job was done with it, well or not.
  finished timestamptz,
  -- Its slots were given back.
  ended timestamptz,
  primary key (run, host)
);
create index run_hosts_wave on run_hosts (run, wave, position);
create index run_hosts_open on run_hosts (run) where state = 'going' or (state = 'ended' and started is not null and ended is null);
create index run_hosts_host on run_hosts (host);

-- How long hosts took, for predictions; kept when runs are long gone.
create table durations (
  id bigint generated always as identity primary key,
  job text not null,
  class text not null,
  ms bigint not null,
  at timestamptz not null
);
create index durations_class on durations (job, class, id desc);

-- Updates paused until a time, with owner and reason. It never ends by itself: its end asks.
create table holds (
  id text primary key,
  kind text not null check (kind in ('updates', 'alerts')),
  expression text not null,
  sources jsonb not null default '[]',
  owner text not null,
  because text,
  state text not null default 'open' check (state in ('open', 'ended')),
  rev integer not null default 1,
  run text,
  begun timestamptz not null,
  until timestamptz not null,
  asked timestamptz,
  ended timestamptz,
  place jsonb not null default '{}'
);
create table hold_hosts (
  hold text not null references holds (id),
  host text not null,
  -- unverified: not reached yet; drifted: something came back by itself.
  state text not null default 'unverified' check (state in ('unverified', 'held', 'drifted', 'resumed')),
  detail text,
  -- What was recorded before, for the way back.
  recorded jsonb not null default '{}',
  looked timestamptz,
  primary key (hold, host)
);
create index hold_hosts_open on hold_hosts (host) where state <> 'resumed';

-- Exclusions a person made, with reason, owner and expiry; later plans obey.
create table rules (
  id text primary key,
  expression text not null,
  -- {"job":"reboot"} or {"package":"linux-image*"}
  applies jsonb not null,
  owner text not null,
  because text not null,
  state text not null default 'open' check (state in ('open', 'ended')),
  rev integer not null default 1,
  made timestamptz not null,
  until timestamptz,
  asked timestamptz,
  ended timestamptz,
  place jsonb not null default '{}'
);
create index rules_open on rules (id) where state = 'open';

create index slots_run_host on slots (run, host) where given_back is null;

-- What a place that cannot edit was told of a thing that goes on: nothing is said there twice after a crash.
alter table cards add column said jsonb;
