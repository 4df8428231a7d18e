"""Arithmetic over many intervals [begin, end) at once: where two meet, what is not covered, and the steps of counts.

Each interval has a key, a small number: intervals of different keys have nothing to do with each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from erstwhile.domain.history.wide_history import Ints

_MOST = 2**63 - 1


class Spans(NamedTuple):
    """Intervals, as arrays of one length. `what` is a number that belongs to each."""

    key: Ints
    begin: Ints
    end: Ints
    what: Ints

    def only(self, which: npt.NDArray[np.bool_] | Ints) -> Spans:
        """Some of them, by a mask or by their places."""
        if which.dtype == np.bool_:
            if bool(which.all()):
                return self
            which = np.flatnonzero(which)
        return Spans(*(column[which] for column in self))

    def in_order(self) -> Spans:
        """By key, then by beginning."""
        key, begin = self.key, self.begin
        if bool(((key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & (begin[1:] >= begin[:-1]))).all()):
            return self
        return self.only(_order(key, begin))


NONE = Spans(*(np.empty(0, dtype=np.int64) for _ in range(4)))


def joined(*parts: Spans) -> Spans:
    """All intervals of several."""
    return Spans(*(np.concatenate(columns) for columns in zip(NONE, *parts, strict=True)))


def spans(key: Ints, begin: Ints, end: Ints, what: Ints | int = 0) -> Spans:
    """`what`: a number each, or one for all."""
    return Spans(key, begin, end, what if not isinstance(what, int) else np.full(len(key), what, dtype=np.int64))


class Meetings(NamedTuple):
    """Where an interval of one array meets one of another: the places of the two, and the time that they share."""

    left: Ints
    right: Ints
    begin: Ints
    end: Ints


def meetings(left: Spans, right: Spans) -> Meetings:
    """Of the same key. `right` is in the order of its keys; the meetings are in the order of `left`, then `right`."""
    keys = int(max(left.key.max(initial=-1), right.key.max(initial=-1))) + 1
    begins = np.zeros(keys + 1, dtype=np.int64)
    np.cumsum(np.bincount(right.key, minlength=keys), out=begins[1:])
    first, last = begins[left.key], begins[left.key + 1]
    theirs = ranges(first, last)
    ours = np.repeat(np.arange(len(left.key), dtype=np.int64), last - first)
    begin = np.maximum(left.begin[ours], right.begin[theirs])
    end = np.minimum(left.end[ours], right.end[theirs])
    there = begin < end
    if bool(there.all()):
        return Meetings(ours, theirs, begin, end)
    places = np.flatnonzero(there)
    return Meetings(ours[places], theirs[places], begin[places], end[places])


def ranges(begins: Ints, ends: Ints) -> Ints:
    """All numbers from each begin up to its end."""
    lengths = ends - begins
    offsets = np.repeat(begins - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(int(lengths.sum()), dtype=np.int64) + offsets


class Steps(NamedTuple):
    """The intervals between neighbouring instants of a key, in order, with the sums that hold in each."""

    key: Ints
    begin: Ints
    end: Ints
    sums: tuple[Ints, ...]


def steps(those: Spans, weights: tuple[Ints, ...], begin: int, end: int) -> Steps:
    """What the weights of all intervals that hold sum up to, from change to change in [begin, end)."""
    since, until = np.maximum(those.begin, begin), np.minimum(those.end, end)
    inside = since < until
    if not inside.all():
        places = np.flatnonzero(inside)
        key, since, until = those.key[places], since[places], until[places]
        weights = tuple(each[places] for each in weights)
    else:
        key = those.key
    key, at = np.concatenate((key, key)), np.concatenate((since, until))
    order = _order(key, at)
    key, at = key[order], at[order]
    last = _lasts(key, at)
    key, at = key[last], at[last]
    goes_on = np.flatnonzero(key[1:] == key[:-1])
    places = last[goes_on]
    sums = tuple(np.cumsum(np.concatenate((each, -each))[order])[places] for each in weights)
    return Steps(key[goes_on], at[goes_on], at[goes_on + 1], sums)


def _lasts(key: Ints, at: Ints) -> Ints:
    """The places of the last of those that have the same key and instant."""
    if not len(key):
        return np.empty(0, dtype=np.int64)
    differs = at[1:] != at[:-1]
    differs |= key[1:] != key[:-1]
    return np.append(np.flatnonzero(differs), len(key) - 1)


def uncovered(those: Spans, keys: Ints, begin: int, end: int) -> Spans:
    """The parts of [begin, end) that no interval covers, of each of some keys; in order."""
    whole = spans(keys, np.full(len(keys), begin, dtype=np.int64), np.full(len(keys), end, dtype=np.int64))
    wanted = np.zeros(int(max(keys.max(initial=-1), those.key.max(initial=-1))) + 1, dtype=bool)
    wanted[keys] = True
    those = those.only(wanted[those.key] & (those.begin < end) & (those.end > begin))
    every = joined(whole, those)
    covers = np.ones(len(every.key), dtype=np.int64)
    covers[: len(keys)] = 0
    found = steps(every, (covers,), begin, end)
    return spans(found.key, found.begin, found.end).only(found.sums[0] == 0)


def merged(those: Spans) -> Spans:
    """Neighbours of one key that say the same, as one. `those` are in order, and do not meet."""
    if not len(those.key):
        return those
    same = (those.key[1:] == those.key[:-1]) & (those.what[1:] == those.what[:-1]) & (those.begin[1:] == those.end[:-1])
    first = np.concatenate(([True], ~same))
    last = np.concatenate((~same, [True]))
    return Spans(those.key[first], those.begin[first], those.end[last], those.what[first])


def _order(key: Ints, at: Ints) -> Ints:
    """The places in the order of the keys, then of the instants."""
    if not len(key):
        return np.empty(0, dtype=np.int64)
    least = int(at.min())
    span = int(at.max()) - least + 1
    if (int(key.max()) + 1) * span > _MOST:
        return np.lexsort((at, key))
    # One number is sorted in a fraction of the time of two.
    return np.argsort(key * span + (at - least), kind="stable")
