"""From intervals to states: what holds of each principal from change to change, as one number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from erstwhile.domain.history.at_once.readings import NEVER_SEEN, PERSONAL, number_of, says
from erstwhile.domain.history.at_once.spans import Spans, joined, meetings, spans, steps
from erstwhile.domain.history.wide_history import Ints

Mask = np.typing.NDArray[np.bool_]
_COUNT = 16
"""Bits of each of the four counts that one number has: so many things hold at once of no principal."""
_NO_LIMIT = 9
"""In place of what a boundary says."""
_UNCLEAR, _UNSEEN = 100, 200
_KLEENE = 3


class State(NamedTuple):
    """What one number of a state means. `limit`: None without a boundary."""

    identity: int
    limit: int | None
    is_unclear: bool
    is_never_seen: bool


def state_of(number: int) -> State:
    """The meaning of `what` of the states."""
    rest, own = number % _UNCLEAR, number // _UNCLEAR
    limit = rest // 9
    return State(rest % 9, None if limit == _NO_LIMIT else limit, own % 2 == 1, own >= 2)


class States(NamedTuple):
    """`found`: the states in which somebody may be on a list, in order; `what` is as in `state_of`. `every`: how many
    there are with the others."""

    found: Spans
    every: int


def states(
    identity: Spans, bounded: Spans, limits: Spans, existence: Spans, begin: int, end: int, is_open: Mask
) -> States:
    """Those in [begin, end) of all who have something among the intervals, while they exist. `is_open`: of each key,
    whether it may be on a list without an identity policy that allows it something."""
    those = joined(identity, bounded, limits, existence)
    lengths = [len(each.key) for each in (identity, bounded, limits, existence)]
    nothing = [np.zeros(length, dtype=np.int64) for length in lengths]
    own = np.concatenate((_SAID[identity.what], nothing[1], nothing[2], nothing[3]))
    flags = np.concatenate((
        _FLAGS[identity.what], nothing[1] + _flag(1), _FLAGS[limits.what] & _flag(3), nothing[3] + _flag(0),
    ))  # fmt: skip
    found = steps(those, (own, flags), begin, end)
    own, flags = found.sums
    there = _counted(flags, 0)
    every = int(np.count_nonzero(there))
    there &= _counted(own, 0) | _counted(own, 1) | _counted(flags, 3) | is_open[found.key]
    places = np.flatnonzero(there)
    key, since, until, own, flags = (each[places] for each in (*found[:3], own, flags))
    # Where nothing was ever seen, a boundary may be there too.
    is_unseen = _counted(flags, 2)
    limit = np.where(is_unseen, number_of(None, None), _NO_LIMIT)
    has_limit = np.flatnonzero(_counted(flags, 1))
    limit[has_limit] = _limits(key[has_limit], since[has_limit], until[has_limit], limits)
    what = _combined(own) + 9 * limit + _UNCLEAR * _counted(flags, 3) + _UNSEEN * is_unseen
    return States(Spans(key, since, until, what), every)


def _limits(key: Ints, begin: Ints, end: Ints, limits: Spans) -> Ints:
    """What boundaries say in states, each of which lies within all limits that it meets."""
    limits = limits.in_order()
    met = meetings(spans(key, begin, end), limits)
    counts = np.zeros(len(key), dtype=np.int64)
    np.add.at(counts, met.left, _SAID[limits.what[met.right]])
    return _combined(counts)


def _flag(place: int) -> int:
    return 1 << (_COUNT * place)


def _counts_of(number: int) -> int:
    """What a reading counts: how many allow surely, or perhaps, and how many deny surely, or perhaps."""
    if number >= PERSONAL:
        return 0
    allows, denies = says(number if number < NEVER_SEEN else number_of(None, None))
    found = 0
    for place, each in ((0, allows), (2, denies)):
        if each is not False:
            found |= _flag(place + (each is None))
    return found


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


_SAID: Ints = np.array([_signed(_counts_of(number)) for number in range(PERSONAL + 1)], dtype=np.int64)
_FLAGS: Ints = np.zeros(PERSONAL + 1, dtype=np.int64)
_FLAGS[NEVER_SEEN], _FLAGS[PERSONAL] = _flag(2), _flag(3)


def _counted(numbers: Ints, place: int) -> Mask:
    counted: Mask = (numbers & _signed((_flag(1) - 1) << (_COUNT * place))) != 0
    return counted


def _combined(numbers: Ints) -> Ints:
    """The number of what all that is counted says together."""
    counted = _counted(numbers, 0).astype(np.int8)
    for place in range(1, 4):
        counted |= _counted(numbers, place).astype(np.int8) << place
    return _TOGETHER[counted]


def _together(counted: int) -> int:
    """The same, by four bits: whether something allows surely, or perhaps, or denies surely, or perhaps."""
    allows, denies = (2 if each & 1 else 1 if each & 2 else 0 for each in (counted, counted >> 2))
    return _KLEENE * allows + denies


_TOGETHER: Ints = np.array([_together(counted) for counted in range(16)], dtype=np.int64)
