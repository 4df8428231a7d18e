"""The ledger as a read model: tiles of the Merkle tree over the log, and signed checkpoints.

- `committed`: the events of the log as commitments.
- `tiles`: reads and writes tiles; `growing`: adds leaves at the tree's right edge.
- `keeper`: brings the tree to the head of the log; `signing`: signs checkpoints of a tree;
  `one_connection`: what keeps a tree has one; `broken`: what it raises where the tree cannot go on.
- `decisions_taken_in`: what was recorded of decisions is taken into the tree over them; `decision_tree`: keeps that
  tree, and signs it; `decision_proofs`: receipts of decisions, and whether they are what was signed.
- `proving`: proofs from the tiles that they need.
- `cosigning`: cosignatures of witnesses, and how each witness gets on.
- `selected`: some events with all that proves them, as streams of lines.
- `sources`: where log and ledger are read when they are verified; `hashing_ahead`: by processes that read ahead.
- `verifying`: compares the log with the tree and its checkpoints, and says what was done to it.
"""
