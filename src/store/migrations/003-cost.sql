-- What is asked for each host that ends must not read the whole run, the whole fleet or all that ever happened.

-- The pieces of a run are found by position among what is in flight.
drop index run_hosts_open;
create index run_hosts_open on run_hosts (run, position) where state = 'going' or (state = 'ended' and started is not null and ended is null);
create index run_hosts_waiting on run_hosts (run, wave, position) where state = 'waiting';
create index run_hosts_ill on run_hosts (run, position) where outcome in ('lost', 'failed', 'held', 'unverified');
-- Whether a host that is heard of holds places: not its whole past.
create index run_hosts_held on run_hosts (host) where state = 'going' or (state = 'ended' and started is not null and ended is null);

create index events_opened on events (thing) where type = 'opened';

-- Who carries guests; of 5,000 hosts few do.
create index facts_carries on facts (host) where facts ? 'guests';
