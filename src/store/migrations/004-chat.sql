-- Slack and Discord: how an asker alone is answered, what was tried of what has to be sent, and whose account is whose.

-- What came with a line to answer its asker alone (a response URL, an interaction token); wall time. Taken away when it is over.
alter table inbox add column reply jsonb;
alter table inbox add column reply_until timestamptz;

-- What was tried of what has to be sent; wall times. `attempted` is written before a platform is asked and taken back when it certainly
-- did nothing: found after a crash, the message is looked up by its marker instead of posted again (rule 7). `looked`: how often nobody
-- could tell; `blind`: it was posted again all the same, which is done once.
alter table messages add column marker text not null default 'hf' || left(md5(random()::text || clock_timestamp()::text), 18);
alter table messages add column attempted timestamptz;
alter table messages add column tries integer not null default 0;
alter table messages add column looked integer not null default 0;
alter table messages add column blind boolean not null default false;
alter table messages add column not_before timestamptz;
alter table messages add column says text;
create index messages_undeliverable on messages (id) where state = 'undeliverable';

alter table cards add column marker text not null default 'hf' || left(md5(random()::text || clock_timestamp()::text), 18);
alter table cards add column attempted timestamptz;
alter table cards add column tries integer not null default 0;
alter table cards add column looked integer not null default 0;
alter table cards add column blind boolean not null default false;
alter table cards add column not_before timestamptz;
alter table cards add column says text;
-- How often it was to be posted (again for a later line, a new day, or because its message was deleted), and was.
alter table cards add column asked integer not null default 1;
alter table cards add column posted integer not null default 0;
-- Edits of the message it is now, and when it was last posted or edited (wall).
alter table cards add column edits integer not null default 0;
alter table cards add column shown_at timestamptz;
-- Where its message really stands (the channel of a direct message), and a hash of what it says.
alter table cards add column stands_in text;
alter table cards add column shown_as text;

-- Which account is which person, where the configuration does not say; it goes before these rows.
create table links (
  platform text not null,
  user_id text not null,
  person text not null,
  -- hello: the first admin's one-time code; confirmed: by an admin; email: found by the address in the configuration.
  how text not null check (how in ('hello', 'confirmed', 'email')),
  by text not null,
  -- Given by a one-time code: an admin, whatever the configuration says.
  admin boolean not null default false,
  made timestamptz not null,
  primary key (platform, user_id),
  unique (platform, person)
);

-- Accounts an admin took away from somebody: an e-mail address does not give them back.
create table links_removed (
  platform text not null,
  user_id text not null,
  person text not null,
  primary key (platform, user_id, person)
);

-- "I am ada": waits for an admin's word. One for an account; asking again replaces it.
create table link_requests (
  platform text not null,
  user_id text not null,
  person text not null,
  place jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'confirmed', 'refused')),
  rev integer not null default 0,
  by text,
  asked timestamptz not null,
  answered timestamptz,
  primary key (platform, user_id)
);

-- The one-time code of `init`, as a hash that is slow to make. One at a time: a new one ends the one before. Wall times.
create table hello_codes (
  id bigint generated always as identity primary key,
  hash text not null,
  state text not null default 'open' check (state in ('open', 'used', 'ended')),
  rev integer not null default 0,
  wrong integer not null default 0,
  made timestamptz not null,
  expires_until timestamptz not null
);
create unique index hello_codes_open on hello_codes (state) where state = 'open';

-- Wrong codes by account, so that one stranger cannot use up everybody's tries. Wall time.
create table hello_tries (
  id bigint generated always as identity primary key,
  platform text not null,
  user_id text not null,
  wall_at timestamptz not null default now()
);
create index hello_tries_by on hello_tries (platform, user_id, wall_at);

-- Lines behind buttons that a platform's own limit cannot hold (Discord: 100 characters), by a hash of them.
create table kept_lines (
  key text primary key,
  line text not null,
  wall_made timestamptz not null default now()
);

-- Who was last heard to be in the groups that give roles, and when Slack was last asked for the members of one. Wall time.
create table group_members (
  platform text not null,
  group_id text not null,
  user_id text not null,
  primary key (platform, user_id, group_id)
);
create table group_looks (
  platform text not null,
  group_id text not null,
  wall_at timestamptz not null,
  primary key (platform, group_id)
);
