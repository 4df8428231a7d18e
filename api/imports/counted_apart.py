"""Use that the process counts which reads files ahead: what records were done to stays there.

That process keeps what is to be counted until the importer says whether all of it was stored. Then it counts it, or
forgets it: of what is stored in part, the importer counts the records itself. For `make bench-use`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future

import msgspec

from erstwhile.api.imports.file_records import Digest, ReadApart, read_and_digest
from erstwhile.api.imports.files import Part
from erstwhile.api.imports.parts_read import Read
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord
from erstwhile.domain.replay.garbage_collector import without_collector
from erstwhile.domain.use.tally import Prepared, Tally
from erstwhile.projections.use.rows import RunLines, lines_of


class Settled(msgspec.Struct):
    """The numbers of the parts of which all records were stored, of those before the part number `before`. The others
    before it are forgotten."""

    stored: list[int]
    before: int


class _Counting:
    """In the process that reads: what is to be counted of the parts that are not settled, and the counts of those that
    are."""

    def __init__(self) -> None:
        self._tallies = [Tally()]
        """The last one prepares what is read; the others have prepared parts that are not settled."""
        self._parts: dict[int, tuple[Tally, Prepared]] = {}

    @property
    def keys(self) -> int:
        return sum(each.keys for each in self._tallies)

    def settle(self, settled: Settled) -> None:
        for number in settled.stored:
            tally, prepared = self._parts.pop(number)
            tally.count(prepared)
        for number in [each for each in self._parts if each < settled.before]:
            del self._parts[number]

    def keep(self, number: int, filed: Sequence[FiledRecord]) -> None:
        self._parts[number] = self._tallies[-1], self._tallies[-1].prepared(filed)

    def lines(self) -> RunLines:
        lines = lines_of(self._tallies)
        waiting = {id(tally): tally for tally, _ in self._parts.values()}
        for tally in waiting.values():
            tally.clear()
        self._tallies = [*waiting.values(), Tally()]
        return lines


_counting = _Counting()


def read_and_keep(part: Part, max_bytes: int, number: int, settled: Settled) -> Read:
    """What `read_and_digest` gives. Its use is kept here, as that of the part of a number, to be counted once that is
    settled."""
    with without_collector():
        _counting.settle(settled)
        source, found = read_and_digest(part, max_bytes)
        if isinstance(found, Digest):
            _counting.keep(number, found.filed)
            found.apart = ReadApart(number, _counting.keys)
        return source, found


def _lines(settled: Settled) -> RunLines:
    with without_collector():
        _counting.settle(settled)
        return _counting.lines()


class CountedApart:
    """What the process of an executor reads and counts, from the importer's side. Parts come back in the order in which
    they are submitted."""

    def __init__(self, reader: Executor) -> None:
        self._reader = reader
        self._submitted = self._keys = 0
        self._settled = Settled([], 0)
        self._positions, self._records = list[int](), 0

    def submit(self, part: Part, max_bytes: int) -> Future[Read]:
        """Reads a part."""
        future = self._reader.submit(read_and_keep, part, max_bytes, self._submitted, self._taken())
        self._submitted += 1
        return future

    def stored(self, read: ReadApart, position: int, records: int) -> None:
        """All records of a part are stored, by an import at a position."""
        self._settled.stored.append(read.number)
        self._positions.append(position)
        self._records += records
        self._keys = read.keys

    def done(self) -> None:
        """The importer is done with the next part: what it did not say to be stored is not counted here."""
        self._settled.before += 1

    @property
    def counted(self) -> tuple[int, int]:
        """How many records were stored since the last `take`, and about how many keys they have."""
        return self._records, self._keys

    def take(self) -> tuple[RunLines, list[int], int]:
        """The counts since the last one, as lines, with the positions and the number of their records."""
        lines = self._reader.submit(_lines, self._taken()).result() if self._positions else RunLines([], [])
        taken = lines, self._positions, self._records
        self._positions, self._records, self._keys = [], 0, 0
        return taken

    def _taken(self) -> Settled:
        taken = self._settled
        self._settled = Settled([], taken.before)
        return taken
