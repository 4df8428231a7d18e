"""The lines of those that who-can allows for certain, as JSON from columns: a statement that many have in the same way
is written once, but for whom it is about.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from erstwhile.api.asking.written_named import write_named
from erstwhile.domain.policy.inputs.request import Determining
from erstwhile.domain.questions.surely_allowed import SurelyAllowed

_MARK = "\0"
"""In place of how a path begins: of no kind and name."""
_WRITTEN_MARK = b'"path":["\\u0000"'
_PATH = len(b'"path":[')
Statement = tuple[int, bytes, bytes]
"""Its rank, and what is written before and after the beginning of its path."""
WriteStatement = Callable[[Determining], bytes]


def sure_lines(found: SurelyAllowed, write: WriteStatement) -> list[bytes]:
    """In the order of `found`."""
    return _Writing(found, write).lines()


class _Writing:
    def __init__(self, found: SurelyAllowed, write: WriteStatement) -> None:
        self._found, self._write = found, write
        self._of_pairs: dict[tuple[int, int, int], list[Statement]] = {}
        self._of_boundaries: dict[tuple[int, int], list[Statement]] = {}

    def lines(self) -> list[bytes]:
        found = self._found
        encode = msgspec.json.Encoder().encode
        held, kinds = found.held, [kind for _, kind in found.held.places]
        frames = [b"".join([self._write(each) + b"," for each in frame.allowing]) for frame in found.frames]
        boundaries, places = held.boundary.tolist(), held.place.tolist()
        lines = []
        for number, who in zip(found.numbers, found.who, strict=True):
            place = places[number]
            here = encode(f"{kinds[place]}/{who.name}")
            own = self._own(number)
            if boundaries[number] >= 0:
                own = own + self._boundary(number)
            statements = b",".join([before + here + after for _, before, after in own])
            lines.append(
                b'{%b,"effect":"allow","determining":[%b%b],"why":[]}'
                % (who.written or write_named(who), frames[place] if own else frames[place][:-1], statements)
            )
        return lines

    def _own(self, number: int) -> list[Statement]:
        """Those of a principal's own policies, as an answer names them."""
        callers, kept = self._found.callers, self._of_pairs
        own: list[Statement] = []
        for pair in callers.pairs(number):
            key = callers.pair(pair)
            those = kept.get(key)
            if those is None:
                those = kept[key] = self._pair(pair)
            own += those
        first = own[0][0] if own else 0
        for each in own:
            if each[0] != first:
                own.sort(key=_rank)
                break
        return own

    def _pair(self, pair: int) -> list[Statement]:
        callers = self._found.callers
        statements = callers.allowing(pair, _MARK, self._found.says[callers.variants[pair]])
        return [(rank, *self._parts(each)) for rank, each in statements]

    def _boundary(self, number: int) -> list[Statement]:
        held = self._found.held
        key = int(held.boundary[number]), int(held.bounded_by[number])
        found = self._of_boundaries.get(key)
        if found is None:
            statements = self._found.callers.of_boundary(number, _MARK)
            found = self._of_boundaries[key] = [(0, *self._parts(each)) for each in statements]
        return found

    def _parts(self, statement: Determining) -> tuple[bytes, bytes]:
        written = self._write(statement)
        place = written.index(_WRITTEN_MARK)
        return written[: place + _PATH], written[place + len(_WRITTEN_MARK) :]


def _rank(statement: Statement) -> int:
    return statement[0]
