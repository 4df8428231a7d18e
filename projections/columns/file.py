"""A segment in a file, which all processes of a home map into their memory.

A file is written whole under another name and then takes its place, so that a reader finds all of it or none. What is
no file of this version, of this log and of these rows, or is not as it was written, is passed over: the columns are
then made anew.
"""

from __future__ import annotations

import logging
import mmap
import os
import time
import zlib
from contextlib import suppress
from io import FileIO
from pathlib import Path

import msgspec
import numpy as np

from erstwhile.domain.vocabulary.typed import decode
from erstwhile.projections.columns.segment import Arrays, Place, Segment

log = logging.getLogger("erstwhile")

VERSION = 11
"""Of the form of the file: another form is another file."""
_NAMED = "history-{}.columns"
NAME = _NAMED.format(VERSION)
ABANDONED = 3_600.0
"""Seconds after which nobody writes to a file any more."""
_MAGIC = b"erstwhile columns\n"
_ALIGNED = 64
_NUMBER = 8
_READ = 1 << 20
"""Bytes that are read at once to see whether they are as they were written."""


class Origin(msgspec.Struct, frozen=True):
    """From which rows a segment was made: how far history was, what last made its rows anew (`reading.State`), and the
    ids of the log's first event and of that at the position: no other log has both."""

    position: int
    rebuilt: int
    table: int
    first_event: str
    last_event: str


class _Array(msgspec.Struct, frozen=True):
    name: str
    type: str
    offset: int
    """From the end of the header."""
    count: int


class _Header(msgspec.Struct, frozen=True):
    origin: Origin
    places: list[Place]
    attributes: list[str]
    arrays: list[_Array]
    bytes: int
    """Of all arrays, with the gaps between them."""
    check: int
    """The CRC-32 of these bytes."""


def write(folder: Path, segment: Segment, origin: Origin) -> Path:
    """Raises OSError; then there is no new file."""
    arrays, offset, check = [], 0, 0
    for name, array in segment.arrays.items():
        arrays.append(_Array(name, array.dtype.str, offset, len(array)))
        end = offset + array.nbytes
        offset = _aligned(end)
        check = zlib.crc32(bytes(offset - end), zlib.crc32(np.ascontiguousarray(array).data, check))
    header = msgspec.json.encode(_Header(origin, segment.places, segment.attributes, arrays, offset, check))
    make(folder)
    _tidy(folder)
    path, temporary = folder / NAME, folder / f"{NAME}.{os.getpid()}"
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_MAGIC + _number(len(header)) + _number(zlib.crc32(header)) + header)
            begin = _begin(len(header))
            for place in arrays:
                file.seek(begin + place.offset)
                file.write(np.ascontiguousarray(segment.arrays[place.name]).data)
            file.truncate(begin + offset)
            file.flush()
            os.fsync(file.fileno())
        belong(temporary)
        os.replace(temporary, path)
        _remove_earlier(folder)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return path


def read(folder: Path) -> tuple[Segment, Origin] | None:
    """None where there is no file, or what is there is none of this form, or is damaged."""
    try:
        with open(folder / NAME, "rb", buffering=0) as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            header = _header(mapped)
            if header is None or not _is_whole(file, header):
                return None
    except (OSError, ValueError):  # an empty file cannot be mapped
        return None
    begin, arrays = len(mapped) - header.bytes, Arrays()
    for each in header.arrays:
        kind = np.dtype(each.type)
        if not kind.isnative:
            return None
        arrays[each.name] = np.frombuffer(mapped, dtype=kind, count=each.count, offset=begin + each.offset)
    return Segment(arrays, header.places, header.attributes), header.origin


def make(folder: Path) -> None:
    """Makes a folder, and those above it, for their user alone. Raises OSError."""
    if not folder.exists():
        make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        belong(folder)


def _tidy(folder: Path) -> None:
    """Removes what a process left behind that ended while it wrote."""
    for path in folder.glob(f"{NAME}.*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()


def _remove_earlier(folder: Path) -> None:
    """Removes the files of releases before. Their processes keep what they have mapped; one that starts makes its own
    anew."""
    for version in range(VERSION):
        with suppress(OSError):
            (folder / _NAMED.format(version)).unlink(missing_ok=True)


def belong(path: Path) -> None:
    """What root makes in somebody's folder is theirs."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _header(mapped: mmap.mmap) -> _Header | None:
    """None for what is no whole file of this form."""
    first = len(_MAGIC)
    if mapped[:first] != _MAGIC or len(mapped) < first + 2 * _NUMBER:
        return None
    length = int.from_bytes(mapped[first : first + _NUMBER], "little")
    check = int.from_bytes(mapped[first + _NUMBER : first + 2 * _NUMBER], "little")
    raw = mapped[first + 2 * _NUMBER : first + 2 * _NUMBER + length]
    if len(raw) != length or zlib.crc32(raw) != check:
        return None
    try:
        header = decode(raw, _Header)
    except msgspec.MsgspecError:
        return None
    return header if _begin(length) + header.bytes == len(mapped) else None


def _is_whole(file: FileIO, header: _Header) -> bool:
    """Whether all arrays are as they were written. They are read, not mapped: no page becomes part of the process."""
    buffer, check = bytearray(_READ), 0
    file.seek(-header.bytes, os.SEEK_END)
    while count := file.readinto(buffer):
        check = zlib.crc32(memoryview(buffer)[:count], check)
    if check != header.check:
        log.warning("history's columns in %s are damaged: they are made anew", file.name)
    return check == header.check


def _begin(header: int) -> int:
    return _aligned(len(_MAGIC) + 2 * _NUMBER + header)


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNED) * _ALIGNED


def _number(number: int) -> bytes:
    return number.to_bytes(_NUMBER, "little")
