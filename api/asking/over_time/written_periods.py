"""Who could at any time of a window, as JSON at once: what `holders_json` tells, without anything in between for each
of those whom arithmetic settled.

Serves the row "ever over a year" of `make bench-history`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

import numpy as np
import orjson

from erstwhile.api.asking.blocks import Blocks, in_blocks
from erstwhile.api.asking.over_time.told_holders import holders_json
from erstwhile.domain.directory.named import Texts, texts
from erstwhile.domain.history.at_once.settled import Settled
from erstwhile.domain.history.ever import HOW, EverFound, Holder, answer_order
from erstwhile.domain.vocabulary.instants import BEFORE, FOREVER
from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, instant_of
from erstwhile.domain.vocabulary.written_instants import written_pairs

_LISTS = tuple(HOW.values())
_ALLOWED = next(number for number, how in HOW.items() if how == "allowed")
_FIRST, _LAST = ((each - instant_of(0)) // timedelta(microseconds=1) for each in (BEFORE, FOREVER))
"""What `ALWAYS` and `NEVER` stand for, as microseconds like any others."""
Order = tuple[int, bool, bool, str, datetime, str]


def holders_written(found: EverFound) -> Blocks:
    """All principals, as a list."""
    settled = found.settled
    parts = _lines(settled)
    # The others are few, most often: each is put in front of the line that follows it.
    last: list[bytes] = []
    before: dict[int, list[bytes]] = {}
    best = settled.best()
    places = range(len(settled.principals))

    def order(place: int) -> Order:
        begin = instant_of(int(settled.begin[settled.first[place]]))
        who = settled.principals.named(place)
        return _LISTS.index(HOW[int(best[place])]), False, True, who.arn, begin, who.key[2]

    for each, line in _others(found):
        place = bisect_right(places, each, key=order)
        (before.setdefault(place, []) if place < len(places) else last).append(line)
    for place, lines in before.items():
        first = int(settled.first[place]) * _PARTS
        parts[first] = b",".join([*lines, parts[first]])
    if not len(parts):
        return Blocks([b"[" + b",".join(last) + b"]"])
    # Each line of the columns ends with a comma.
    parts[0] = b"[" + parts[0]
    parts[-1] = b",".join([parts[-1][:-1], *last]) + b"]"
    return in_blocks(parts)


_BEFORE = b',"is_outsider":false,"periods":['
_PARTS = 6
"""Parts of a line that a period has."""


def _lines(settled: Settled) -> Texts:
    count = len(settled.begin)
    if not count:
        return texts([])
    firsts, lasts = settled.first[:-1], settled.first[1:] - 1
    table = np.full((count, _PARTS), b"", dtype=object)
    table[:, 0] = b","
    table[firsts, 0] = _of_lists(b'{"answer":"%b",')[settled.best()]
    table[firsts, 1] = settled.principals.heads
    table[firsts, 2] = _BEFORE
    table[:, 3] = written_pairs(b'{"from":', settled.begin, b',"to":', settled.end)
    table[:, 4] = _of_lists(b',"how":"%b"}')[settled.how]
    table[lasts, 4] = _of_lists(b',"how":"%b"}],"allowed_seconds":')[settled.how[lasts]]
    table[lasts, 5] = _seconds(settled)
    return cast(Texts, table.ravel())


def _of_lists(text: bytes) -> Texts:
    """A text with the name of each list, by the number of the list."""
    return texts([text % HOW[number].encode() if number in HOW else b"" for number in range(max(HOW) + 1)])


def _seconds(settled: Settled) -> list[bytes]:
    """For how many seconds each was allowed it, with the end of its line."""
    begin = np.where(settled.begin == ALWAYS, _FIRST, settled.begin)
    end = np.where(settled.end == NEVER, _LAST, settled.end)
    spans = np.where(settled.how == _ALLOWED, end - begin, 0)
    totals = np.add.reduceat(spans, settled.first[:-1])
    # A float holds each number of microseconds up to there.
    is_exact = int(totals.max()) < 1 << 53
    seconds = totals / 1_000_000 if is_exact else np.array([micros / 1_000_000 for micros in totals.tolist()])
    written = orjson.dumps(seconds, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    return (written + b",").replace(b",", b"},\n").split(b"\n")[:-1]


def _others(found: EverFound) -> Iterator[tuple[Order, bytes]]:
    """The holders that are no columns, in order, each as a line."""
    rest = found.rest
    holders: list[tuple[int, Holder]] = [
        (number, each) for number, those in enumerate((rest.allowed, rest.conditional, rest.unknown)) for each in those
    ]
    for (number, each), told in zip(holders, holders_json(rest), strict=True):
        yield (number, *answer_order(each)), orjson.dumps(told)
