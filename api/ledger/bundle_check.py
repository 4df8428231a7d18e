"""Verifies a bundle with its public keys alone. Whoever made it may be hostile: nothing is unpacked to the disk, no
file is read beyond what its manifest says, and memory is needed for a line of it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from erstwhile.api.ledger.bundle_text import CHECKPOINT, DETAILS, EVENTS, FORMAT, MANIFEST, PROOF, TREE
from erstwhile.domain.ledger.checkpoints import TreeHead, parse_head
from erstwhile.domain.ledger.hashing import SIZE, leaf_hash
from erstwhile.domain.ledger.leaves import entry_of
from erstwhile.domain.ledger.notes import LARGEST, Note, VerifierKey, parse_note
from erstwhile.domain.ledger.signing import BadSignature, verified
from erstwhile.domain.ledger.some_leaves import PartsInOrder
from erstwhile.domain.ledger.tampering import tampering_at
from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.typed import decode, decoder

_FILES = 200_000
"""Files of a bundle, at most."""
_MANIFEST = 64 << 20
"""Bytes of a manifest, at most."""
_TREE_LINE = 300
_LINE = 64 << 20
"""Bytes of an event or its details, at most."""
_CHUNK = 1 << 16
_AHEAD = 1_000
"""Events after the first that does not fit, by which it is told what was done."""


class MalformedBundle(MalformedInput):
    """a file that is no bundle, or one that is damaged"""

    code = "malformed_bundle"


class Listed(msgspec.Struct, frozen=True):
    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    files: list[Listed]
    format: str = ""


class _Part(msgspec.Struct, frozen=True):
    """A line of the tree: `position` and `leaf` of an event, or the other three."""

    position: int = 0
    leaf: str = ""
    level: int = -1
    index: int = -1
    hash: str = ""


class _Details(msgspec.Struct, frozen=True):
    position: int
    salt: str
    details: str


class _Envelope(msgspec.Struct, frozen=True):
    details_sha256: str = ""


class _Event(msgspec.Struct, frozen=True):
    data: _Envelope


class BundleVerdict(msgspec.Struct, frozen=True):
    """`problem`: what does not fit, '' where all does; `position`: of the first event that does not, if one is named.
    `events`: how many are proven; `details`: how many of them have details that fit. `note`: the checkpoint."""

    problem: str
    position: int | None
    kind: str
    events: int
    details: int
    files: int
    head: TreeHead
    signers: tuple[str, ...]
    note: Note


class _Found(Exception):
    def __init__(self, problem: str, position: int | None = None, kind: str = "changed") -> None:
        super().__init__(problem)
        self.position, self.kind = position, kind


def verify_bundle(path: Path, keys: Sequence[VerifierKey]) -> BundleVerdict:
    """Raises MalformedBundle, MalformedNote, OSError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _Bundle(archive).verdict(keys)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise MalformedBundle(f"it is damaged, or no ZIP file that is read here: {error}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedBundle(f"it has a line that is not what a bundle has there: {error}") from None


class _Bundle:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Raises MalformedBundle."""
        self._archive = archive
        entries = archive.infolist()
        names = [each.filename for each in entries]
        if len(names) > _FILES:
            raise MalformedBundle(f"it has {len(names):,} files; at most {_FILES:,} are read")
        if len(set(names)) != len(names):
            raise MalformedBundle("two of its files have the same name")
        if MANIFEST not in names:
            raise MalformedBundle(f"it has no {MANIFEST}: it is no bundle")
        self._names = set(names) - {MANIFEST}
        manifest = decode(self._whole(MANIFEST, _MANIFEST), Manifest)
        self._listed = {each.name: each for each in manifest.files}
        self.folder = next((name.removesuffix(TREE) for name in (PROOF + TREE, TREE) if name in self._names), None)
        if self.folder is None or (self.folder == "" and manifest.format != FORMAT):
            raise MalformedBundle(f"it has no proof that is read here: a bundle of this release is {FORMAT}")

    def verdict(self, keys: Sequence[VerifierKey]) -> BundleVerdict:
        note = parse_note(self._whole(self._proof(CHECKPOINT), LARGEST))
        head = parse_head(note.text)
        signers: tuple[str, ...] = ()
        events = details = 0
        problem, position, kind = "", None, ""
        try:
            signers = _signers(note, keys)
            self._prove_tree(head)
            events = self._prove_events()
            details = self._prove_details()
            self._match_manifest()
        except _Found as found:
            problem, position, kind = str(found), found.position, found.kind
        return BundleVerdict(problem, position, kind, events, details, len(self._names), head, signers, note)

    def _prove_tree(self, head: TreeHead) -> None:
        made = PartsInOrder()
        try:
            for part in self._parts():
                if part.position > 0:
                    made.add(0, part.position - 1, _hash(part.leaf))
                else:
                    made.add(part.level, part.index, _hash(part.hash))
        except (MalformedBundle, msgspec.MsgspecError):
            raise
        except ValueError as error:
            raise _Found(f"{TREE}: {error}", kind="tree changed") from None
        if (made.size, made.root()) != (head.size, head.root):
            raise _Found(f"{TREE} does not make the root that was signed", kind="tree changed")

    def _prove_events(self) -> int:
        """Raises _Found at the first event that is not the one that was committed to."""
        count = 0
        parts, lines = self._leaves(), self._lines(self._proof(EVENTS), _LINE)
        for part in parts:
            line = next(lines, None)
            leaf = _hash(part.leaf)
            found = leaf_hash(entry_of(line)) if line is not None else None
            if found != leaf:
                committed = [leaf, *(_hash(each.leaf) for each in islice(parts, _AHEAD))]
                later = [leaf_hash(entry_of(each)) for each in islice(lines, _AHEAD)]
                told = tampering_at(part.position, committed, [found, *later] if found is not None else [])
                raise _Found(told.explanation, part.position, told.kind.value)
            count += 1
        if next(lines, None) is not None:
            raise _Found(f"{EVENTS} has more events than are proven", None, "inserted")
        return count

    def _prove_details(self) -> int:
        """The salted hash of each is in its event."""
        name, count = self._proof(DETAILS), 0
        if name not in self._names:
            return 0
        pairs = zip(self._leaves(), self._lines(self._proof(EVENTS), _LINE), strict=True)
        for line in self._lines(name, _LINE):
            given = decode(line, _Details)
            event = next((text for part, text in pairs if part.position == given.position), None)
            if event is None:
                raise _Found(f"{DETAILS} names position {given.position:,}, which is not proven, or not in order")
            expected = decode(event, _Event).data.details_sha256
            if sha256(_bytes(given.salt) + given.details.encode()).hexdigest() != expected:
                why = "address, agent or session are not those whose salted hash the event has"
                raise _Found(why, given.position, "details changed")
            count += 1
        return count

    def _match_manifest(self) -> None:
        if self._listed.keys() != self._names:
            [first, *_] = sorted(self._listed.keys() ^ self._names)
            raise _Found(
                f"{first} is {'missing' if first in self._listed else 'in no manifest'}", None, "files changed"
            )
        for name, listed in sorted(self._listed.items()):
            digest, size = sha256(), 0
            with self._archive.open(name) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    if size > listed.bytes:
                        break
            if (size, digest.hexdigest()) != (listed.bytes, listed.sha256):
                raise _Found(f"{name} is not the file that the manifest names", None, "files changed")

    def _proof(self, name: str) -> str:
        return f"{self.folder}{name}"

    def _parts(self) -> Iterator[_Part]:
        read = decoder(_Part).decode
        return (read(line) for line in self._lines(self._proof(TREE), _TREE_LINE))

    def _leaves(self) -> Iterator[_Part]:
        return (part for part in self._parts() if part.position > 0)

    def _whole(self, name: str, largest: int) -> bytes:
        with self._open(name) as file:
            data = file.read(largest + 1)
        if len(data) > largest:
            raise MalformedBundle(f"{name} has more than {largest:,} bytes")
        return data

    def _lines(self, name: str, longest: int) -> Iterator[bytes]:
        """Lines without their newlines, as many bytes as the manifest says."""
        allowed = self._listed[name].bytes if name in self._listed else 0
        with self._open(name) as file:
            while line := file.readline(longest + 2):
                allowed -= len(line)
                if allowed < 0:
                    raise MalformedBundle(f"{name} is longer than the manifest says")
                if not line.endswith(b"\n") or len(line) > longest + 1:
                    raise MalformedBundle(f"{name} has a line of more than {longest:,} bytes, or one without its end")
                yield line[:-1]

    def _open(self, name: str) -> IO[bytes]:
        try:
            return self._archive.open(name)
        except KeyError:
            raise MalformedBundle(f"it has no {name}") from None


def _signers(note: Note, keys: Sequence[VerifierKey]) -> tuple[str, ...]:
    try:
        found = tuple(sorted({key.name for key in verified(note, keys)}))
    except BadSignature as error:
        raise _Found(str(error), None, "re-signed") from None
    if not found:
        raise _Found("none of the given keys has signed the checkpoint", None, "re-signed")
    return found


def _hash(text: str) -> bytes:
    found = _bytes(text)
    if len(found) != SIZE:
        raise MalformedBundle(f"{text[:80]!r} is no hash of {SIZE} bytes")
    return found


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise MalformedBundle(f"{text[:80]!r} is not in hexadecimal digits") from None
