"""What a managed policy said, from when to when: the times at which its words were known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from erstwhile.domain.directory import attributes as a
from erstwhile.domain.directory.entity import Entity
from erstwhile.domain.directory.facts import Fact, Interval
from erstwhile.domain.history.windows import Window, within


class Piece(NamedTuple):
    """In [begin, end) the policy was there and its default version said `document`. `told`: its name, its ARN and since
    when it existed, on which it depends whose attachments mean it."""

    begin: datetime
    end: datetime
    document: str
    told: tuple[object, ...]


def pieces(rows: Iterable[Interval]) -> list[Piece]:
    """Those of a policy with these intervals. A time at which its words were not known is in none of them."""
    found: dict[str, list[Interval]] = {}
    for row in rows:
        found.setdefault(row.attribute, []).append(row)
    gaps: list[Window] = [(row.valid_from, row.valid_to) for row in found.get(a.GAP, ())]
    made = []
    for default in found.get(a.DEFAULT, ()):
        for version in found.get(a.VERSION, ()):
            document = version.value.get("document")
            if version.item != default.value["version"] or document is None:
                continue
            for there in found.get(a.ENTITY, ()):
                begin = max(default.valid_from, version.valid_from, there.valid_from)
                end = min(default.valid_to, version.valid_to, there.valid_to)
                made += [Piece(*part, document, _told(there)) for part in _without(begin, end, gaps)]
    return sorted(made)


def _told(row: Interval) -> tuple[object, ...]:
    entity = Entity(*row[:3])
    entity.facts[a.ENTITY] = {"": Fact(row.value, row.valid_from, row.opened_by)}
    return row.value.get("name"), row.value.get("arn"), entity.begun


def _without(begin: datetime, end: datetime, gaps: Iterable[Window]) -> list[Window]:
    """The parts of [begin, end) that are in none of some windows."""
    left: list[Window] = [(begin, end)] if begin < end else []
    for since, until in gaps:
        left = [part for each in left for part in (*within([each], begin, since), *within([each], until, end))]
    return left
