"""Submits our checkpoints to the witnesses of ERSTWHILE_WITNESSES, and keeps their cosignatures. Each has a thread of
its own: one that is slow or away stops nobody, and is counted and said."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from erstwhile.api.background.rounds import Rounds
from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.ledger.outgoing import PostFailed, is_address, post
from erstwhile.domain.ledger.checkpoints import LARGEST, TreeHead, parse_head
from erstwhile.domain.ledger.notes import (
    MalformedKey,
    MalformedNote,
    Note,
    VerifierKey,
    parse_signatures,
    parse_verifier_key,
)
from erstwhile.domain.ledger.signing import BadSignature, signed_at, verified
from erstwhile.domain.ledger.witnessing import AddCheckpoint
from erstwhile.domain.vocabulary.numbers import parse_number
from erstwhile.projections.ledger import proving
from erstwhile.projections.ledger.cosigning import add_signatures, note_failure, note_success
from erstwhile.projections.ledger.keeper import latest
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile.witnesses")

EVERY = 1.0
"""Seconds between two looks for a new checkpoint."""
LONGEST_PAUSE = 300.0
"""Seconds after which a witness that fails is asked again, at most."""
_AHEAD = 3_600
"""Seconds by which a witness's clock may be ahead of ours."""


class WitnessAddress(msgspec.Struct, frozen=True):
    """`keys`: those of the one witness behind this URL."""

    url: str
    keys: tuple[VerifierKey, ...]

    @property
    def name(self) -> str:
        return self.keys[0].name


class WitnessFailed(Exception):
    """The witness did not cosign; the message says why."""


def from_environment() -> list[WitnessAddress]:
    """ERSTWHILE_WITNESSES: `KEY URL`, with commas or newlines between them; a witness with two keys stands there twice.
    Raises MalformedSetting."""
    found: dict[str, list[VerifierKey]] = {}
    for entry in filter(str.strip, re.split(r"[\n,]", os.environ.get("ERSTWHILE_WITNESSES", ""))):
        words = entry.split()
        if len(words) != 2:
            raise MalformedSetting(f"ERSTWHILE_WITNESSES: expected a key and a URL, not {entry.strip()[:80]!r}")
        try:
            key = parse_verifier_key(words[0])
        except MalformedKey as error:
            raise MalformedSetting(f"ERSTWHILE_WITNESSES: {error}") from None
        url = words[1].rstrip("/")
        if not is_address(url) or "?" in url:
            raise MalformedSetting(f"ERSTWHILE_WITNESSES: {url[:80]!r} is no http or https URL of a witness")
        found.setdefault(url, []).append(key)
    return [WitnessAddress(url, tuple(keys)) for url, keys in found.items()]


class WitnessThread(Rounds):
    """Submits the latest checkpoint, where the witness has not cosigned it. `failures`: how many requests in a row
    failed."""

    known = (WitnessFailed, PostFailed)

    def __init__(self, address: WitnessAddress, connect: Callable[[], Connection]) -> None:
        super().__init__(f"witness {address.name}", log, first=EVERY, patience=2.0)
        self.words = f"{address.name} ({address.url}) does not cosign"
        self.address = address
        self.failures = 0
        self._connect = connect
        self._connection: Connection | None = None
        self._holder: Connection | None = None
        """The connection that has the lock."""
        self._size = 0
        """Of the tree that the witness has, as far as it told."""

    def close(self) -> None:
        super().close()
        self._leave()

    def _round(self) -> float:
        connection = self._opened()
        if not self._is_ours(connection):
            return EVERY
        note = latest(connection)
        if note is None or self._has(note):
            return EVERY
        try:
            self._submit(connection, note)
        except self.known as error:
            self.failures += 1
            note_failure(connection, self.address.url, self.address.name, str(error))
            raise
        if self.failures:
            log.warning("%s cosigns again", self.address.name)
        self.failures = 0
        return EVERY

    def _after(self, error: Exception) -> float:
        if isinstance(error, self.known):
            return min(LONGEST_PAUSE, EVERY * 2.0 ** min(self.failures, 10))
        self._leave()
        return EVERY

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._holder = None

    def _opened(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _is_ours(self, connection: Connection) -> bool:
        """One process of all asks a witness: the one whose connection has the lock."""
        if self._holder is not connection:
            row = connection.execute(
                "SELECT pg_try_advisory_lock(hashtext('erstwhile.witness'), hashtext(%s))", (self.address.url,)
            ).fetchone()
            self._holder = connection if row == (True,) else None
        return self._holder is connection

    def _has(self, note: Note) -> bool:
        names = {(key.name, key.id) for key in self.address.keys}
        return any((each.name, each.key_id) in names for each in note.signatures)

    def _submit(self, connection: Connection, note: Note) -> None:
        """Twice at most: a witness that says which tree it has is asked again from there."""
        head = parse_head(note.text)
        for _ in range(2):
            proof = tuple(proving.consistency(connection, self._size, head.size)) if self._size else ()
            status, body = post(f"{self.address.url}/add-checkpoint", str(AddCheckpoint(self._size, proof, note)))
            if status != 409:
                break
            self._size = _told_size(body, head, self._size)
        if status != 200:
            raise WitnessFailed(f"it answered {status}: {body[:200].decode('utf-8', 'replace').strip()}")
        note_with = _cosigned(note, body, self.address.keys)
        add_signatures(connection, head.size, note_with.signatures[len(note.signatures) :])
        self._size = head.size
        note_success(connection, self.address.url, self.address.name, head.size)


class WitnessThreads:
    """One for each witness."""

    def __init__(self, addresses: Sequence[WitnessAddress], connect: Callable[[], Connection]) -> None:
        self.threads = [WitnessThread(address, connect) for address in addresses]

    def rounds(self) -> Iterable[Rounds]:
        return self.threads

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def close(self) -> None:
        for thread in self.threads:
            thread.close()


def _told_size(body: bytes, head: TreeHead, asked: int) -> int:
    size = parse_number(body.decode("ascii", "replace").removesuffix("\n"), 0, LARGEST)
    if size is None:
        raise WitnessFailed("it answered 409 without the size of the tree that it has")
    if size > head.size:
        raise WitnessFailed(
            f"it has cosigned a tree of {size:,} events, and the log has {head.size:,}: was it cut off?"
        )
    if size == asked == head.size:
        raise WitnessFailed(f"it has cosigned another tree of {size:,} events: two histories of this log were shown")
    return size


def _cosigned(note: Note, body: bytes, keys: Sequence[VerifierKey]) -> Note:
    """The note with those of the answered signatures that are of the witness's keys. Raises WitnessFailed."""
    try:
        answered = parse_signatures(body.decode("utf-8", "strict"))
        known = {(key.name, key.id): key for key in keys}
        own = tuple(each for each in answered if (each.name, each.key_id) in known)
        if not own or not verified(Note(note.text, own), keys):
            raise WitnessFailed("none of its signatures is of a key that is configured for it")
    except (UnicodeDecodeError, MalformedNote, BadSignature) as error:
        raise WitnessFailed(f"it answered what is no cosignature: {error}") from None
    late = time.time() + _AHEAD
    for each in own:
        made = signed_at(each, known[each.name, each.key_id])
        if made is None or made > late:
            raise WitnessFailed("its cosignature does not say when it was made, or says a time that has not come")
    return Note(note.text, (*note.signatures, *own))
