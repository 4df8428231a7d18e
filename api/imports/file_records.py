"""A file's content → its records, scanned and redacted. An odd record does not cost the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from erstwhile.api.imports.files import DEFAULT_MAX_BYTES, ImportRefused, Part, SourceFile, read_part
from erstwhile.domain.observed.cloudtrail.containers import NotATrail, PassedOver
from erstwhile.domain.observed.cloudtrail.quick_scan import FiledRecord, OddRecord, file_records
from erstwhile.domain.observed.redaction import redacted, secrets_in
from erstwhile.domain.observed.text import NotText, utf8_beginning
from erstwhile.domain.replay.garbage_collector import without_collector

SMALLEST = 512
"""The least average size of a record in bytes. CloudTrail's records have three times as many."""
MAX_ODD = 1_000
"""How many odd records of a file are named. A file with more, and with hardly any good ones, is no trail."""
_SKEW = timedelta(hours=1)


class ReadApart(msgspec.Struct, frozen=True):
    """Of what was read where its use is counted, too (`counted_apart.py`): its number there, and how many keys are
    counted there so far."""

    number: int
    keys: int


class Digest(msgspec.Struct):
    """What a file holds: its records, those that could not be read, and counts of what was passed over. `apart`: where
    the process that read it counts their use; they come without what use alone needs."""

    filed: list[FiledRecord] = []
    odd: list[OddRecord] = []
    passed_over: Counter[str] = msgspec.field(default_factory=Counter)
    apart: ReadApart | None = None

    def __reduce__(self) -> tuple[Callable[..., Digest], tuple[Any, ...]]:
        """Between processes records go as columns: what many of them have in common goes once. For the row `import` of
        `make bench-import`."""
        columns = list(zip(*map(msgspec.structs.astuple, self.filed), strict=True))
        if self.apart is not None:
            del columns[_OF_USE:]
        for place in _SHARED if columns else ():
            same: dict[str, str] = {}
            columns[place] = tuple([same.setdefault(each, each) for each in columns[place]])
        return _from_columns, (columns, self.odd, self.passed_over, self.apart)


_OF_USE = FiledRecord.__struct_fields__.index("resources")
"""The first of the columns that use alone needs; they are the last ones."""
_SHARED = tuple(FiledRecord.__struct_fields__.index(name) for name in ("account", "name", "principal", "principal_id",
                "access_key", "user_agent"))  # fmt: skip
"""Columns of which many records have the same text."""


def _from_columns(
    columns: Sequence[Sequence[Any]], odd: list[OddRecord], passed_over: Counter[str], apart: ReadApart | None
) -> Digest:
    """The digest that was taken apart."""
    return Digest([FiledRecord(*row) for row in zip(*columns, strict=True)], odd, passed_over, apart)


def digest(source: SourceFile, max_bytes: int = DEFAULT_MAX_BYTES) -> Digest:
    """Raises ImportRefused for a file that is no trail, and for more records than a file of `max_bytes` can have."""
    latest = datetime.now(UTC) + _SKEW
    secrets = secrets_in(source.data)
    found, number = Digest(), -1
    each: FiledRecord | PassedOver | OddRecord | None = None
    try:
        data = utf8_beginning(source.data) if source.cut else source.data
        for number, each in enumerate(file_records(data)):
            if isinstance(each, FiledRecord):
                if each.occurred_at > latest:
                    found.odd.append(OddRecord(number, f"of the future ({each.occurred_at})"))
                else:
                    _keep(found, each, number, secrets)
            elif isinstance(each, PassedOver):
                found.passed_over[each.kind] += 1
            else:
                found.odd.append(each)
            if len(found.filed) > max_bytes // SMALLEST:
                raise ImportRefused(
                    f"{source.name} holds more than {max_bytes // SMALLEST:,} records; allow more with --max-file-bytes"
                )
            if len(found.odd) > MAX_ODD and len(found.odd) > len(found.filed):
                raise ImportRefused(
                    f"{source.name} is no CloudTrail file: of its first {number + 1:,} entries {len(found.odd):,} are "
                    f"no records; the first is {found.odd[0].reason}"
                )
    except (NotATrail, NotText) as error:
        also = f"; it {source.cut}" if source.cut else ""
        raise ImportRefused(f"{source.name} is {error}{also}") from None
    if source.cut:
        found.odd.append(_missing(found, each, number + 1, source.cut))
    return found


def _missing(found: Digest, last: FiledRecord | PassedOver | OddRecord | None, after: int, cut: str) -> OddRecord:
    """The record that is missing or incomplete in a file that ends too early, and why."""
    if isinstance(last, OddRecord) and last.reason.startswith("not JSON"):
        found.odd.pop()
        return OddRecord(last.number, f"cut off, and what follows it is missing: the file {cut}")
    return OddRecord(after, f"missing, if there was one: the file {cut}")


def _keep(found: Digest, filed: FiledRecord, number: int, secrets: tuple[bytes, ...]) -> None:
    try:
        filed.raw = redacted(filed.raw, secrets)
    except (ValueError, RecursionError) as error:
        # A record that cannot be searched for secrets is not kept.
        found.odd.append(OddRecord(number, f"not JSON that can be read whole: {error}"))
    else:
        found.filed.append(filed)


def read_and_digest(part: Part, max_bytes: int) -> tuple[SourceFile, Digest | ImportRefused]:
    """A file's records, or why they cannot be imported. The file's content is not returned."""
    source = SourceFile(part.name, b"", b"")
    try:
        with without_collector():
            source = read_part(part, max_bytes)
            found: Digest | ImportRefused = digest(source, max_bytes)
    except ImportRefused as error:
        found = error
    except MemoryError:
        found = ImportRefused(f"{part.name} needs more memory than there is")
    return msgspec.structs.replace(source, data=b""), found
