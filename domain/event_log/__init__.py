"""The event log: the only importer of `eventsourcing`, the only room of `domain` that knows the database.

`codec` (events ↔ JSON), `append` (batches in, atomically), `read` (events out), `recorder` (the same log behind
the library's DCB interface), `follow` (new events as they come), `writer` (commands → events, group commit).
"""
