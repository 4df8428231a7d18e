"""What each event of the audit trail changed, with the values before and after. Table `audit_change`; the view `audit`
adds the rest of the event."""

from __future__ import annotations

from collections.abc import Callable

from erstwhile.domain.directory.facts import Change, EntityKey
from erstwhile.domain.replay import Replacement
from erstwhile.domain.vocabulary.instants import BEFORE
from erstwhile.projections.copy_writer import CopyWriter, json_text
from erstwhile.projections.sql import Connection

NAME = "audit"
TABLES = ("audit_change",)

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
        first = changes[0][:3]
        if len(changes) == 1 or all(change[:3] == first for change in changes):
            self._line(first, changes)  # as of nearly all events
            return
        by_entity: dict[EntityKey, list[Change]] = {}
        for change in changes:
            by_entity.setdefault(change[:3], []).append(change)
        for key, those in by_entity.items():
            self._line(key, those)

    def replace(self, replacement: Replacement) -> None:
        """Replaces the changes of a component's events after a late event."""
        self.flush()
        self._before_reading()
        entities = list(replacement.stale | {row[:3] for row in replacement.intervals})
        if entities:
            columns = [list(column) for column in zip(*entities, strict=True)]
            self._connection.execute(
                "DELETE FROM audit_change a USING unnest(%s::text[], %s::text[], %s::text[]) "
                "AS k (account, kind, entity) WHERE (a.account, a.kind, a.entity) = (k.account, k.kind, k.entity)",
                columns,
                prepare=True,
            )
        for changes in replacement.effects.values():
            self.changed(changes)

    def flush(self) -> None:
        """Writes the collected rows."""
        self._rows.flush()

    def _line(self, key: EntityKey, changes: list[Change]) -> None:
        changed = [
            {
                "attribute": change.attribute,
                "item": change.item,
                "before": None if change.before is None else change.before.value,
                "after": change.after,
            }
            for change in changes
            if not _is_finding(change, changes)
        ]
        if changed:
            self._rows.add((*key, json_text(changed)), str(changes[0].position))


def _is_finding(change: Change, all_of_them: list[Change]) -> bool:
    """Whether the change only reveals a fact that held before: that a principal exists which no record showed before,
    or a resource to which the event added nothing. So a deletion never looks like an addition."""
    if change.before is not None or change.after is None:
        return False
    if change.at == BEFORE:
        return True
    return (
        change.kind == "resource"
        and change.attribute == "entity"
        and not any(each.after is not None for each in all_of_them if each.attribute != "entity")
    )
