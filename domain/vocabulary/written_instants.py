"""Many instants as JSON at once: the text that `msgspec.json.encode` makes of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, SINCE_1970

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[Any]
_SECOND = 1_000_000
_DAY, _TEN_MINUTES = 86_400, 600
"""In seconds. Instants are put together of texts of four and eight bytes: numpy copies these as numbers."""
_USUAL_DAYS = 10_957, 25_567
"""From 2000 to 2039, since 1970."""
_KINDS = _WHOLE, _PART, _ENDLESS = 0, 1, 2
"""Kinds of instants: of whole seconds; with a part of one; "before all records" or "for ever"."""


def written_instants(micros: Ints) -> list[bytes]:
    """Of microseconds as columns have them; `null` for "before all records" and "for ever"."""
    texts: list[bytes] = _by_kinds([micros]).tolist()
    return texts


def written_pairs(before: bytes, first: Ints, between: bytes, second: Ints) -> Texts:
    """Pairs of instants with some text before each."""
    return _by_kinds([before, first, between, second])


def _by_kinds(parts: Sequence[bytes | Ints]) -> Texts:
    """Texts of equal length are written together: those whose instants are of the same kinds."""
    columns = [part for part in parts if not isinstance(part, bytes)]
    kinds = np.ravel_multi_index([_kinds(column) for column in columns], [len(_KINDS)] * len(columns))
    found = np.empty(len(kinds), dtype=object)
    for number, each in enumerate(product(_KINDS, repeat=len(columns))):
        those = np.flatnonzero(kinds == number)
        if len(those):
            left = iter(each)
            fields = [
                _Constant(part) if isinstance(part, bytes) else _of_kind(part[those], next(left)) for part in parts
            ]
            found[those] = _together(fields, len(those))
    return found


def _kinds(micros: Ints) -> Ints:
    endless = (micros == ALWAYS) | (micros == NEVER)
    return np.where(endless, _ENDLESS, np.where(micros % _SECOND == 0, _WHOLE, _PART))


class _Constant:
    """A text that all have."""

    def __init__(self, text: bytes) -> None:
        self.columns: list[bytes | Texts] = [text]


class _Instants:
    """Of one kind, not endless."""

    def __init__(self, micros: Ints, kind: int) -> None:
        seconds, parts = np.divmod(micros + SINCE_1970, _SECOND)
        days, seconds = np.divmod(seconds, _DAY)
        tens, rest = np.divmod(seconds, _TEN_MINUTES)
        self.columns: list[bytes | Texts] = [*_dates(days), _tens_of_minutes()[tens], _rest_of_minutes()[rest]]
        if kind == _WHOLE:
            self.columns.append(b'Z"')
        else:
            first, last = np.divmod(parts, 1_000)
            self.columns += [_thousands(b".%03d")[first], _thousands(b"%03dZ")[last], b'"']


def _of_kind(micros: Ints, kind: int) -> _Constant | _Instants:
    return _Constant(b"null") if kind == _ENDLESS else _Instants(micros, kind)


def _together(fields: Sequence[_Constant | _Instants], count: int) -> Texts:
    columns = [column for field in fields for column in field.columns]
    lengths = [len(column) if isinstance(column, bytes) else column.dtype.itemsize for column in columns]
    text = np.empty(count, dtype=[(f"part{number}", f"S{length}") for number, length in enumerate(lengths)])
    for number, column in enumerate(columns):
        text[f"part{number}"] = column
    return text.view(f"S{sum(lengths)}").astype(object)


def _dates(days: Ints) -> list[Texts]:
    first, last = _USUAL_DAYS
    if first <= int(days.min()) and int(days.max()) < last:
        return [texts[days - first] for texts in _usual_dates()]
    different, places = np.unique(days, return_inverse=True)
    return [texts[places] for texts in _texts_of(different)]


@cache
def _usual_dates() -> list[Texts]:
    return _texts_of(np.arange(*_USUAL_DAYS))


def _texts_of(days: Ints) -> list[Texts]:
    """`"2000-01` and `-01T`, and so on."""
    texts = days.astype("datetime64[D]").astype("S10").tolist()
    return [np.array([b'"' + each[:7] for each in texts]), np.array([each[7:] + b"T" for each in texts])]


@cache
def _tens_of_minutes() -> Texts:
    """`00:0` to `23:5`."""
    return np.array([b"%02d:%d" % divmod(each, 6) for each in range(_DAY // _TEN_MINUTES)])


@cache
def _rest_of_minutes() -> Texts:
    """`0:00` to `9:59`."""
    return np.array([b"%d:%02d" % divmod(each, 60) for each in range(_TEN_MINUTES)])


@cache
def _thousands(text: bytes) -> Texts:
    return np.array([text % each for each in range(1_000)])
