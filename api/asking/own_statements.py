"""The statements that principals have by policies of their own, as JSON for many lines at once: those who have the same
policy have it by different events.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from erstwhile.api.asking.statements_once import PRINCIPAL, StatementsOnce
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.policy.inputs.request import Determining

Ints = npt.NDArray[np.int64]
_GRANTED_BY = b',"granted_by":'
_encode = msgspec.json.Encoder().encode


class Template(NamedTuple):
    """A statement as text for `%`, without the position of the event that gave it. `times`: how often that comes in it;
    twice where the event put the words in force, too."""

    text: bytes
    times: int

    def given(self, granted_by: Sequence[int]) -> list[bytes]:
        """By some events."""
        text = self.text
        if self.times == 2:
            return [text % (each, each) for each in granted_by]
        return [text % each for each in granted_by] if self.times else [text % ()] * len(granted_by)


def template(statement: Determining, is_of_event: bool, statements: StatementsOnce) -> Template:
    """Of a statement that somebody has by a policy of its own: its path begins at the principal. `is_of_event`: whether
    the event that gives it puts its words in force, too."""
    if not is_of_event:
        statements.name(statement.defined_by)
    if statement.path[0] != PRINCIPAL:
        statement = msgspec.structs.replace(statement, path=(PRINCIPAL, *statement.path[1:]))
    before, name, after = _escaped(_encode(statement)).partition(_GRANTED_BY)
    after = after.removeprefix(b"%d" % statement.granted_by)
    if is_of_event:
        after = after.replace(b'"defined_by":%d' % statement.defined_by, b'"defined_by":%d', 1)
    return Template(b"%b%b%%d%b" % (before, name, after), 2 if is_of_event else 1)


def whole_template(text: bytes) -> Template:
    """Of a statement that is not the principal's own."""
    return Template(_escaped(text), 0)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"%", b"%%")


Ranked = tuple[int, Template]


class OwnStatements:
    """What lines name beside the statements in their openings."""

    def __init__(self, statements: StatementsOnce) -> None:
        self._statements = statements
        self.texts: list[bytes] = []
        self._ranks: list[int] = []
        self._line: list[Ints] = [np.zeros(0, dtype=np.int64)]
        self._which: list[Ints] = [np.zeros(0, dtype=np.int64)]

    def add(self, line: Ints, what: Ints, granted_by: Ints, tell: Callable[[int], Sequence[Ranked]]) -> None:
        """Of several lines, `what` each has, and by which event. `tell`: what that says, from the place of one of
        them."""
        keys = what * (int(granted_by.max(initial=0)) + 1) + granted_by
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        given: list[int] = granted_by[first].tolist()
        self._statements.name(*given)
        # The same stand together, by different events.
        ends = np.flatnonzero(np.diff(what[first], append=-1)) + 1
        begin, base = 0, len(self.texts)
        count: list[int] = []
        for end, place in zip(ends.tolist(), first[ends - 1].tolist(), strict=True):
            told = tell(place)
            several = [each.given(given[begin:end]) for _, each in told]
            self.texts += several[0] if len(several) == 1 else chain.from_iterable(zip(*several, strict=True))
            self._ranks += [rank for rank, _ in told] * (end - begin)
            count += [len(told)] * (end - begin)
            begin = end
        counts = np.array(count, dtype=np.int64)
        begins = base + np.cumsum(counts) - counts
        self._line.append(np.repeat(line, counts[which]))
        self._which.append(ranges(begins[which], (begins + counts)[which]))

    def in_order(self) -> tuple[Ints, Ints]:
        """Line by line, by rank: the lines, and which of the texts."""
        line, which = np.concatenate(self._line), np.concatenate(self._which)
        ranks = np.array(self._ranks, dtype=np.int64)[which]
        order = np.argsort(line * (int(ranks.max(initial=0)) + 1) + ranks, kind="stable")
        return line[order], which[order]
