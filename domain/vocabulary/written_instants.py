"""Many instants as JSON at once: the text that `msgspec.json.encode` makes of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, SINCE_1970

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[Any]
_MINUTES_OF_DAY, _SECOND = 1_440, 1_000_000
_USUAL_DAYS = 10_957, 25_567
"""From 2000 to 2039, since 1970."""
_WHOLE, _PART, _ENDLESS = 0, 1, 2
"""Kinds of instants: of whole seconds; with a part of one; "before all records" or "for ever"."""


def written_instants(micros: Ints) -> list[bytes]:
    """Of microseconds as columns have them; `null` for "before all records" and "for ever"."""
    return _by_kinds([micros])


def written_pairs(before: bytes, first: Ints, between: bytes, second: Ints) -> list[bytes]:
    """Pairs of instants with some text before each."""
    return _by_kinds([before, first, between, second])


def _by_kinds(parts: Sequence[bytes | Ints]) -> list[bytes]:
    """Texts of equal length are written together: those whose instants are of the same kinds."""
    columns = [part for part in parts if not isinstance(part, bytes)]
    kinds = [_kinds(column) for column in columns]
    found = np.empty(len(columns[0]), dtype=object)
    for each in product((_WHOLE, _PART, _ENDLESS), repeat=len(columns)):
        those = np.flatnonzero(np.logical_and.reduce([of == kind for of, kind in zip(kinds, each, strict=True)]))
        if len(those):
            left = iter(each)
            fields = [
                _Constant(part) if isinstance(part, bytes) else _of_kind(part[those], next(left)) for part in parts
            ]
            found[those] = _together(fields, len(those))
    texts: list[bytes] = found.tolist()
    return texts


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
        minutes, seconds = np.divmod(seconds, 60)
        days, minutes = np.divmod(minutes, _MINUTES_OF_DAY)
        self.columns: list[bytes | Texts] = [b'"', _dates(days), _minutes_of_day()[minutes], _seconds()[seconds]]
        if kind == _PART:
            first, last = np.divmod(parts, 1_000)
            self.columns += [b".", _thousands()[first], _thousands()[last]]
        self.columns.append(b'Z"')


def _of_kind(micros: Ints, kind: int) -> _Constant | _Instants:
    return _Constant(b"null") if kind == _ENDLESS else _Instants(micros, kind)


def _together(fields: Sequence[_Constant | _Instants], count: int) -> Texts:
    columns = [column for field in fields for column in field.columns]
    lengths = [len(column) if isinstance(column, bytes) else column.dtype.itemsize for column in columns]
    text = np.empty(count, dtype=[(f"part{number}", f"S{length}") for number, length in enumerate(lengths)])
    for number, column in enumerate(columns):
        text[f"part{number}"] = column
    return text.view(f"S{sum(lengths)}").astype(object)


def _dates(days: Ints) -> Texts:
    first, last = _USUAL_DAYS
    if first <= int(days.min()) and int(days.max()) < last:
        return _usual_dates()[days - first]
    different, places = np.unique(days, return_inverse=True)
    return _texts_of(different)[places]


@lru_cache(maxsize=1)
def _usual_dates() -> Texts:
    return _texts_of(np.arange(*_USUAL_DAYS))


def _texts_of(days: Ints) -> Texts:
    return days.astype("datetime64[D]").astype("S10")


@lru_cache(maxsize=1)
def _minutes_of_day() -> Texts:
    """`T00:00:` and so on."""
    return np.array([b"T%02d:%02d:" % divmod(each, 60) for each in range(_MINUTES_OF_DAY)])


@lru_cache(maxsize=1)
def _seconds() -> Texts:
    return np.array([b"%02d" % each for each in range(60)])


@lru_cache(maxsize=1)
def _thousands() -> Texts:
    """`000` to `999`."""
    return np.array([b"%03d" % each for each in range(1_000)])
