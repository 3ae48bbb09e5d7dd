-- A run's maintenance is announced by its approval and over by its end, also by a stop: both are its row, and no event of 011. What a run writes
-- of itself from wave to wave wakes nobody.

create trigger status_changed after update on runs for each row
  when (old.state is distinct from new.state or old.approvals is distinct from new.approvals or old.due is distinct from new.due)
  execute function holdfast_status_changed();
