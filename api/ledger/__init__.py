"""The ledger in a process: its keys, the thread that keeps it, and what is told of it.

- `keys`: the keys that sign checkpoints, and their public parts.
- `keeping`: the thread of a server that keeps the tree and signs.
- `replaced`: files that have the whole new text or what they had.
- `witnesses`: submits checkpoints to witnesses, and keeps their cosignatures; `witness`, `witness_server`: a witness of
  our own; `witness_policy`: how many of which witnesses must have cosigned.
- `anchors`: places outside of the database that checkpoints are written to; `anchoring`: when that is done.
- `outgoing`: requests to addresses that the operator alone names.
- `told`: the verdict of a verification, for people and programs.
- `bundle`: writes events with their proof as one file; `bundle_text`: the names of its files, and its README;
  `archive`: ZIP files whose bytes follow from what is in them; `selecting`: which events a bundle has.
- `bundle_check`: verifies a bundle, whoever made it.
- `answers`: proves the events that an answer rests on; `deciding_again`: a decision from these events alone;
  `answer_check`: verifies both.
"""
