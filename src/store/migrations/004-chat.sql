-- Slack and Discord: how an asker alone is answered, what was tried of what has to be sent, and whose account is whose.

-- What came with a line to answer its asker alone (a response URL, an interaction token); wall time. Taken away when it is over.
alter table inbox add column reply jsonb;
alter table inbox add column reply_until timestamptz;

-- Begun before a platform is asked, so that after a crash it is looked up instead of posted again (rule 7). Wall times.
alter table messages add column attempted timestamptz;
alter table messages add column tries integer not null default 0;
alter table messages add column not_before timestamptz;
alter table messages add column says text;
alter table cards add column attempted timestamptz;
alter table cards add column tries integer not null default 0;
alter table cards add column not_before timestamptz;
alter table cards add column says text;

-- Which account is which person, where the configuration does not say.
create table links (
  platform text not null,
  user_id text not null,
  person text not null,
  -- hello: the first admin's one-time code; confirmed: by an admin; email: found by the address in the configuration.
  how text not null check (how in ('hello', 'confirmed', 'email')),
  by text not null,
  admin boolean not null default false,
  made timestamptz not null,
  primary key (platform, user_id)
);
