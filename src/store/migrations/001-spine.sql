-- What every later part stands on. Times named received, began, ended, at, due, asked … are domain time; wall_* and
-- *_until are wall time of the database. Later migrations only add (two versions may share a database in a deploy).

create table meta (
  key text primary key,
  value jsonb not null
);

-- The last number given out per kind of id: R1, INC-1, PG1 …
create table counters (
  kind text primary key,
  last bigint not null
);

-- What a platform or a sender delivered, committed before it is acknowledged (storage rule 1).
create table inbox (
  id bigint generated always as identity primary key,
  platform text not null,
  event_id text not null,
  actor text not null,
  place jsonb not null,
  text text not null,
  received timestamptz not null,
  state text not null default 'taken' check (state in ('taken', 'begun', 'ended')),
  rev integer not null default 0,
  tries integer not null default 0,
  holder text,
  held_until timestamptz,
  json boolean not null default false,
  strict boolean not null default false,
  began_kind text,
  began_id text,
  outcome text,
  error_id text,
  ended timestamptz,
  unique (platform, event_id)
);
create index inbox_open on inbox (id) where state <> 'ended';
create index inbox_began on inbox (began_kind, began_id) where state = 'begun';
create index inbox_received on inbox (received);

-- Work that is due now; the queue is an index of it that can be rebuilt (rules 2, 5, 6).
create table outbox (
  id bigint generated always as identity primary key,
  kind text not null,
  ref text not null,
  risk text not null default 'read' check (risk in ('read', 'change', 'disrupt')),
  state text not null default 'waiting' check (state in ('waiting', 'queued', 'started', 'done', 'failed')),
  rev integer not null default 0,
  tries integer not null default 0,
  holder text,
  lease_until timestamptz,
  wall_made timestamptz not null default now(),
  error_id text
);
create index outbox_open on outbox (id) where state in ('waiting', 'queued', 'started');

-- Domain delays: rows locked and handled by the earliest due (rule 4); one whose handler failed is held for a while.
create table timers (
  id bigint generated always as identity primary key,
  kind text not null,
  ref text not null,
  due timestamptz not null,
  data jsonb not null default '{}',
  rev integer not null default 0,
  held_until timestamptz,
  unique (kind, ref)
);
create index timers_due on timers (due);

-- One message per thing, edited in place: rendered from the state at the moment of sending (rule 9).
create table cards (
  id bigint generated always as identity primary key,
  thing_kind text not null,
  thing_id text not null,
  platform text not null,
  channel text not null,
  place jsonb not null,
  inbox_id bigint references inbox (id) on delete set null,
  wanted_rev integer not null default 1,
  shown_rev integer not null default 0,
  final boolean not null default false,
  message_id text,
  wall_made timestamptz not null default now(),
  unique (thing_kind, thing_id, platform, channel)
);
create index cards_unshown on cards (platform, channel) where shown_rev < wanted_rev;
create index cards_line on cards (inbox_id);

-- Answers and announcements, sent once.
create table messages (
  id bigint generated always as identity primary key,
  key text not null unique,
  inbox_id bigint references inbox (id) on delete set null,
  platform text not null,
  channel text not null,
  place jsonb not null,
  person text,
  body jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'undeliverable')),
  provider_id text,
  made timestamptz not null,
  wall_sent timestamptz
);
create index messages_waiting on messages (platform, channel, id) where state = 'waiting';
create index messages_line on messages (inbox_id);

-- Who did what, from where, and how it ended. Rows are only ever added.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  wall timestamptz not null default now(),
  who text not null,
  place jsonb not null,
  command text not null,
  outcome text not null,
  detail text,
  inbox_id bigint
);
create index audit_at on audit (at);

-- The recorded life of incidents, pages and runs; everything else about them is a rendering of it (rule 10: order is rev).
create table events (
  id bigint generated always as identity primary key,
  thing text not null,
  rev integer not null,
  type text not null,
  data jsonb not null default '{}',
  by text not null,
  at timestamptz not null,
  unique (thing, rev)
);
create index events_at on events (at);

create function rows_are_only_added() returns trigger language plpgsql as $$
begin
  raise exception '% keeps what happened: rows are only ever added', tg_table_name;
end $$;
create trigger audit_only_added before update or delete on audit for each row execute function rows_are_only_added();
create trigger events_only_added before update or delete on events for each row execute function rows_are_only_added();
create trigger audit_not_emptied before truncate on audit for each statement execute function rows_are_only_added();
create trigger events_not_emptied before truncate on events for each statement execute function rows_are_only_added();

-- One job of risk `read` over a target, by the chunk.
create table readings (
  id bigint generated always as identity primary key,
  job text not null,
  params jsonb not null,
  expression text not null,
  hosts integer not null,
  state text not null default 'begun' check (state in ('begun', 'ended')),
  began timestamptz not null,
  ended timestamptz,
  wall_began timestamptz not null default now(),
  wall_ended timestamptz
);
create table reading_chunks (
  reading_id bigint not null references readings (id) on delete cascade,
  n integer not null,
  hosts jsonb not null,
  results jsonb not null default '[]',
  state text not null default 'open' check (state in ('open', 'done')),
  primary key (reading_id, n)
);

-- The latest of what is known, one row a host; what changed, as history.
create table facts (
  host text primary key,
  reach text not null,
  detail text,
  asked timestamptz not null,
  answered timestamptz,
  facts jsonb not null default '{}',
  findings jsonb not null default '[]'
);
create index facts_asked on facts (asked);
create table fact_changes (
  id bigint generated always as identity primary key,
  host text not null,
  at timestamptz not null,
  changes jsonb not null
);
create index fact_changes_host on fact_changes (host, id);

-- Places in a budget that a host holds in a run; given back by evidence (rule 8).
create table slots (
  id bigint generated always as identity primary key,
  budget text not null,
  run text not null,
  host text not null,
  intent text not null,
  taken timestamptz not null,
  given_back timestamptz,
  evidence text,
  unique (budget, intent)
);
create index slots_held on slots (budget) where given_back is null;

-- Effects outside: started before, done after, with the answer (rule 7).
create table effects (
  key text primary key,
  kind text not null,
  started timestamptz not null,
  done timestamptz,
  answer jsonb
);

-- Which process holds what there is only one of (the active sender).
create table leases (
  name text primary key,
  holder text not null,
  held_until timestamptz not null
);
