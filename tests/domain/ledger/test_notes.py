"""Signed notes, checkpoints and receipts, against the examples of their specifications."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest

from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.hashing import leaf_hash, node_hash
from erstwhile.domain.ledger.leaves import entry_of
from erstwhile.domain.ledger.notes import (
    KeyType,
    MalformedKey,
    MalformedNote,
    parse_note,
    parse_signatures,
    parse_verifier_key,
)
from erstwhile.domain.ledger.receipts import Receipt, parse_receipt
from erstwhile.domain.ledger.signing import BadSignature, Signer, parse_signer, signed, signed_at, verified

HEAD = TreeHead("example.com/log", 7, sha256(b"root").digest())
# The example of Go's package golang.org/x/mod/sumdb/note.
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
# The example of C2SP tlog-checkpoint.
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


@pytest.fixture(scope="module")
def signers() -> list[Signer]:
    return [Signer("example.com/log", key_type, bytes([key_type] * 32)) for key_type in KeyType]


def test_the_published_keys_belong_together() -> None:
    signer = parse_signer(PETER_PRIVATE)
    assert str(signer.key) == PETER_KEY
    assert parse_verifier_key(PETER_KEY) == signer.key
    assert signer.private_text() == PETER_PRIVATE
    assert PETER_PRIVATE[-20:] not in repr(signer)


def test_the_example_of_the_specification_is_read() -> None:
    note = parse_note(SOFA.encode())
    head = parse_head(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(note) == SOFA
    assert head.text() == note.text


def test_each_kind_of_key_signs_and_verifies(signers: list[Signer]) -> None:
    note = signed(HEAD, signers, 1_700_000_000)
    again = parse_note(str(note).encode())
    assert again == note
    keys = [parse_verifier_key(str(signer.key)) for signer in signers]
    assert verified(again, keys) == keys
    assert [signed_at(each, key) for each, key in zip(note.signatures, keys, strict=True)] == [
        None,
        1_700_000_000,
        1_700_000_000,
    ]
    assert len({key.id for key in keys}) == 3


def test_the_messages_of_cosignatures_are_those_of_the_specification(signers: list[Signer]) -> None:
    """Made here from the specification's words alone, and verified with the cryptographic library directly."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

    plain, ed25519, ml_dsa = (signer.sign(HEAD, 1679315147).blob for signer in signers)
    text = HEAD.text().encode()
    Ed25519PublicKey.from_public_bytes(signers[0].key.public).verify(plain, text)
    stamp = (1679315147).to_bytes(8, "big")
    assert ed25519[:8] == ml_dsa[:8] == stamp
    Ed25519PublicKey.from_public_bytes(signers[1].key.public).verify(
        ed25519[8:], b"cosignature/v1\ntime 1679315147\n" + text
    )
    name = b"\x0fexample.com/log"
    message = b"subtree/v1\n\x00" + name + stamp + name + bytes(8) + (7).to_bytes(8, "big") + HEAD.root
    MLDSA44PublicKey.from_public_bytes(signers[2].key.public).verify(ml_dsa[8:], message)


def test_a_signature_of_a_known_key_that_is_wrong_refuses_the_note(signers: list[Signer]) -> None:
    other = TreeHead("example.com/log", 8, HEAD.root)
    for signer in signers:
        note = parse_note((other.text() + "\n" + str(signer.sign(HEAD, 5))).encode())
        with pytest.raises(BadSignature, match=r"example\.com/log"):
            verified(note, [signer.key])
        assert verified(note, []) == []


def test_signatures_of_unknown_keys_are_passed_over(signers: list[Signer]) -> None:
    stranger = Signer("example.com/log", KeyType.ED25519, bytes(32))
    assert verified(signed(HEAD, [stranger, signers[0]], 5), [signers[0].key]) == [signers[0].key]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a note is text"),
        (b"text\n\n", "a note is text"),
        (b"text\n\nno dash AAAAAAA=\n", "is no signature"),
        (b"text\n\n\xe2\x80\x94 name AAAA\n", "too short"),
        (b"text\n\n\xe2\x80\x94 name ***\n", "not base64"),
        (b"te\txt\n\n\xe2\x80\x94 name AAAAAAA=\n", "control character"),
        (b"\xff\n\n\xe2\x80\x94 name AAAAAAA=\n", "not UTF-8"),
        (b"x" * 1_000_001, "longer than 1,000,000 bytes"),
    ],
)
def test_what_is_no_note(data: bytes, message: str) -> None:
    with pytest.raises(MalformedNote, match=message):
        parse_note(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("origin\n5\n", "an origin, a tree size and a root hash"),
        ("origin\n05\n" + base64.b64encode(bytes(32)).decode() + "\n", "no whole number"),
        ("origin\n9223372036854775808\n" + base64.b64encode(bytes(32)).decode() + "\n", "no whole number"),
        ("origin\n5\nAAAA\n", "not base64 of 32 bytes"),
        ("\n5\n" + base64.b64encode(bytes(32)).decode() + "\n", "an origin"),
        ("o" * 256 + "\n5\n" + base64.b64encode(bytes(32)).decode() + "\n", "more than 255 bytes"),
    ],
)
def test_what_is_no_checkpoint(text: str, message: str) -> None:
    with pytest.raises(MalformedNote, match=message):
        parse_head(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no name"),
        ("name", "is not base64"),
        ("name+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "does not have the id"),
        ("name+c74f20a3+CRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "type that is not known here"),
        ("name+c74f20a3+ARpc2QcU", "has 5 bytes, not 32"),
    ],
)
def test_what_is_no_public_key(text: str, message: str) -> None:
    with pytest.raises(MalformedKey, match=message):
        parse_verifier_key(text)


@pytest.mark.parametrize("text", ["", PETER_KEY, PETER_PRIVATE[:-4], PETER_PRIVATE.replace("c74f", "c74e")])
def test_what_is_no_private_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(MalformedKey) as caught:
        parse_signer(text)
    assert "AYEKFALV" not in str(caught.value)


def test_a_receipt_is_read_as_it_was_written(signers: list[Signer]) -> None:
    receipt = Receipt(5, (sha256(b"a").digest(), sha256(b"b").digest()), signed(HEAD, signers[:1], 0))
    text = str(receipt)
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 5\nypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=\n")
    assert parse_receipt(text.encode()) == receipt
    with_extra = parse_receipt(text.replace("\n", "\nextra AAAA\n", 1).encode())
    assert (with_extra.extra, with_extra.index, with_extra.proof) == (bytes(3), receipt.index, receipt.proof)
    assert parse_receipt(str(with_extra).encode()) == with_extra
    assert parse_receipt(str(Receipt(0, (), receipt.checkpoint)).encode()).proof == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "begins with a line"),
        (b"c2sp.org/tlog-proof@v1\n\nx", "second line"),
        (b"c2sp.org/tlog-proof@v1\nindex 05\n\nx", "second line"),
        (b"c2sp.org/tlog-proof@v1\nindex 5\n***\n\n" + SOFA.encode(), "not base64"),
        (b"c2sp.org/tlog-proof@v1\nindex 5\n" + b"AAAA\n" * 64 + b"\n" + SOFA.encode(), "at most 63"),
    ],
)
def test_what_is_no_receipt(data: bytes, message: str) -> None:
    with pytest.raises(MalformedNote, match=message):
        parse_receipt(data)


def test_lines_of_a_witness_are_read_alone(signers: list[Signer]) -> None:
    lines = "".join(str(signer.sign(HEAD, 5)) for signer in signers)
    assert [each.key_id for each in parse_signatures(lines)] == [signer.key.id for signer in signers]


def test_a_receipt_proves_one_event_at_one_place(signers: list[Signer]) -> None:
    leaves = [leaf_hash(entry_of(text)) for text in (b"a", b"b", b"c")]
    root = node_hash(node_hash(leaves[0], leaves[1]), leaves[2])
    note = signed(TreeHead("example.com/log", 3, root), signers[:1], 0)
    receipt = Receipt(1, (leaves[0], leaves[2]), note)
    assert receipt.proves(b"b")
    assert not receipt.proves(b"a")
    assert not Receipt(0, receipt.proof, note).proves(b"b")
