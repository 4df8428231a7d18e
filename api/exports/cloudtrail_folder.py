"""A folder as CloudTrail delivers it: log files by account, region and day, and digests that name and sign them.

CloudTrail keeps a digest's signature beside it, in S3; a folder has no such place. So each digest gives the signature
of the one before it, as CloudTrail's do, and each chain ends with a digest that names no log file.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO

from erstwhile.api.exports.digest_key import DigestKey
from erstwhile.domain.exports.trail.log_files import (
    Digest,
    LogFile,
    digest_object,
    digest_text,
    log_object,
    text_to_sign,
)
from erstwhile.projections.trail_export import FiledRecord

RECORDS = 10_000
"""Records of a log file, at the most."""
PUBLIC_KEYS = "digest-public-keys"


class NotEmpty(Exception):
    """The folder has something in it."""


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that gets its name once all of it is there: what ends in between leaves nothing. Raises NotEmpty,
    OSError."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise NotEmpty
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent))
    try:
        yield part
        umask = os.umask(0o077)
        os.umask(umask)
        part.chmod(0o777 & ~umask)
        part.replace(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


class TrailFolder:
    """Writes records, which come by account and by time. Memory does not grow with them."""

    def __init__(self, folder: Path, key: DigestKey) -> None:
        self._folder = folder
        self._key = key
        self._open: dict[str, _OpenLog] = {}
        self._written: dict[str, list[LogFile]] = {}
        self._last: dict[tuple[str, str], Digest] = {}
        self._day: tuple[str, datetime] = ("", datetime.min)
        self.files = self.records = 0

    def write(self, records: Iterable[FiledRecord]) -> None:
        """Writes all of it, and the public key beside it. Raises OSError."""
        try:
            for each in records:
                self._add(each)
            self._end_day()
        finally:
            for log in self._open.values():
                log.abandon()
        for (account, region), last in sorted(self._last.items()):
            self._digest(account, region, last.end, last.end + timedelta(seconds=1), [])
        (self._folder / PUBLIC_KEYS).write_bytes(self._key.public_keys())

    def _add(self, record: FiledRecord) -> None:
        day = (record.account, record.at.replace(hour=0, minute=0, second=0, microsecond=0))
        if day != self._day:
            self._end_day()
            self._day = day
        log = self._open.get(record.region)
        if log is not None and log.records >= RECORDS:
            self._close(record.region)
            log = None
        if log is None:
            part = len(self._written.get(record.region, ()))
            name = log_object(record.account, _in_a_name(record.region), record.at, part)
            log = self._open[record.region] = _OpenLog(self._folder, name, record.at)
        log.add(record)
        self.records += 1

    def _close(self, region: str) -> None:
        self._written.setdefault(region, []).append(self._open.pop(region).close())
        self.files += 1

    def _end_day(self) -> None:
        """The digests of a day."""
        for region in list(self._open):
            self._close(region)
        account, day = self._day
        for region, files in sorted(self._written.items()):
            self._digest(account, _in_a_name(region), day, day + timedelta(days=1), files)
        self._written = {}

    def _digest(self, account: str, region: str, begin: datetime, end: datetime, files: list[LogFile]) -> None:
        before = self._last.get((account, region))
        text = digest_text(account, region, begin, end, files, before, self._key.fingerprint)
        object_, content = digest_object(account, region, end), sha256(text).hexdigest()
        signature = self._key.sign(text_to_sign(end, object_, content, before))
        path = self._folder / object_
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text, mtime=0))
        self._last[account, region] = Digest(object_, content, signature, end.astimezone(UTC))


class _OpenLog:
    """A log file that is being written."""

    def __init__(self, folder: Path, name: str, at: datetime) -> None:
        self._name = name
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = path.open("wb")
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._file, mtime=0)
        self._hash = sha256()
        self._oldest = self._newest = at
        self.records = 0

    def add(self, record: FiledRecord) -> None:
        self._write((b"," if self.records else b'{"Records":[') + record.raw)
        self._newest = record.at
        self.records += 1

    def _write(self, data: bytes) -> None:
        self._hash.update(data)
        self._packed.write(data)

    def close(self) -> LogFile:
        self._write(b"]}")
        self._packed.close()
        self._file.close()
        return LogFile(self._name, self._hash.hexdigest(), self._oldest, self._newest)

    def abandon(self) -> None:
        """Closes a file that is not whole, and is to be deleted."""
        self._file.close()


def _in_a_name(region: str) -> str:
    """A region as a part of a path: records are what somebody wrote."""
    return region if region.replace("-", "").isalnum() and len(region) <= 40 else "unknown"
