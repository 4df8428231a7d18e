"""Writes files whole or not at all: a disk that is full, or a program that ends in between, leaves no half file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

Write = Callable[[IO[bytes]], None]


def write_files(files: Mapping[Path, Write], private: bool = False) -> None:
    """Each file is written beside its place, synchronised to the disk, and renamed once all of them are. `private`:
    nobody but its owner may read it. Raises OSError; then what was there before is there still."""
    parts: dict[Path, Path] = {}
    try:
        for path, write in files.items():
            try:
                with _part(path, private) as (part, file):
                    parts[path] = part
                    write(file)
            except OSError as error:
                # Of a disk that is full, the system does not say which file it was.
                raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        for path, part in parts.items():
            part.replace(path)
        for folder in {path.parent for path in files}:
            _synchronise(folder)
    except BaseException:
        for part in parts.values():
            part.unlink(missing_ok=True)
        raise


@contextmanager
def _part(path: Path, private: bool) -> Iterator[tuple[Path, IO[bytes]]]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield part, file
            file.flush()
            os.fsync(file.fileno())
        if not private:
            os.chmod(part, 0o666 & ~_umask())
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _umask() -> int:
    found = os.umask(0o077)
    os.umask(found)
    return found


def _synchronise(folder: Path) -> None:
    """Makes the renaming last. What has no such folder handle (Windows) does without."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
