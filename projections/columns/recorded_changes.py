"""When records told of changes, by account: what an answer about an instant needs to say how soon before it access
changed.

Serves the row "decision" of `make bench-history`."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from erstwhile.projections.columns.segment import Arrays, Segment
from erstwhile.projections.columns.texts import Ints, Texts, packed

Row = tuple[str, bytes]
"""An account; position and instant, as numbers of 64 bits."""
_NUMBERS = 2
_UPTO = "changes.upto"


class RecordedChanges:
    """Those up to a log position. Instants in microseconds."""

    def __init__(self, arrays: Arrays) -> None:
        self.upto = int(arrays[_UPTO][0])
        """The log position up to which these are all."""
        accounts = Texts(arrays["changes.accounts.block"], arrays["changes.accounts.offsets"])
        begins = arrays["changes.begins"].tolist()
        self._of = {
            accounts.text(number): (begins[number], begins[number + 1]) for number in range(len(accounts))
        }  # fmt: skip
        self._at: Ints = arrays["changes.at"]
        self._position: Ints = arrays["changes.position"]
        self._instants = self._at.data
        self._positions = self._position.data

    def last(self, account: str, after: int, before: int, known_at: int) -> int | None:
        """When the last change of an account was, between two instants, as known at a log position."""
        first, end = self._of.get(account, (0, 0))
        place = bisect_left(self._instants, before, first, end) - 1
        while place >= first and self._instants[place] > after:
            if self._positions[place] <= known_at:
                return int(self._instants[place])
            place -= 1
        return None


class ChangesBuilder:
    """Takes changes in any order."""

    def __init__(self) -> None:
        self._accounts: dict[str, int] = {}
        self._codes = array("i")
        self._numbers: list[Ints] = []

    def add(self, rows: Sequence[Row]) -> None:
        accounts = self._accounts
        self._codes.extend([accounts.setdefault(account, len(accounts)) for account, _ in rows])
        self._numbers.append(np.frombuffer(b"".join([row[1] for row in rows]), dtype=">i8").reshape(-1, _NUMBERS))

    def arrays(self, upto: int) -> Arrays:
        """`upto`: the log position up to which these are all."""
        position, at = np.concatenate([np.empty((0, _NUMBERS), dtype=np.int64), *self._numbers]).T
        codes = np.array(self._codes, dtype=np.int32)
        order = np.lexsort((at, codes))
        found: Arrays = {
            "changes.at": np.ascontiguousarray(at[order]), "changes.position": np.ascontiguousarray(position[order]),
            "changes.begins": np.searchsorted(codes[order], np.arange(len(self._accounts) + 1)),
            _UPTO: np.array([upto], dtype=np.int64),
        }  # fmt: skip
        name = "changes.accounts"
        found[f"{name}.block"], found[f"{name}.offsets"] = packed([each.encode() for each in self._accounts])
        return found


def recorded_changes(segment: Segment) -> RecordedChanges:
    """None at all of a segment that was made without."""
    return segment.once(_changes_of)


def _changes_of(segment: Segment) -> RecordedChanges:
    return RecordedChanges(segment.arrays if _UPTO in segment.arrays else ChangesBuilder().arrays(0))
