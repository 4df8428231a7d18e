"""A backup: a zip file with the rows of each table, as PostgreSQL's COPY writes them as text, and a manifest.

    backup.json          what the backup is of, and of each table its columns, rows, bytes, SHA-256 and partitions
    tables/<name>.copy   the rows

Private keys are not in it: neither `ledger.key`, which signs checkpoints, nor `master.key`, under which secrets of
access keys and MFA devices are sealed. They lie in the home, or in the environment.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from erstwhile.domain.vocabulary.malformed import MalformedInput
from erstwhile.domain.vocabulary.typed import decode

FORM = "erstwhile-backup-1"
MANIFEST = "backup.json"
LARGEST_MANIFEST = 16 << 20
"""Bytes of a manifest, at most."""
PIECE = 1 << 20


class MalformedBackup(MalformedInput):
    """a file that is no whole backup"""

    code = "malformed_backup"


class Partition(msgspec.Struct, frozen=True):
    """A part of a partitioned table: `since` ≤ day < `until`."""

    name: str
    since: str
    until: str


class Table(msgspec.Struct, frozen=True):
    """The rows of one table. `size`, `sha256`: of them as text, before they are packed."""

    name: str
    columns: list[str]
    rows: int
    size: int
    sha256: str
    partitions: list[Partition] = []

    @property
    def member(self) -> str:
        return member_of(self.name)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`events`: the log's last position; `log`: the id of its first event; `signed`: how many events the largest
    signed checkpoint has; `migrations`: the numbered ones that made the schema; `sequences`: the last numbers given."""

    form: str
    release: str
    made_at: str
    events: int
    log: str
    signed: int
    migrations: list[str]
    sequences: dict[str, int]
    tables: list[Table]
    left_out: list[str]


def member_of(table: str) -> str:
    return f"tables/{table}.copy"


def is_backup(path: Path) -> bool:
    """Whether a file says that it is a backup."""
    try:
        with zipfile.ZipFile(path) as packed:
            return MANIFEST in packed.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


class Backup:
    """A backup that is read."""

    def __init__(self, packed: zipfile.ZipFile, path: Path) -> None:
        self._packed = packed
        self._path = path
        self.manifest = self._read_manifest()

    def table(self, name: str) -> Table | None:
        return next((each for each in self.manifest.tables if each.name == name), None)

    @contextmanager
    def rows(self, table: str) -> Iterator[IO[bytes]]:
        """The rows of a table, as text. Raises MalformedBackup, also while they are read."""
        with self._told(), self._packed.open(member_of(table)) as file:
            yield file

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
            raise MalformedBackup(f"{self._path} is damaged: {str(error) or 'it ends too early'}") from None

    def _read_manifest(self) -> Manifest:
        with self._told():
            if self._packed.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
                raise MalformedBackup(f"{self._path}: {MANIFEST} is too large to be a manifest")
            text = self._packed.read(MANIFEST)
        try:
            form = decode(text, dict[str, msgspec.Raw]).get("form")
            if form is not None and bytes(form) != msgspec.json.encode(FORM):
                raise MalformedBackup(
                    f"{self._path} has the form {bytes(form).decode()[:60]}, and this release reads {FORM}: restore it "
                    "with the release that wrote it, or a newer one"
                )
            return decode(text, Manifest)
        except msgspec.MsgspecError as error:
            raise MalformedBackup(f"{self._path}: {MANIFEST} is no manifest of a backup: {error}") from None


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """Raises MalformedBackup, OSError."""
    try:
        packed = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise MalformedBackup(
            f"{path} is no backup, or it was cut off: a backup is a zip file with its list at the end"
        ) from None
    with packed:
        if MANIFEST not in packed.namelist():
            raise MalformedBackup(f"{path} is no backup: it has no {MANIFEST}")
        yield Backup(packed, path)
