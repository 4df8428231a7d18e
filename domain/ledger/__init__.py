"""The ledger: a Merkle tree over all events, by which anybody can check that the log was not altered.

- `hashing`: hashes of leaves and nodes (RFC 6962).
- `ranges`: which parts of the tree a root or a proof is made of, and how they are made of perfect subtrees.
- `tree`: a tree that grows at its right edge.
- `tiles`: nodes by the tiles that hold them (C2SP tlog-tiles).
- `proofs`: inclusion and consistency proofs; `verify_proofs` checks them, and shares nothing with the former.
- `some_leaves`: one proof for many leaves.
- `leaves`: an event's commitment: the entry that the tree is made of.
- `decision_leaves`: a served decision's commitment, for the tree over the decision log.
- `notes`: signed notes and their public keys; `checkpoints`: the size and root of the tree; `signing`: private keys,
  and what they sign; `receipts`: an inclusion proof with its checkpoint, to be verified offline.
- `witnessing`: what a log asks of a witness, and what a witness answers.
- `answer_file`: an answer with the proof of the events that it rests on.
- `tampering`: from the entries as they were and as they are, what was done to the log, and where;
  `remade_tree`: the tree as the events make it, held against the checkpoints.
"""
