"""What a witness may cosign, case by case as the specification (C2SP tlog-witness) has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.ledger.checkpoints import TreeHead
from erstwhile.domain.ledger.hashing import leaf_hash, node_hash
from erstwhile.domain.ledger.notes import KeyType, MalformedNote, Note
from erstwhile.domain.ledger.proofs import consistency_proof
from erstwhile.domain.ledger.ranges import range_hash
from erstwhile.domain.ledger.signing import Signer, signed
from erstwhile.domain.ledger.witnessing import AddCheckpoint, Refused, parse_add_checkpoint, to_cosign

ORIGIN = "audit.example/log"
OURS, OTHER = (Signer(ORIGIN, KeyType.ED25519, bytes([number] * 32)) for number in (1, 2))
LOGS = {ORIGIN: [OURS.key]}


def node(level: int, index: int, twin: int = -1) -> bytes:
    """Of a tree whose leaf `twin` is another one."""
    if level == 0:
        return leaf_hash(bytes([index, index == twin]))
    return node_hash(node(level - 1, 2 * index, twin), node(level - 1, 2 * index + 1, twin))


def head(size: int, twin: int = -1) -> TreeHead:
    return TreeHead(ORIGIN, size, range_hash(0, size, lambda level, index: node(level, index, twin)))


def request(old: int, new: int, signer: Signer = OURS, twin: int = -1) -> AddCheckpoint:
    proof = consistency_proof(old, new, lambda level, index: node(level, index, twin)) if old <= new else []
    return AddCheckpoint(old, tuple(proof), signed(head(new, twin), [signer], 5))


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_tree_that_goes_on_is_cosigned(old: int, more: int) -> None:
    cosigned = {ORIGIN: head(old)} if old else {}
    asked = parse_add_checkpoint(str(request(old, old + more)).encode())
    assert asked == request(old, old + more)
    assert to_cosign(asked, LOGS, cosigned) == head(old + more)


@given(st.integers(1, 40), st.integers(1, 20), st.integers(0, 60))
def test_another_history_never_is(old: int, more: int, twin: int) -> None:
    """Of a log with another event before the end of what was cosigned."""
    twin %= old
    with pytest.raises(Refused) as refused:
        to_cosign(request(old, old + more, twin=twin), LOGS, {ORIGIN: head(old)})
    assert refused.value.status == 422
    with pytest.raises(Refused) as refused:
        to_cosign(request(old, old, twin=twin), LOGS, {ORIGIN: head(old)})
    assert (refused.value.status, refused.value.size) == (409, old)


@pytest.mark.parametrize(
    ("asked", "status", "size"),
    [
        (request(3, 7), 409, 5),
        (request(0, 7), 409, 5),
        (request(9, 12), 409, 5),
        (request(9, 7), 400, None),
        (request(5, 7, OTHER), 403, None),
        (AddCheckpoint(5, (), request(5, 7).checkpoint), 422, None),
        (AddCheckpoint(5, (bytes(32),), request(5, 5).checkpoint), 422, None),
        (AddCheckpoint(5, (), Note(head(7).text(), signed(head(6), [OURS], 5).signatures)), 403, None),
        (AddCheckpoint(0, (), signed(TreeHead("other/log", 7, bytes(32)), [OURS], 5)), 404, None),
    ],
)
def test_what_is_refused(asked: AddCheckpoint, status: int, size: int | None) -> None:
    with pytest.raises(Refused) as refused:
        to_cosign(asked, LOGS, {ORIGIN: head(5)})
    assert (refused.value.status, refused.value.size) == (status, size)
    with pytest.raises(Refused):
        to_cosign(AddCheckpoint(0, (bytes(32),), request(0, 7).checkpoint), LOGS, {})


@pytest.mark.parametrize(
    "before",
    [b"", b"old", b"old -1", b"old 01", b"new 1", b"old 1\n!", b"old 1" + b"\nAAAA" * 64, b"old 9223372036854775808"],
)
def test_what_is_no_request(before: bytes) -> None:
    with pytest.raises(MalformedNote):
        parse_add_checkpoint(before + b"\n\n" + str(signed(head(1), [OURS], 5)).encode())
