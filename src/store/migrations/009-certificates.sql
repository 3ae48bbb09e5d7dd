-- Certificates of hosts as the last look found them, one row each; what changed, as history. Times are domain time.

create table certificates (
  host text not null,
  -- The file, `#field` behind it in a kubeconfig; tls://host:port where it is served and in no file.
  path text not null,
  n integer not null,
  kind text not null check (kind in ('leaf', 'ca')),
  subject text not null,
  issuer text not null,
  sans jsonb not null default '[]',
  self_issued boolean not null,
  serial text not null,
  -- SHA-256 of its public key, hex.
  pin text,
  fingerprint text not null,
  begins timestamptz not null,
  ends timestamptz not null,
  -- An authority stands in the same file.
  trust boolean not null,
  owner text,
  mode text,
  mtime timestamptz,
  link text,
  key text check (key in ('match', 'mismatch')),
  -- Ports on which it is served.
  served_on jsonb not null default '[]',
  -- Since when it is this very certificate.
  since timestamptz not null,
  primary key (host, path, n)
);
create index certificates_ends on certificates (ends);

-- The last look at each host: what it could not read, and what its listeners showed.
create table certificate_looks (
  host text primary key,
  at timestamptz not null,
  wrong jsonb not null default '[]',
  unread jsonb not null default '[]',
  seen jsonb not null default '[]',
  more boolean not null default false
);

create table certificate_changes (
  id bigint generated always as identity primary key,
  host text not null,
  path text not null,
  at timestamptz not null,
  -- Each a list of {kind, subject, serial, pin, ends}, by their place in the file.
  before jsonb not null,
  after jsonb not null,
  -- The key of an authority is another one: critical until it is back, or has stood for long.
  authority boolean not null default false,
  settled timestamptz,
  -- The page that asks about it.
  page text
);
create index certificate_changes_host on certificate_changes (host, id);
create index certificate_changes_open on certificate_changes (host) where authority and settled is null;

-- What people were last asked about a certificate that nears its end. By its fingerprint: one that stands on several hosts is asked about once.
create table certificate_notices (
  fingerprint text primary key,
  step text not null,
  -- Grows with what is at stake; nobody is asked again about less.
  rank integer not null,
  page text not null,
  told timestamptz not null,
  kind text not null,
  ends timestamptz not null,
  -- Where it stood: a list of {host, path, port}, the port where it was served and in no file.
  places jsonb not null,
  -- It is nowhere any more, and one that ends later stands in its places.
  over timestamptz
);
create index certificate_notices_open on certificate_notices (told) where over is null;
