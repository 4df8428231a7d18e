"""Holds imported files against CloudTrail's own digest files, which lie in the same folder."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from erstwhile.api.imports.files import DEFAULT_MAX_BYTES, ImportRefused, Part, parts_of, read_part, read_raw
from erstwhile.domain.observed.cloudtrail.digest_files import (
    Delivery,
    DigestFile,
    DigestFinding,
    MalformedDigest,
    PublicKeys,
    State,
    check,
    parse_digest,
)
from erstwhile.projections.sql import Connection

_MARK = "_CloudTrail-Digest_"
_STORE = (
    "INSERT INTO digest_verdict (sha256, verdict, digest) VALUES (%s, %s, %s) ON CONFLICT (sha256) DO UPDATE "
    "SET verdict = excluded.verdict, digest = excluded.digest, checked_at = excluded.checked_at"
)


class DigestCheck:
    """What the digests among some files say of the others. `findings`: what is wrong, in the order of time, then of the
    files that were looked at."""

    def __init__(self, paths: Sequence[Path], keys: PublicKeys, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        """Reads the digests among these files."""
        self.findings: list[DigestFinding] = []
        self.counts: dict[State, int] = {}
        self._max_bytes = max_bytes
        digests = [found for path in paths for part in _parts(path) if (found := self._digest(part)) is not None]
        self.delivery: Delivery = check(digests, keys)
        self.findings += self.delivery.findings
        self._missing = dict(self.delivery.logs)

    def look_at(self, path: Path, connection: Connection) -> None:
        """Notes the verdict on a file's logs, and stores it."""
        for part in _parts(path):
            if not _is_digest(part):
                self._look_at(part, connection)

    def finish(self) -> None:
        """Log files that digests name and that were not looked at are missing."""
        for log, _ in self._missing.values():
            self.findings.append(
                DigestFinding("log file missing", log.s3_object, "a digest names it, and it is not here")
            )
        self._missing = {}

    def _digest(self, part: Part) -> DigestFile | None:
        if not _is_digest(part):
            return None
        try:
            return parse_digest(read_part(part, self._max_bytes).data)
        except (ImportRefused, MalformedDigest) as error:
            self.findings.append(DigestFinding("digest unreadable", part.name, str(error)))
            return None

    def _look_at(self, part: Part, connection: Connection) -> None:
        try:
            raw = read_raw(part, self._max_bytes)
            content, is_appended = _first_member(raw, self._max_bytes)
        except (ImportRefused, zlib.error):
            return  # the import says what is wrong with it
        name = part.name.rpartition("/")[2].rpartition("!")[2]
        state, digest = self.delivery.state_of(name, sha256(content).hexdigest(), is_appended)
        self._missing.pop(name, None)
        self.counts[state] = self.counts.get(state, 0) + 1
        if state is State.ALTERED:
            self.findings.append(DigestFinding("log file altered", part.name, f"it is not what {digest} names"))
        elif state is State.APPENDED:
            explanation = "there is more in it than was delivered: everything behind the first gzip member"
            self.findings.append(DigestFinding("log file appended to", part.name, explanation))
        connection.execute(_STORE, (sha256(raw).digest(), state.value, digest))


def verdict_of(connection: Connection, account: str, record_id: str) -> tuple[str, str] | None:
    """(verdict, digest) on the file that a record came with; None where its file was held against no digests."""
    row = connection.execute(
        "SELECT v.verdict, v.digest FROM activity a JOIN evidence_block b USING (block_id) "
        "JOIN imported_file f USING (file_id) JOIN digest_verdict v ON v.sha256 = f.sha256 "
        "WHERE a.account = %s AND a.record_id = %s",
        (account, record_id),
    ).fetchone()
    return (row[0], row[1]) if row is not None else None


def _is_digest(part: Part) -> bool:
    return _MARK in part.name


def _parts(path: Path) -> list[Part]:
    try:
        return parts_of(path)
    except ImportRefused:
        return []  # the import says what is wrong with it


def _first_member(raw: bytes, max_bytes: int) -> tuple[bytes, bool]:
    """The inflated content of the first gzip member, which is what CloudTrail hashed, and whether more follows it."""
    if raw[:2] != b"\x1f\x8b":
        return raw, False
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    content = inflater.decompress(raw, max_bytes)
    return content, bool(inflater.unused_data)
