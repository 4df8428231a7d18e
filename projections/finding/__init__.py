"""What a pasted word is: an entity, an access key, a session, an address, a record, an event, an account. By indexes
only.

- `found`: one meaning of a word.
- `entities_found`: entities by ARN, name and unique id, and inline policies.
- `calls_found`: sessions, addresses and access keys, in recorded calls and in events.
- `events_found`: events by position, id and request; records.
- `find`: all meanings of a word.
"""
