"""Roots and proofs against `pymerkle`, which shares nothing with ours."""

from __future__ import annotations

import pymerkle
import pytest

from erstwhile.domain.ledger.hashing import leaf_hash, node_hash
from erstwhile.domain.ledger.proofs import inclusion_proof
from erstwhile.domain.ledger.tree import GrowingTree

ENTRIES = [f"entry {number}".encode() for number in range(300)]
SIZES = (1, 2, 3, 7, 8, 9, 100, 128, 200, 255, 256, 257, 300)


def node(level: int, index: int) -> bytes:
    if level == 0:
        return leaf_hash(ENTRIES[index])
    return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))


def root(size: int) -> bytes:
    tree = GrowingTree()
    tree.extend(leaf_hash(entry) for entry in ENTRIES[:size])
    return tree.root()


def test_roots_and_proofs_are_those_of_pymerkle() -> None:
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        theirs.append_entry(entry)
    for size in SIZES:
        assert theirs.get_root(size) == root(size)
        for index in range(0, size, 7):
            proof = theirs.prove_inclusion(index + 1, size)
            own = inclusion_proof(index, size, node)
            assert [bytes.fromhex(each) for each in proof.serialize()["path"]] == [leaf_hash(ENTRIES[index]), *own]
            pymerkle.verify_inclusion(leaf_hash(ENTRIES[index]), root(size), proof)
        for old in range(1, size + 1, 13):
            pymerkle.verify_consistency(root(old), root(size), theirs.prove_consistency(old, size))
        with pytest.raises(pymerkle.InvalidProof):
            pymerkle.verify_inclusion(leaf_hash(b"another"), root(size), theirs.prove_inclusion(1, size))
