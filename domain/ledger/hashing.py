"""Hashes of leaves and nodes (RFC 6962, section 2.1; RFC 9162, section 2.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

SIZE = 32
"""Bytes of a hash."""
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(edge: Sequence[bytes]) -> bytes:
    """The root of a tree that consists of these perfect subtrees, left to right, each smaller than the one before."""
    if not edge:
        return EMPTY_ROOT
    whole = edge[-1]
    for left in reversed(edge[:-1]):
        whole = node_hash(left, whole)
    return whole


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root of a perfect subtree from the hashes of one level, as many as a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
