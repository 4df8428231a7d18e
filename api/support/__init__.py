"""Help without a subject of its own.

- `event_ids`: UUIDv7 for events.
- `off_loop`: work apart from the event loop, with a deadline.
"""
