-- Who is away and who covers for whom, as people said it; the rest of who is on call stands in the configuration. Domain time.

create table aways (
  id bigint generated always as identity primary key,
  person text not null,
  begun timestamptz not null,
  -- Null: until they say that they are back.
  until timestamptz,
  because text,
  by text not null,
  ended timestamptz,
  ended_by text
);
create index aways_open on aways (person) where ended is null;

create table covers (
  id bigint generated always as identity primary key,
  person text not null,
  -- person:, service: or roster: and a name.
  of text not null,
  begun timestamptz not null,
  until timestamptz not null,
  by text not null,
  ended timestamptz,
  ended_by text
);
create index covers_open on covers (until) where ended is null;

-- What was told ahead of who can be reached: told once for each, and again when it was well in between.
create table roster_problems (
  key text primary key,
  says text not null,
  told timestamptz not null
);
