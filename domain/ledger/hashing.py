"""Hashes of leaves and nodes (RFC 6962, section 2.1; RFC 9162, section 2.1.1)."""

from __future__ import annotations

from hashlib import sha256

SIZE = 32
"""Bytes of a hash."""
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
