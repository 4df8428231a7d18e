"""Decisions recorded within the process of a test, in place of the process that a server has for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from erstwhile.api.decision_log.recorder import Progress, Recorder
from erstwhile.api.decision_log.rows import Entry
from erstwhile.projections.sql import Connection


class RecordingHere:
    """`pid`: that of the process that records, as far as a test is to believe there is one."""

    pid: int | None = None

    def __init__(self, connect: Callable[[], Connection], masked: Sequence[str] = ()) -> None:
        self._recorder = Recorder(connect, masked)

    def record(self, entries: Sequence[bytes], before: int, progress: Progress) -> None:
        self._recorder.record([unpacked(entry) for entry in entries], before, progress)

    def abandon(self) -> None:
        self._recorder.close()


def packed(entry: Entry) -> bytes:
    return msgspec.msgpack.encode(entry)


def unpacked(entry: bytes) -> Entry:
    found: Entry = msgspec.msgpack.decode(entry, type=Entry)
    return found
