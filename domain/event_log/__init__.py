"""The events in PostgreSQL: the only importer of `eventsourcing`, the only room of `domain` that knows the database.

- `codec`: events ↔ JSON.
- `random_bytes`: salts and random parts of ids, drawn in bulk.
- `append_condition`: which later events would make an append void.
- `append`: batches in, atomically.
- `read`: events out.
- `follow`: new events as they come.
- `recorder`: the log behind the library's DCB interface.
"""
