"""The segments of a log, which follow each other from its first event on; what came since the last is read when
somebody asks."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from erstwhile.projections.columns.file import make
from erstwhile.projections.sql import Connection
from erstwhile.projections.trail_index import segment_file
from erstwhile.projections.trail_index.grams import Range
from erstwhile.projections.trail_index.ordered import Positions, Span, ordered
from erstwhile.projections.trail_index.reading import read_segment
from erstwhile.projections.trail_index.segment import BLOCK, Segment, merged
from erstwhile.projections.trail_index.segment_file import Origin
from erstwhile.projections.trail_index.wanted import Wanted

log = logging.getLogger("erstwhile")

LEAST, FACTOR, MOST = 4, 8, 8192
"""Blocks of a new segment, at the least; how many segments of a size are merged; blocks of the largest."""
KEPT = 128
"""Blocks of the smallest segment that has a file."""
LAG = KEPT * BLOCK
"""Events that are read together: where fewer are missing, nobody but a question reads them."""
FEW = 2_000
"""Events that are looked at one by one: more are found sooner by a look at all."""
_HEAD = "SELECT coalesce(max(position), 0) FROM event"
_SINCE = (
    "SELECT (extract(epoch FROM occurred_at) * 1000000)::bigint, position FROM event "
    "WHERE position > %s AND position <= %s"
)
_EVENT = "SELECT event_id::text FROM event WHERE position = %s"
_FORGOTTEN = (
    "SELECT max(position) FROM event WHERE type = 'iam.SettingPut' AND position > %s AND account = 'erstwhile' "
    "AND data->'body'->>'category' = 'forgotten'"
)
"""The last event that says that details were forgotten."""


class TrailIndex:
    """Of one process. Any thread may ask."""

    def __init__(self, folder: Path | None = None, patience: int = 16_384) -> None:
        """`folder`: where the processes that share it keep the files of their databases; None: nowhere. `patience`: so
        many events a question reads itself, where they are missing."""
        self._folder = folder
        self._patience = patience
        self._lock = Lock()
        """Of what follows."""
        self._segments: tuple[tuple[Segment, Origin], ...] = ()
        self._checked = 0
        """Up to which position it is known that nothing was forgotten since the segments were made."""

    @property
    def upto(self) -> int:
        """The last position that it has."""
        segments = self._segments
        return segments[-1][0].upto if segments else 0

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(array.nbytes for segment, _ in self._segments for array in segment.arrays.values())

    def likely(
        self, connection: Connection, wanted: Wanted, span: Span, oldest_first: bool
    ) -> Iterator[Positions] | None:
        """Positions of the events that may pass, in the order of a page; None where too many events are missing."""
        [(head,)] = connection.execute(_HEAD).fetchall()
        with self._lock:
            self._look(connection, head)
            if head - self.upto > self._patience:
                return None
            self._read(connection, head)
            segments = tuple(segment for segment, _ in self._segments)
        upto = segments[-1].upto if segments else 0
        rest = connection.execute(_SINCE, (upto, head)).fetchall()
        return ordered(segments, wanted, span.limits(head), rest, oldest_first)

    def few(self, connection: Connection, keys: list[Range], upto: int) -> list[int] | None:
        """Positions of the events up to a position that may have all of these keys; None where there are many, or where
        the index lacks too much to know."""
        likely = self.likely(connection, Wanted([[[each]] for each in keys], []), Span(upto=upto), oldest_first=True)
        if likely is None:
            return None
        found: list[int] = []
        try:
            for some in likely:
                found += some.tolist()
                if len(found) > FEW:
                    return None
        finally:
            self.let_go()
        return found

    def let_go(self) -> None:
        """After a question: what it read of files counts as this process's no longer."""
        for segment, _ in self._segments:
            segment.let_go()

    def catch_up(self, connection: Connection, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Reads what is missing, unless another process of this home does, until it is to stop."""
        with self._alone(connection) as is_alone:
            while is_alone and not is_stopping():
                [(head,)] = connection.execute(_HEAD).fetchall()
                with self._lock:
                    self._look(connection, head)
                    if head - self.upto < LAG:
                        return
                    self._read(connection, min(head, self.upto + LAG))

    def _look(self, connection: Connection, head: int) -> None:
        """Takes what other processes made, and gives up what has words that were forgotten since."""
        [(forgotten,)] = connection.execute(_FORGOTTEN, (self._checked,)).fetchall()
        self._checked = max(self._checked, head)
        if forgotten is not None:
            if any(origin.head < forgotten for _, origin in self._segments):
                self._segments = ()
            self._forget(connection, forgotten)
        folder = self._home(connection) if head - self.upto >= LAG else None
        if folder is None:
            return
        for named in segment_file.files(folder):
            if named.after == self.upto and named.upto <= head and (found := segment_file.read(named)) is not None:
                if self._is_of(connection, *found):
                    self._segments = (*self._segments, found)
                else:
                    named.path.unlink(missing_ok=True)

    def _forget(self, connection: Connection, forgotten: int) -> None:
        """Removes the files that may have words which were forgotten."""
        folder = self._home(connection)
        for named in segment_file.files(folder) if folder is not None else ():
            found = segment_file.read(named)
            if found is None or found[1].head < forgotten:
                named.path.unlink(missing_ok=True)

    def _is_of(self, connection: Connection, segment: Segment, origin: Origin) -> bool:
        """Whether a segment is of this log, and has no words that were forgotten."""
        [(forgotten,)] = connection.execute(_FORGOTTEN, (origin.head,)).fetchall()
        return forgotten is None and connection.execute(_EVENT, (segment.upto,)).fetchone() == (origin.last_event,)

    def _read(self, connection: Connection, head: int) -> None:
        while (blocks := min((head - self.upto) // BLOCK, KEPT)) >= LEAST:
            self._add(connection, read_segment(connection, self.upto, blocks), head)

    def _add(self, connection: Connection, segment: Segment, head: int) -> None:
        """Puts a segment after the others, and merges those of about its size with it."""
        parts = [segment]
        heads = [head]
        kept = self._segments
        size = len(segment)
        while (alike := self._alike(kept, size)) and size + sum(len(each) for each, _ in alike) <= MOST:
            kept = kept[: -len(alike)]
            parts = [*(each for each, _ in alike), *parts]
            heads += [origin.head for _, origin in alike]
            size = sum(map(len, parts))
        if len(parts) > 1:
            segment = merged(parts)
        [(last,)] = connection.execute(_EVENT, (segment.upto,)).fetchall()
        made = segment, Origin(last, min(heads))
        if len(segment) >= KEPT:
            made = self._kept(connection, *made)
        self._segments = (*kept, made)

    @staticmethod
    def _alike(segments: tuple[tuple[Segment, Origin], ...], size: int) -> tuple[tuple[Segment, Origin], ...]:
        """The last segments, if there are enough that are no more than so much larger, to be merged."""
        alike = segments[len(segments) - FACTOR + 1 :] if len(segments) >= FACTOR - 1 else ()
        return alike if alike and len(alike[0][0]) < FACTOR * size else ()

    def _kept(self, connection: Connection, segment: Segment, origin: Origin) -> tuple[Segment, Origin]:
        """In a file, and mapped from there, where that can be."""
        folder = self._home(connection)
        if folder is None:
            return segment, origin
        try:
            path = segment_file.write(folder, segment, origin)
            segment_file.remove(folder, segment.after, segment.upto)
        except OSError as error:
            log.warning("the trail's index cannot be kept in %s: %s", folder, error)
            return segment, origin
        named = segment_file.Named(path, segment.after, segment.upto)
        return segment_file.read(named) or (segment, origin)

    def _home(self, connection: Connection) -> Path | None:
        """The folder of this log."""
        if self._folder is None:
            return None
        first = connection.execute(_EVENT, (1,)).fetchone()
        return self._folder / first[0] if first is not None else None

    @contextmanager
    def _alone(self, connection: Connection) -> Iterator[bool]:
        """Whether no other process of this home makes what all of them lack."""
        folder = self._home(connection)
        if folder is None:
            yield True
            return
        make(folder)
        descriptor = os.open(folder / "trail-lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(descriptor)
