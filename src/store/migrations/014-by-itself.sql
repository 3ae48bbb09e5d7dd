-- What opened by itself has a machine's title, which the public never reads.
alter table incidents add column by_itself boolean not null default false;
update incidents i set by_itself = true
where exists (select 1 from events e where e.thing = i.id and e.type = 'opened' and coalesce(e.data ->> 'public', 'false') <> 'true');
