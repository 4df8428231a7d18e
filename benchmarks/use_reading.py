"""How files are read in `make bench-use` by an import that keeps no use.

The process that reads imports this module and nothing else of the benchmark.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future

from erstwhile.api.imports.file_records import Digest, ReadApart, read_and_digest
from erstwhile.api.imports.files import Part
from erstwhile.api.imports.parts_read import Read
from erstwhile.domain.observed.cloudtrail import quick_scan
from erstwhile.domain.observed.cloudtrail.acted_on import ActedOn
from erstwhile.domain.vocabulary.typed import decoder
from erstwhile.projections.use.rows import RunLines


class _Glance(quick_scan._Glance, frozen=True, rename={"requestParameters": "-", "resources": "--"}):
    """A glance that passes over what use alone reads."""


class _Nothing:
    """Says nothing of what a call was done to."""

    def __init__(self, *_: object) -> None:
        pass

    def acted_on(self, *_: object) -> ActedOn:
        return (), ()


def read_without_use(part: Part, max_bytes: int) -> Read:
    """Reads nothing of parameters and resources, and sends nothing that use alone needs."""
    setattr(quick_scan, "unread_call", _Nothing)  # noqa: B010  (it is that module's import)
    setattr(quick_scan, "_glance", decoder(_Glance))  # noqa: B010
    source, found = read_and_digest(part, max_bytes)
    if isinstance(found, Digest):
        found.apart = ReadApart(0, 0)
    return source, found


class NotCounted:
    """In the place of `CountedApart`: counts nothing."""

    counted = (0, 0)

    def __init__(self, reader: Executor) -> None:
        self._reader = reader

    def submit(self, part: Part, max_bytes: int) -> Future[Read]:
        return self._reader.submit(read_without_use, part, max_bytes)

    def stored(self, *_: object) -> None:
        pass

    def done(self) -> None:
        pass

    def take(self) -> tuple[RunLines, list[int], int]:
        return RunLines([], []), [], 0
