"""The statements that principals have by policies of their own, as JSON for many lines at once: those who have the same
policy have it by different events.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from erstwhile.api.asking.statements_once import StatementsOnce
from erstwhile.domain.history.at_once.spans import ranges
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.told_statements import PRINCIPAL

Ints = npt.NDArray[np.int64]
_PATH = b',"path":["%b",' % PRINCIPAL.encode()
_GRANTED_BY, _DEFINED_BY = b',"granted_by":', b',"defined_by":'
_MOST = 2**63
_NOTHING = -1, -1
_encode = msgspec.json.Encoder().encode


class Template(NamedTuple):
    """A statement as text, cut where the steps of the way to its policy go, and where the position of the event goes
    that gave it."""

    before: bytes
    """What stands before the steps; all of it where `after` is empty."""
    after: tuple[bytes, ...] = ()
    """What stands between the positions. There is one more where the event put the words in force, too."""

    def by(self, way: bytes) -> tuple[bytes, ...]:
        """By a way (`way_text`): the statement is these, joined by the position."""
        return (self.before + way + self.after[0], *self.after[1:]) if self.after else (self.before,)


class Templates:
    """Of one answer: each statement is made a template once."""

    def __init__(self, statements: StatementsOnce) -> None:
        self.statements = statements
        self._known: dict[int, tuple[Determining, Template]] = {}
        """By the id of the statement, which is kept with it: as long as it lives, no other has its id."""

    def of(self, statement: Determining, is_of_event: bool) -> Template:
        """Of a statement that somebody has by a policy of its own, as all have it who do (`ToldStatements`).
        `is_of_event`: whether the event that gives it puts its words in force, too."""
        found = self._known.get(id(statement))
        if found is None:
            found = self._known[id(statement)] = statement, self._made(statement, is_of_event)
        return found[1]

    def _made(self, statement: Determining, is_of_event: bool) -> Template:
        if not is_of_event:
            self.statements.name(statement.defined_by)
        before, path, behind = _encode(statement).partition(_PATH)
        step, name, after = behind.partition(_GRANTED_BY)
        after = after.removeprefix(b"%d" % statement.granted_by)
        if not is_of_event:
            return Template(before + path, (step + name, after))
        between, name_of_words, behind = after.partition(_DEFINED_BY)
        behind = behind.removeprefix(b"%d" % statement.defined_by)
        return Template(before + path, (step + name, between + name_of_words, behind))


def way_text(steps: Sequence[str]) -> bytes:
    """The steps of a way, for `Template.by`."""
    return b"".join([_encode(step) + b"," for step in steps])


Ranked = tuple[int, Template]


class OwnStatements:
    """What lines name beside the statements in their openings."""

    def __init__(self, statements: StatementsOnce, through: Callable[[int], tuple[str, ...]]) -> None:
        """`through`: the steps of a way."""
        self._statements = statements
        self._through = through
        self._ways: dict[int, bytes] = {}
        self.texts: list[bytes] = []
        self._ranks: list[int] = []
        self._line: list[Ints] = [np.zeros(0, dtype=np.int64)]
        self._which: list[Ints] = [np.zeros(0, dtype=np.int64)]

    def add(self, line: Ints, what: Ints, way: Ints, granted_by: Ints, tell: Callable[[int], Sequence[Ranked]]) -> None:
        """Of several lines, `what` each has, by which way, and by which event. `tell`: what that says, from the place
        of one of them."""
        first, which = _distinct(what, way, granted_by)
        told_of: dict[int, Sequence[Ranked]] = {}
        parts: list[tuple[int, tuple[bytes, ...]]] = []
        texts, ranks, base = self.texts, self._ranks, len(self.texts)
        ends: list[int] = []
        last = _NOTHING
        columns = (each[first].tolist() for each in (what, way, granted_by))
        for place, each, by, event in zip(first.tolist(), *columns, strict=True):
            # The same by the same way stand together, by different events.
            if (each, by) != last:
                told = told_of.get(each)
                if told is None:
                    told = told_of[each] = tell(place)
                steps, last = self._way(by), (each, by)
                parts = [(rank, template.by(steps)) for rank, template in told]
            position = b"%d" % event
            for rank, those in parts:
                texts.append(position.join(those))
                ranks.append(rank)
            ends.append(len(texts))
        self._statements.name(*granted_by[first].tolist())
        limits = np.array([base, *ends], dtype=np.int64)
        begins, counts = limits[:-1], np.diff(limits)
        self._line.append(np.repeat(line, counts[which]))
        self._which.append(ranges(begins[which], limits[1:][which]))

    def _way(self, number: int) -> bytes:
        found = self._ways.get(number)
        if found is None:
            found = self._ways[number] = way_text(self._through(number))
        return found

    def in_order(self) -> tuple[Ints, Ints]:
        """Line by line, by rank: the lines, and which of the texts."""
        line, which = np.concatenate(self._line), np.concatenate(self._which)
        ranks = np.array(self._ranks, dtype=np.int64)[which]
        order = np.argsort(line * (int(ranks.max(initial=0)) + 1) + ranks, kind="stable")
        return line[order], which[order]


def _distinct(*columns: Ints) -> tuple[Ints, Ints]:
    """Rows that differ: the place of the first of each, and of each row which of these it equals."""
    keys, width = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        more = int(column.max(initial=0)) + 1
        if width * more >= _MOST:
            keys = np.unique(keys, return_inverse=True)[1]
            width = len(keys)
        keys, width = keys * more + column, width * more
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return first, which
