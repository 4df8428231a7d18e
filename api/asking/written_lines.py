"""Many lines of who-can as JSON at once. A line has: who it is about, an opening that many have in common, the numbers
of its own statements, and a closing.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from erstwhile.api.asking.answers import holder_json
from erstwhile.api.asking.blocks import Blocks, in_blocks, listed
from erstwhile.api.asking.own_statements import OwnStatements
from erstwhile.api.asking.statements_once import StatementsOnce, first_step
from erstwhile.domain.directory.named import Named, texts
from erstwhile.domain.questions.who_can import Holder

Ints = npt.NDArray[np.int64]
Parts = npt.NDArray[Any]
"""Texts."""
END = b"},{"
"""Between two lines: `closings` end with it."""
_OF_LINE = 3
"""How many parts a line has beside its own statements."""


class LaterKnown(NamedTuple):
    """What is told of those whose policies are not known, by their ARNs: when these were listed first, and the last
    successful call."""

    listed: Mapping[str, str]
    calls: Mapping[str, dict[str, str]]
    who: Sequence[Named] = ()
    """Those that columns tell, in the order of these."""

    def why(self, principal: str) -> list[str]:
        return [f"known later: first listed at {self.listed[principal]}"] if principal in self.listed else []


class Opening(NamedTuple):
    """How lines go on behind who they are about: `text`, and the numbers of the statements."""

    text: bytes
    statements: Sequence[bytes]


class Lines(NamedTuple):
    """Lines before their statements have numbers; at least one."""

    heads: Parts
    """Who each is about, without braces."""
    opening: Ints
    """Of each, which of the openings it has."""
    openings: list[Opening]
    own: OwnStatements
    """What they name behind their openings."""
    closings: Parts
    """Of each, what comes behind the numbers, with `END`."""


def written_list(
    lines: Lines | None, others: Mapping[int, Sequence[Holder]], statements: StatementsOnce, later: LaterKnown | None
) -> Blocks:
    """A list of lines, with other holders in front of some; those in front of none come last. Gives numbers to all
    statements that come for the first time."""
    if lines is None:
        return listed([_line(each, statements, later) for _, those in sorted(others.items()) for each in those])
    count = len(lines.heads)
    line, which = lines.own.in_order()
    own = np.bincount(line, minlength=count)
    starts = _OF_LINE * np.arange(count) + np.cumsum(own) - own
    at = _OF_LINE * line + 2 + np.arange(len(line))
    numbered = _Numbered(lines, starts + 1, at, which, statements)
    told: dict[int, list[bytes]] = {}
    for place, those in sorted(others.items()):
        numbered.upto(int(starts[place]) if place < count else None)
        told[place] = [_line(each, statements, later) for each in those]
    numbered.upto(None)
    parts = np.empty(_OF_LINE * count + len(line), dtype=object)
    parts[starts] = lines.heads
    goes_on = np.zeros(len(lines.openings), dtype=bool)
    goes_on[lines.opening] = own > 0
    parts[starts + 1] = texts(numbered.openings(goes_on.tolist()))[lines.opening]
    is_last = np.append(line[1:] != line[:-1], True)[: len(line)]
    numbers = numbered.own()
    parts[at] = texts([b"%d" % each for each in numbers.tolist()])[which]
    parts[at[~is_last]] = [b"%d," % each for each in numbers[which[~is_last]].tolist()]
    parts[starts + 2 + own] = lines.closings
    for place, before in told.items():
        if place < count:
            parts[starts[place]] = b"".join([*[each[1:] + b",{" for each in before], parts[starts[place]]])
    parts[0] = b"[{" + parts[0]
    parts[-1] = b",".join([parts[-1].removesuffix(b",{"), *told.get(count, ())]) + b"]"
    return in_blocks(parts)


class _Numbered:
    """The statements of lines, which get numbers in the order of their first use."""

    def __init__(self, lines: Lines, openings_at: Ints, own_at: Ints, which: Ints, statements: StatementsOnce) -> None:
        """Where the openings of lines are, and their own statements, of which `which` says what they are."""
        self._openings, self._statements = lines.openings, statements
        self._own = len(lines.own.texts)
        self._texts = [*lines.own.texts, *[text for each in lines.openings for text in each.statements]]
        # Of what comes more than once, the first is put there last.
        of_own, of_openings = (np.full(each, -1, dtype=np.int64) for each in (self._own, len(lines.openings)))
        of_own[which[::-1]] = own_at[::-1]
        of_openings[lines.opening[::-1]] = openings_at[::-1]
        first = np.append(of_own, np.repeat(of_openings, [len(each.statements) for each in lines.openings]))
        self._order = np.argsort(first, kind="stable")[np.count_nonzero(first < 0) :]
        self._places = first[self._order]
        self._numbers = np.zeros(len(first), dtype=np.int64)
        self._done = 0

    def upto(self, place: int | None) -> None:
        """Those whose first use is before a place; None: all."""
        end = len(self._order) if place is None else int(np.searchsorted(self._places, place))
        those = self._order[self._done : end]
        self._numbers[those] = self._statements.numbers([self._texts[each] for each in those.tolist()])
        self._done = end

    def own(self) -> Ints:
        return self._numbers[: self._own]

    def openings(self, goes_on: Sequence[bool]) -> list[bytes]:
        """`goes_on`: of each, whether other statements follow."""
        numbers: list[int] = self._numbers[self._own :].tolist()
        found, begin = [], 0
        for each, more in zip(self._openings, goes_on, strict=True):
            end = begin + len(each.statements)
            told = b",".join([b"%d" % number for number in numbers[begin:end]])
            found.append(each.text + told + (b"," if told and more else b""))
            begin = end
        return found


def _line(holder: Holder, statements: StatementsOnce, later: LaterKnown | None) -> bytes:
    here = first_step(holder.kind, holder.principal)
    numbers = statements.numbers([statements.text(each, here) for each in holder.decision.determining])
    told = holder_json(holder, numbers)
    if later is not None:
        told["why"] += later.why(holder.principal)
        told["successful_call"] = later.calls.get(holder.principal)
    return orjson.dumps(told)
