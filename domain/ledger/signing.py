"""Keys that sign checkpoints: Ed25519 (RFC 8032), and ML-DSA-44 (FIPS 204) as C2SP tlog-cosignature has it.

A private key is a line `PRIVATE+KEY+name+id+base64(type ‖ seed)`, as the Go tools write those of notes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.notes import KeyType, MalformedKey, Note, Signature, VerifierKey, parse_key_material

_PREFIX = "PRIVATE+KEY+"
_SEED = 32
"""Bytes of a private key's seed, of either kind."""
_TIMESTAMP = 8
"""Bytes before a cosignature."""


class Signer:
    """Signs with one key. The private key never leaves it but by `private_text`."""

    def __init__(self, name: str, key_type: KeyType, seed: bytes) -> None:
        """Raises MalformedKey for a seed that has not 32 bytes."""
        if len(seed) != _SEED:
            raise MalformedKey(f"the private key of {name} has {len(seed)} bytes, not {_SEED}")
        self._seed = seed
        self._private: Ed25519PrivateKey | MLDSA44PrivateKey
        if key_type is KeyType.ML_DSA_44_COSIGNATURE:
            self._private = MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name, key_type, self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.key.name}+{self.key.id.hex()})"

    def private_text(self) -> str:
        material = base64.b64encode(bytes([self.key.type]) + self._seed).decode()
        return f"{_PREFIX}{self.key.name}+{self.key.id.hex()}+{material}"

    def sign(self, head: TreeHead, timestamp: int) -> Signature:
        """`timestamp`: seconds since 1970, which a cosignature says."""
        signed = self._private.sign(_message(head, self.key, timestamp))
        stamp = b"" if self.key.type is KeyType.ED25519 else timestamp.to_bytes(_TIMESTAMP, "big")
        return Signature(self.key.name, self.key.id, stamp + signed)


def parse_signer(line: str) -> Signer:
    """A line with a private key. Raises MalformedKey, whose message has nothing of the key."""
    name, _, rest = line.strip().removeprefix(_PREFIX).partition("+")
    key_id, _, encoded = rest.partition("+")
    if not line.startswith(_PREFIX) or not name or not encoded:
        raise MalformedKey(f"a private key is written {_PREFIX}name+id+base64")
    signer = Signer(name, *parse_key_material(name, encoded))
    if signer.key.id.hex() != key_id:
        raise MalformedKey(f"the private key of {name} does not have the id that stands before it: is it cut off?")
    return signer


def signed(head: TreeHead, signers: Iterable[Signer], timestamp: int) -> Note:
    """A checkpoint. `timestamp`: seconds since 1970."""
    return Note(head.text(), tuple(signer.sign(head, timestamp) for signer in signers))


class BadSignature(ValueError):
    """A signature of a known key that does not verify."""


def verified(note: Note, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """The keys among these that have signed the checkpoint; signatures of other keys are passed over (C2SP
    signed-note). Raises BadSignature for one of a known key that is wrong, MalformedNote for a note that is no
    checkpoint."""
    head = parse_head(note.text)
    known = {(key.name, key.id): key for key in keys}
    found = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            if not _verifies(head, key, signature.blob):
                raise BadSignature(f"the signature of {key.name} ({key.id.hex()}) does not verify")
            found.append(key)
    return found


def signed_at(signature: Signature, key: VerifierKey) -> int | None:
    """Seconds since 1970, where the signature says when it was made."""
    return None if key.type is KeyType.ED25519 else int.from_bytes(signature.blob[:_TIMESTAMP], "big")


def _verifies(head: TreeHead, key: VerifierKey, blob: bytes) -> bool:
    timestamp = 0
    if key.type is not KeyType.ED25519:
        timestamp, blob = int.from_bytes(blob[:_TIMESTAMP], "big"), blob[_TIMESTAMP:]
        if timestamp >= 1 << 63:
            return False
    public = (
        MLDSA44PublicKey.from_public_bytes(key.public)
        if key.type is KeyType.ML_DSA_44_COSIGNATURE
        else Ed25519PublicKey.from_public_bytes(key.public)
    )
    try:
        public.verify(blob, _message(head, key, timestamp))
    except InvalidSignature:
        return False
    return True


def _message(head: TreeHead, key: VerifierKey, timestamp: int) -> bytes:
    """What is signed: the text itself, or what C2SP tlog-cosignature makes of it."""
    if key.type is KeyType.ED25519:
        return head.text().encode()
    if key.type is KeyType.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp}\n{head.text()}".encode()
    return b"".join((
        b"subtree/v1\n\0", _short(key.name), timestamp.to_bytes(8, "big"), _short(head.origin), bytes(8),
        head.size.to_bytes(8, "big"), head.root,
    ))  # fmt: skip


def _short(text: str) -> bytes:
    """A text of up to 255 bytes with its length before it (RFC 8446, section 3.4)."""
    data = text.encode()
    return bytes([len(data)]) + data
