-- A channel of its own beside that of a card: what it is to be called (`name`, `topic`, `mark`, `invite`), and where it is.
alter table cards add column opens jsonb;
alter table cards add column opened text;
alter table cards add column opened_url text;
alter table cards add column open_tries integer not null default 0;
create index cards_opened on cards (platform, opened) where opened is not null;
create index cards_opening on cards (platform, channel) where opens is not null and opened is null;
