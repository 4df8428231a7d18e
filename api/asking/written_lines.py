"""Many lines of who-can as JSON at once: statements that many have in the same way are written once, but for whom they
are about and which event gave them.

Serves the row "who-can" of `make bench-history`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from erstwhile.api.asking.blocks import Blocks, in_blocks
from erstwhile.domain.directory.named import texts
from erstwhile.domain.policy.inputs.request import Determining

Ints = npt.NDArray[np.int64]
Parts = npt.NDArray[Any]
"""Texts."""
Events = Mapping[int, bytes]
"""The events of some positions, as JSON."""
MARK = "\0"
"""In place of how a path begins: of no kind and name."""
FIXED = -1
"""In place of the position of the event that gave a statement, of one whose template has it."""
_WRITTEN_MARK = b'"path":["\\u0000"'
_PATH = len(b'"path":[')
_GRANTED_BY = b',"granted_by":'
_OF_LINE, _OF_STATEMENT = 3, 7
"""How many parts a line has beside its statements, and a statement."""
_encode = msgspec.json.Encoder().encode


class Template(NamedTuple):
    """A statement as text, in pieces. After `before` comes how the path begins; between `middle` and `after` the
    position of the event that gave it, and after that this event."""

    before: bytes
    middle: bytes
    after: bytes
    end: bytes


def template(statement: Determining, events: Events, is_fixed: bool) -> Template:
    """Of a statement whose path begins with `MARK`. `is_fixed`: whether it is that of one event alone."""
    text = _encode(statement)
    place = text.index(_WRITTEN_MARK)
    before, middle, after = text[: place + _PATH], text[place + len(_WRITTEN_MARK) : -1], b""
    granted, defined = events.get(statement.granted_by), events.get(statement.defined_by)
    if not is_fixed:
        middle, _, after = middle.partition(_GRANTED_BY)
        middle, after = middle + _GRANTED_BY, after[len(str(statement.granted_by)) :]
    elif granted is not None:
        middle += b',"granted":' + granted
    return Template(before, middle, after, b"}" if defined is None else b',"defined":%b}' % defined)


def of_event(bare: Template, known: int, position: int, events: Events) -> Template:
    """The template of a statement that one event gave and put in force, from that of another such event: made without
    events. `known`, `position`: those of the two."""
    middle = bare.middle.replace(_given_and_defined(known), _given_and_defined(position), 1)
    told = events.get(position)
    if told is None:
        return bare._replace(middle=middle)
    return Template(bare.before, b'%b,"granted":%b' % (middle, told), b"", b',"defined":%b}' % told)


def _given_and_defined(position: int) -> bytes:
    return b'%b%d,"defined_by":%d' % (_GRANTED_BY, position, position)


def written_statement(each: Determining, events: Events) -> bytes:
    """One statement with its events."""
    told = [_encode(each)[:-1]]
    for name, position in ((b"granted", each.granted_by), (b"defined", each.defined_by)):
        if position in events:
            told += [b',"', name, b'":', events[position]]
    return b"".join([*told, b"}"])


class Statements(NamedTuple):
    """Of many lines, one line after the other."""

    line: Ints
    template: Ints
    granted_by: Ints
    """The position of the event that gave it; or FIXED."""


class Lines(NamedTuple):
    """Lines in pieces, at least one. Each ends with a comma."""

    parts: Parts
    starts: Ints
    """Of each line, where its first piece is."""

    def as_list(self, others: Mapping[int, Sequence[bytes]]) -> Blocks:
        """All of them, with other lines in front of some; what stands in front of none comes last."""
        parts, count = self.parts, len(self.starts)
        last = others.get(count, ())
        for place, those in others.items():
            if place < count:
                first = self.starts[place]
                parts[first] = b",".join([*those, parts[first]])
        parts[0] = b"[" + parts[0]
        parts[-1] = b",".join([parts[-1][:-1], *last]) + b"]"
        return in_blocks(parts)


def lines(
    heads: Parts,
    paths: Parts,
    opening: Parts,
    closing: Parts,
    statements: Statements,
    templates: Sequence[Template],
    events: Events,
) -> Lines:
    """`heads`: who a line is about, without braces; `paths`: how its paths begin. Between a line's opening and its
    closing are its statements, with commas; the opening of a line that has none has the closing, too."""
    line, which = statements.line, statements.template
    counts = np.bincount(line, minlength=len(heads))
    starts = _OF_LINE * np.arange(len(heads)) + _OF_STATEMENT * (np.cumsum(counts) - counts)
    parts = np.empty(_OF_LINE * len(heads) + _OF_STATEMENT * len(line), dtype=object)
    parts[starts] = b"{"
    parts[starts + 1] = heads
    parts[starts + 2] = opening
    at = _OF_LINE * (line + 1) + _OF_STATEMENT * np.arange(len(line))
    before, middle, after, end = (
        texts(list(column)) for column in zip(*templates or [Template(b"", b"", b"", b"")], strict=True)
    )
    different, places = np.unique(statements.granted_by, return_inverse=True)
    granted = different.tolist()
    numbers = [b"" if each == FIXED else b"%d" % each for each in granted]
    told = [b',"granted":' + events[each] if each in events else b"" for each in granted]
    columns = (before[which], paths[line], middle[which], texts(numbers)[places], after[which],
               texts(told)[places])  # fmt: skip
    for number, column in enumerate(columns):
        parts[at + number] = column
    is_last = np.append(line[1:] != line[:-1], True)[: len(line)]
    ends = np.concatenate((end + b",", end))
    parts[at + len(columns)] = ends[which + len(end) * is_last]
    lasts = at[is_last] + len(columns)
    parts[lasts] += closing[line[is_last]]
    return Lines(parts, starts.astype(np.int64))
