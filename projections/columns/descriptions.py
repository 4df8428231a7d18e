"""Who was ever called so, as known at a log position: the indexes of a segment also find those that were called so by
what was believed at another position alone, and an answer would tell what it read of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Value
from erstwhile.projections.columns.segment import Segment
from erstwhile.projections.columns.stack import Layer


def with_name(stack: Iterable[Layer], known_at: int, account: str, kind: str, name: str) -> list[EntityKey]:
    """`name` in lower case."""

    def fits(told: Value) -> bool:
        return str(told.get("name", "")).lower() == name

    return [key for each in stack for key in _keys(each, each.segment.named(account, kind, name), known_at, fits)]


def with_recorded_arn(stack: Iterable[Layer], known_at: int, arn: str) -> list[EntityKey]:
    def fits(told: Value) -> bool:
        return bool(told.get("arn") == arn)

    return [key for each in stack for key in _keys(each, each.segment.with_recorded_arn(arn), known_at, fits)]


def _keys(layer: Layer, found: Iterable[int], known_at: int, fits: Callable[[Value], bool]) -> Iterator[EntityKey]:
    for entity in found:
        if layer.counts[entity] and _was_called(layer.segment, entity, known_at, fits):
            yield layer.segment.key(entity)


def _was_called(segment: Segment, entity: int, known_at: int, fits: Callable[[Value], bool]) -> bool:
    first, last = segment.rows(entity)
    froms, tos = segment.recorded_froms[first:last].tolist(), segment.recorded_tos[first:last].tolist()
    if max(froms) <= known_at < min(tos):
        return True  # all that is on record of it is believed
    return any(
        segment.attributes[segment.attribute_of[row]] == attributes.ENTITY and fits(segment.value_of(row))
        for row, (begin, end) in enumerate(zip(froms, tos, strict=True), first)
        if begin <= known_at < end
    )
