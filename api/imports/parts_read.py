"""The parts of files one after the other: the next is read while the database stores this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Protocol

from erstwhile.api.imports.file_records import Digest, read_and_digest
from erstwhile.api.imports.files import ImportRefused, Part, SourceFile, parts_of

Read = tuple[SourceFile, Digest | ImportRefused]


class PartReader(Protocol):
    """Reads parts elsewhere."""

    def submit(self, part: Part, max_bytes: int) -> Future[Read]: ...

    def done(self) -> None:
        """The next of the parts is stored, or refused."""


class ReadHere:
    """Reads in a thread of this process."""

    def __init__(self, reader: Executor) -> None:
        self._reader = reader

    def submit(self, part: Part, max_bytes: int) -> Future[Read]:
        return self._reader.submit(read_and_digest, part, max_bytes)

    def done(self) -> None:
        pass


def parts_read(
    reader: PartReader, paths: Sequence[Path], max_bytes: int
) -> Iterator[tuple[Path, SourceFile, Digest | ImportRefused | None]]:
    """Each part's records; None after a file's last part. A part is done when the next one is asked for."""
    waiting: list[tuple[Path, Future[Read] | ImportRefused | None]] = []
    for path, part in _parts(paths):
        waiting.append((path, reader.submit(part, max_bytes) if isinstance(part, Part) else part))
        while sum(isinstance(each, Future) for _, each in waiting) > 1:
            yield from _taken(reader, *waiting.pop(0))
    for path, each in waiting:
        yield from _taken(reader, path, each)


def _parts(paths: Sequence[Path]) -> Iterator[tuple[Path, Part | ImportRefused | None]]:
    """The parts to read, in order; None after each file."""
    for path in paths:
        try:
            parts: Sequence[Part | ImportRefused] = parts_of(path)
        except ImportRefused as error:
            parts = [error]
        for part in parts:
            yield path, part
        yield path, None


def _taken(
    reader: PartReader, path: Path, waiting: Future[Read] | ImportRefused | None
) -> Iterator[tuple[Path, SourceFile, Digest | ImportRefused | None]]:
    if isinstance(waiting, Future):
        yield path, *waiting.result()
        reader.done()
    else:
        yield path, SourceFile(str(path), b"", b""), waiting
