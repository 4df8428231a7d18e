"""Words that everything may use. Nothing here imports another room.

- `malformed`: the base of errors about input that cannot be read.
- `instants`: aware datetimes in UTC.
- `identifiers`: ARNs, and references to entities.
- `cursors`: where the next page of a listing begins.
- `slots`: the places that entities occupy over time, by which the log finds their events.
- `numbers`: whole numbers as callers write them.
- `storable_text`: text that a database and JSON can carry.
- `context_values`: condition keys and their values.
- `bounded`: a cache with a limit.
- `refusals`: a command's lawful no, with IAM's error codes.
"""
