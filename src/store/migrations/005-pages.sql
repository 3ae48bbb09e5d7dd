-- Pages: somebody must answer one thing. Times are domain time unless they begin with wall_ or end with _until.

create table pages (
  id text primary key,
  state text not null default 'open' check (state in ('open', 'acked', 'resolved', 'silenced')),
  rev integer not null default 1,
  text text not null,
  urgency text not null check (urgency in ('low', 'high', 'critical')),
  -- An incident, a run, a hold, a host: what it is about.
  about text,
  -- person: or service: and a name; where nobody was named, whoever answers for what it is about.
  recipient text,
  -- Pages of one recipient that began within minutes before this one, when somebody was first looked for: a storm is told from the first of something.
  nth integer not null default 0,
  -- As it was when the page began: steps of people and delays. Null until somebody was looked for.
  policy jsonb,
  by text not null,
  place jsonb not null default '{}',
  -- What whoever asked adds to the brief: lines, and buttons for what is likely done next.
  more jsonb not null default '{}',
  -- Counted from 1, 0 = nobody was asked yet; from_round: the first of those that count until it widens (an ack that lapsed begins anew).
  round integer not null default 0,
  from_round integer not null default 1,
  step integer not null default 0,
  stepped timestamptz,
  opened timestamptz not null,
  acked_by text,
  acked timestamptz,
  ack_ends timestamptz,
  ended timestamptz
);
create index pages_open on pages (id) where state in ('open', 'acked');
create index pages_about on pages (about) where state in ('open', 'acked');
create index pages_recipient on pages (recipient, opened);

-- One try at one person by one channel; or a notice to somebody who was paged before (no attempt in what is shown).
create table page_attempts (
  id bigint generated always as identity primary key,
  page text not null references pages (id) on delete cascade,
  n integer not null,
  round integer not null,
  step integer not null,
  person text not null,
  channel text not null,
  due timestamptz not null,
  notice boolean not null default false,
  -- What a notice says.
  text text,
  -- Pages of the same recipient that were open before this one: the first page of one service goes ahead of the 300th of another.
  rank integer not null default 0,
  -- In a storm: the attempt whose message carries this one, too; that one carries itself.
  carrier bigint,
  state text not null default 'waiting' check (state in ('waiting', 'carried', 'sending', 'sent', 'failed', 'called off')),
  tries integer not null default 0,
  wall_not_before timestamptz,
  holder text,
  held_until timestamptz,
  -- A provider was asked and nobody knows whether it took it: looked up before anything is sent again.
  unsure boolean not null default false,
  -- The first try.
  attempted timestamptz,
  sent timestamptz,
  provider_id text,
  says text,
  answer text,
  answered timestamptz,
  unique (page, n)
);
create index page_attempts_waiting on page_attempts (channel, notice, rank, id) where state = 'waiting';
create index page_attempts_sending on page_attempts (held_until) where state = 'sending';
create index page_attempts_reach on page_attempts (person, channel, id);
create index page_attempts_lately on page_attempts (person, due) where not notice;
create index page_attempts_carried on page_attempts (carrier) where state = 'carried';

-- Whether somebody answers: different pages in a row that went by without a word of theirs, the first few.
create table page_people (
  person text primary key,
  missed jsonb not null default '[]',
  answered timestamptz
);
