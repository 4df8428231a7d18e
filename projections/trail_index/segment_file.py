"""A segment in a file, which all processes of a home map into their memory.

A file is written whole under another name and then takes its place. One that is of another log or another form, or is
damaged, is passed over, and its segment made anew.
"""

from __future__ import annotations

import io
import logging
import mmap
import os
import re
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from erstwhile.domain.vocabulary.typed import decode
from erstwhile.projections.columns.file import ABANDONED, belong, make
from erstwhile.projections.trail_index.segment import Arrays, Segment

log = logging.getLogger("erstwhile")

VERSION = 1
"""Of the form of the files: another form has other files."""
_NAME = re.compile(rf"trail-{VERSION}-(\d+)-(\d+)\.index")
_ARRAYS = ("keys", "begin", "end", "at", "ends", "line", "text_ends", "blocks", "texts")
"""In the order of the bytes of a number, so that each begins where it may."""
_ALIGNED = 64
_CHECK = 4
"""Bytes at the end: the CRC-32 of all before."""
_READ = 1 << 18
"""Bytes that are read at once to see whether they are as they were written."""


class Origin(msgspec.Struct, frozen=True):
    """Of which events a segment was made: the id of the last, and where the log ended when it was made."""

    last_event: str
    head: int


class Named(NamedTuple):
    """A file that is there, and the positions before its first and of its last event."""

    path: Path
    after: int
    upto: int


def write(folder: Path, segment: Segment, origin: Origin) -> Path:
    """Raises OSError; then there is no new file."""
    make(folder)
    header = msgspec.json.encode(origin)
    written = io.BytesIO()
    np.save(written, np.frombuffer(header.ljust(-(-len(header) // _ALIGNED) * _ALIGNED), dtype=np.uint8))
    for name in _ARRAYS:
        np.save(written, segment.arrays[name])
    body = written.getbuffer()
    path = folder / f"trail-{VERSION}-{segment.after}-{segment.upto}.index"
    temporary = folder / f"{path.name}.{os.getpid()}"
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
            file.write(zlib.crc32(body).to_bytes(_CHECK, "little"))
            file.flush()
            os.fsync(file.fileno())
        belong(temporary)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return path


def read(named: Named) -> tuple[Segment, Origin] | None:
    """None for a file that is gone, damaged or of another form."""
    try:
        with open(named.path, "rb", buffering=0) as file:
            if not _is_whole(file):
                log.warning("the index of the trail in %s is damaged: it is made anew", named.path)
                return None
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None
    reader = _Reader(mapped)
    try:
        origin = decode(reader.next().tobytes().rstrip(), Origin)
        arrays: Arrays = {name: reader.next() for name in _ARRAYS}
    except (ValueError, msgspec.MsgspecError):
        return None
    segment = Segment(named.after, arrays, mapped)
    return (segment, origin) if segment.upto == named.upto else None


def _is_whole(file: io.FileIO) -> bool:
    """Whether what is in it is as it was written. It is read, not mapped: no page becomes part of the process."""
    rest, check, buffer = os.fstat(file.fileno()).st_size - _CHECK, 0, memoryview(bytearray(_READ))
    while rest > 0 and (count := file.readinto(buffer[: min(rest, _READ)])):
        check = zlib.crc32(buffer[:count], check)
        rest -= count
    return rest == 0 and file.read(_CHECK) == check.to_bytes(_CHECK, "little")


class _Reader:
    """Arrays in the order in which they were saved."""

    def __init__(self, mapped: mmap.mmap) -> None:
        self._mapped = mapped

    def next(self) -> np.typing.NDArray[np.generic]:
        """Raises ValueError."""
        np.lib.format.read_magic(self._mapped)
        (count,), _, kind = np.lib.format.read_array_header_1_0(self._mapped)
        begin = self._mapped.tell()
        self._mapped.seek(begin + count * kind.itemsize)
        return np.frombuffer(self._mapped, dtype=kind, count=count, offset=begin)


def files(folder: Path) -> list[Named]:
    """Those that are there, the longest first of those that begin alike."""
    found = []
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            if name := _NAME.fullmatch(path.name):
                found.append(Named(path, int(name[1]), int(name[2])))
    return sorted(found, key=lambda named: (named.after, -named.upto))


def remove(folder: Path, after: int, upto: int) -> None:
    """Removes the files of parts of what another file has, and what a process left behind that ended while it wrote."""
    for path in folder.glob(f"trail-{VERSION}-*.index.*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()
    for named in files(folder):
        if after <= named.after and named.upto <= upto and (named.after, named.upto) != (after, upto):
            named.path.unlink(missing_ok=True)
