"""The events in PostgreSQL: the only importer of `eventsourcing`, the only room of `domain` that knows the database.

The other rooms use `EventLog` and what is appended through it; the modules `append`, `read`, `follow` and
`library_events` are its parts.

- `event_log`: `EventLog`, by which everything appends, reads and follows.
- `new_events`: events to be appended.
- `append_condition`: which later events would make an append void.
- `codec`: events ↔ JSON.
- `append`: batches in, atomically.
- `read`: events out.
- `follow`: new events as they come.
- `library_events`: events of the `eventsourcing` library ↔ rows of the log.
"""
