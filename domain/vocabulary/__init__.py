"""Basic types that all packages may use. No module here imports from another package of the project.

- `malformed`: the base class of errors about input that cannot be read.
- `instants`: parses and formats instants: aware datetimes in UTC.
- `micros`: instants as integers; `written_instants`: many of these as JSON.
- `identifiers`: ARNs, and references to entities.
- `cursors`: where the next page of a listing begins.
- `slots`: names of the places that entities occupy over time; the event log finds events by them.
- `numbers`: parses whole numbers; `number_ranges`: whole numbers as text of ranges.
- `storable_text`: text that the database and JSON can hold.
- `typed`: values of given types from JSON, for several threads.
- `yaml_text`: YAML that somebody else wrote.
- `context_values`: condition keys and their values.
- `bounded`: a cache of limited size.
- `refusals`: the errors with which commands are refused, with IAM's error codes.
"""
