-- Whoever writes what the public reads wakes the processes that show it, also one of another version and a person with psql: no writer can
-- forget to. The payload is nothing: the rows are the truth.

create function holdfast_status_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('holdfast_status', '');
  return null;
end
$$;

create trigger status_changed after insert or update or delete on incidents for each statement execute function holdfast_status_changed();
create trigger status_changed after insert or update or delete on incident_updates for each statement execute function holdfast_status_changed();
create trigger status_changed after insert or update or delete on incident_components for each statement execute function holdfast_status_changed();
create trigger status_changed after insert or update or delete on incident_hosts for each statement execute function holdfast_status_changed();
create trigger status_changed after insert or update or delete on component_changes for each statement execute function holdfast_status_changed();

-- Maintenance of runs is a handful of events among very many: only those wake anybody.
create trigger status_changed after insert on events for each row when (new.type like 'maintenance %') execute function holdfast_status_changed();
