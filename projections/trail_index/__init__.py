"""An index of the audit trail by parts of its words: which events may pass a filter, without a look at the others.

The log is cut into blocks of events in the order of positions. The index knows which blocks have which four characters
in a row, in which field; and of each event when it was, and who did what. What it finds is all that passes a filter and
little else: the database has the last word on each event.

- `grams`: the keys of the index: four characters of a field, or a whole word.
- `wanted`: the keys that a filter's events must have.
- `segment`: the index of some blocks; `segment_file`: a segment in a file, which all processes of a home map.
- `reading`: makes the segment of some events.
- `index`: the segments of a log; `ordered`: the events that may pass, in the order of time.
"""
