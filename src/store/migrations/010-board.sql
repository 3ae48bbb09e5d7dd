-- The private board, and what is to be done after an incident. wall_* and *_until are wall time of the database.

-- One-time links to the board: what stands in the address is random, made when it is shown, and kept as a hash only.
create table board_links (
  id bigint generated always as identity primary key,
  person text not null,
  -- Null until it was shown.
  hash text unique,
  wall_made timestamptz not null default now(),
  wall_until timestamptz not null,
  wall_spent timestamptz
);

-- Browsers in which somebody opened it. Whose role it has is looked up at each request.
create table board_sessions (
  hash text primary key,
  person text not null,
  wall_begun timestamptz not null default now(),
  wall_until timestamptz not null,
  wall_ended timestamptz
);
create index board_sessions_person on board_sessions (person) where wall_ended is null;

-- What people wrote for a postmortem: the rest of it is made from the timeline. `text` goes before everything else.
create table postmortems (
  incident text primary key,
  rev integer not null default 1,
  -- {summary, helped, hurt}
  sections jsonb not null default '{}',
  text text,
  by text not null,
  changed timestamptz not null,
  published timestamptz,
  -- Nobody writes one, and why.
  waived text
);

-- What is to be done after an incident, until somebody did it or said why not.
create table actions (
  id text primary key,
  incident text not null,
  text text not null,
  owner text not null,
  state text not null default 'open' check (state in ('open', 'done', 'dropped')),
  rev integer not null default 1,
  by text not null,
  made timestamptz not null,
  ended timestamptz,
  ended_by text,
  because text
);
create index actions_open on actions (incident) where state = 'open';
