"""What each event of the audit trail changed, with the values before and after. Table `audit_change`; the view `audit`
adds the rest of the event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from erstwhile.domain.directory.facts import Change, EntityKey
from erstwhile.domain.replay import Replacement
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.projections.copy_writer import CopyWriter, json_text
from erstwhile.projections.sql import Connection

NAME = "audit"
TABLES = ("audit_change",)

_Place = tuple[str, str, str, int]
"""Of a row: an entity, and the position of the event."""
_Line = dict[str, Any]
_TEXTS = ("account", "kind", "entity", "changes")


class AuditWriter:
    """Collects rows of the trail; `flush` writes them in the caller's transaction."""

    def __init__(
        self,
        connection: Connection,
        before_reading: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._before_reading = before_reading
        self._rows = CopyWriter(connection, "audit_change", _TEXTS, ("position",))

    def changed(self, changes: list[Change]) -> None:
        """Adds the changes of one event."""
        for key, those in _by_entity(changes):
            lines = _lines_of(those)
            if lines:
                self._add(key, lines, those[0].position)

    def _add(self, key: EntityKey, lines: list[_Line], position: int) -> None:
        self._rows.add((*key, json_text(lines)), str(position))

    def replace(self, replacement: Replacement) -> None:
        """Replaces the changes of a component's events after a late event: most of them stay as they were, and their
        rows with them."""
        self.flush()
        self._before_reading()
        held = self._held(replacement.stale | {row[:3] for row in replacement.intervals})
        fresh: list[tuple[EntityKey, list[_Line], int]] = []
        for changes in replacement.effects.values():
            for key, those in _by_entity(changes):
                lines, position = _lines_of(those), those[0].position
                if lines and held.get((*key, position)) == [lines]:
                    del held[*key, position]
                elif lines:
                    fresh.append((key, lines, position))
        self._delete(held)
        for each in fresh:
            self._add(*each)

    def _held(self, entities: Iterable[EntityKey]) -> dict[_Place, list[list[_Line]]]:
        """The lines that the rows of some entities have."""
        found: dict[_Place, list[list[_Line]]] = {}
        columns = [list(column) for column in zip(*entities, strict=True)]
        if columns:
            for account, kind, entity, position, lines in self._connection.execute(
                "SELECT a.account, a.kind, a.entity, a.position, a.changes::text FROM audit_change a "
                "JOIN unnest(%s::text[], %s::text[], %s::text[]) AS k (account, kind, entity) "
                "USING (account, kind, entity)",
                columns,
                prepare=True,
            ):
                found.setdefault((account, kind, entity, position), []).append(orjson.loads(lines))
        return found

    def _delete(self, places: Iterable[_Place]) -> None:
        columns = [list(column) for column in zip(*places, strict=True)]
        if columns:
            self._connection.execute(
                "DELETE FROM audit_change a USING unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) "
                "AS k (account, kind, entity, position) "
                "WHERE (a.account, a.kind, a.entity, a.position) = (k.account, k.kind, k.entity, k.position)",
                columns,
                prepare=True,
            )

    def flush(self) -> None:
        """Writes the collected rows."""
        self._rows.flush()


def _by_entity(changes: list[Change]) -> Iterable[tuple[EntityKey, list[Change]]]:
    """The changes of one event, by the entity that they are of."""
    first = changes[0][:3]
    if len(changes) == 1 or all(change[:3] == first for change in changes):
        return ((first, changes),)  # as of nearly all events
    found: dict[EntityKey, list[Change]] = {}
    for change in changes:
        found.setdefault(change[:3], []).append(change)
    return found.items()


def _lines_of(changes: list[Change]) -> list[_Line]:
    """What the trail tells of the changes of one entity by one event."""
    return [
        {
            "attribute": change.attribute,
            "item": change.item,
            "before": None if change.before is None else change.before.value,
            "after": change.after,
        }
        for change in changes
        if not _is_finding(change, changes)
    ]


def _is_finding(change: Change, all_of_them: list[Change]) -> bool:
    """Whether the change only reveals a fact that held before: that a principal exists which no record showed before,
    or was created at an instant that a later listing tells, or a resource to which the event added nothing. So a
    deletion never looks like an addition."""
    if change.before is not None or change.after is None:
        return False
    if change.at == BEFORE or change.at < max(each.at for each in all_of_them):
        return True
    return (
        change.kind == "resource"
        and change.attribute == "entity"
        and not any(each.after is not None for each in all_of_them if each.attribute != "entity")
    )
