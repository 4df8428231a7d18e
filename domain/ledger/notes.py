"""Signed notes (C2SP signed-note): text, and lines with the signatures of those who stand for it."""

from __future__ import annotations

import base64
import binascii
import re
from enum import IntEnum
from hashlib import sha256

import msgspec

from erstwhile.domain.vocabulary.malformed import MalformedInput

LARGEST = 1_000_000
"""Bytes of a note that is read."""
_DASH = "— "
_ID = 4
"""Bytes of a key's id."""
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class MalformedNote(MalformedInput):
    """a text that is no signed note"""

    code = "malformed_note"


class MalformedKey(MalformedInput):
    """a text that is no key of a ledger"""

    code = "malformed_key"


class KeyType(IntEnum):
    """Types of signatures that are understood here."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44_COSIGNATURE = 0x06


PUBLIC_SIZES = {KeyType.ED25519: 32, KeyType.ED25519_COSIGNATURE: 32, KeyType.ML_DSA_44_COSIGNATURE: 1312}
"""Bytes of a public key."""


class VerifierKey(msgspec.Struct, frozen=True):
    """What signatures of one name and key are checked with."""

    name: str
    type: KeyType
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:_ID]

    def __str__(self) -> str:
        """`name+hex(id)+base64(type ‖ public key)`"""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.type]) + self.public).decode()}"


class Signature(msgspec.Struct, frozen=True):
    """A line under a note, not verified."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.blob).decode()}\n"


class Note(msgspec.Struct, frozen=True):
    """`text` ends with a newline."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))


def parse_note(data: bytes) -> Note:
    """Raises MalformedNote."""
    if len(data) > LARGEST:
        raise MalformedNote(f"the note is longer than {LARGEST:,} bytes")
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise MalformedNote("the note is not UTF-8") from None
    if _CONTROL.search(text):
        raise MalformedNote("the note has a control character that is not a newline")
    body, between, lines = text.rpartition("\n\n")
    if not between or not lines.endswith("\n"):
        raise MalformedNote(
            "a note is text, an empty line, and one line or more that begin with “— ” and end with a newline"
        )
    return Note(body + "\n", tuple(_signature(line) for line in lines.removesuffix("\n").split("\n")))


def parse_signatures(text: str) -> tuple[Signature, ...]:
    """Lines of signatures without a note, as a witness answers. Raises MalformedNote."""
    return tuple(_signature(line) for line in text.removesuffix("\n").split("\n"))


def _signature(line: str) -> Signature:
    name, between, blob = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not between or not _NAME.fullmatch(name):
        raise MalformedNote(f"{line[:80]!r} is no signature: expected “— name base64”")
    try:
        signed = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote(f"the signature of {name} is not base64") from None
    if len(signed) <= _ID:
        raise MalformedNote(f"the signature of {name} is too short")
    return Signature(name, signed[:_ID], signed[_ID:])


def parse_verifier_key(text: str) -> VerifierKey:
    """`name+hex(id)+base64(type ‖ public key)`. Raises MalformedKey."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    if not _NAME.fullmatch(name):
        raise MalformedKey("a public key is written name+id+base64; this has no name before the first +")
    key_type, public = parse_key_material(name, encoded)
    if len(public) != PUBLIC_SIZES[key_type]:
        raise MalformedKey(f"the public key of {name} has {len(public)} bytes, not {PUBLIC_SIZES[key_type]}")
    key = VerifierKey(name, key_type, public)
    if key.id.hex() != key_id:
        raise MalformedKey(f"the public key of {name} does not have the id {key_id[:20]!r} but {key.id.hex()}")
    return key


def parse_key_material(name: str, encoded: str) -> tuple[KeyType, bytes]:
    """base64(type ‖ key) → type and key. Raises MalformedKey; the message has nothing of the key."""
    try:
        material = base64.b64decode(encoded, validate=True)
        return KeyType(material[0]), material[1:]
    except (binascii.Error, IndexError):
        raise MalformedKey(f"the key of {name} is not base64") from None
    except ValueError:
        known = ", ".join(f"{each.value} ({each.name.lower()})" for each in KeyType)
        raise MalformedKey(f"the key of {name} is of a type that is not known here; known are {known}") from None
