"""From the leaves as they were committed to and as the log has them now: what was done, and where first."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

LOOK_AHEAD = 10_000
"""Leaves after the first difference in which its counterpart is looked for."""


class Kind(StrEnum):
    """What was done."""

    CHANGED = "changed"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    RE_SIGNED = "re-signed"
    DETAILS_CHANGED = "details changed"
    TREE_CHANGED = "tree changed"


class Tampering(msgspec.Struct, frozen=True):
    """The first place that does not fit. `position`: of an event in the log; `until`: the last position that may be
    meant, where only a range is known; `explanation`: for people."""

    kind: Kind
    position: int
    until: int
    explanation: str


def first_difference(committed: Sequence[bytes], found: Sequence[bytes]) -> int | None:
    """The first index at which the leaves differ, also where one ends before the other; None where they are equal."""
    if committed == found:
        return None
    for index, (was, now) in enumerate(zip(committed, found, strict=False)):
        if was != now:
            return index
    return min(len(committed), len(found))


def tampering_at(position: int, committed: Sequence[bytes], found: Sequence[bytes]) -> Tampering:
    """What was done at `position`: `committed` are the leaves from there on as the tree has them, `found` as the log
    has them (LOOK_AHEAD of each at most); the first ones differ, or one of the sequences is empty."""
    if not found:
        return _at(Kind.TRUNCATED, position, "the log ends before it: this event and those after it are gone")
    if not committed:
        return _at(Kind.INSERTED, position, "the tree has no such event")
    gone_to = _index(found, committed[0])
    came_from = _index(committed, found[0])
    if came_from is None and gone_to is None:
        return _at(Kind.CHANGED, position, "the event is not the one that was committed to")
    if gone_to is None:
        count = came_from or 0
        return _at(Kind.DELETED, position, f"{_events(count)} taken out here, and those behind were numbered anew")
    if came_from is None:
        return _at(Kind.INSERTED, position, f"{_events(gone_to)} put in here, and those behind were numbered anew")
    return _at(Kind.REORDERED, position, f"the event that was here is at position {position + gone_to} now")


def missing(first: int, last: int) -> Tampering:
    """Positions that the log has no events for, while it goes on behind them."""
    return Tampering(
        Kind.DELETED, first, last, f"{_events(last - first + 1)} taken out: positions are gapless in this log"
    )


def _at(kind: Kind, position: int, explanation: str) -> Tampering:
    return Tampering(kind, position, position, explanation)


def _index(leaves: Sequence[bytes], leaf: bytes) -> int | None:
    try:
        return leaves.index(leaf)
    except ValueError:
        return None


def _events(count: int) -> str:
    return "one event was" if count == 1 else f"{count:,} events were"
