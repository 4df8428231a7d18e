"""What each event of the audit trail changed, before and after. Table `audit_change`; the view `audit` has the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import orjson

from domain.facts import Change
from domain.fold import Replacement
from projections.sql import Connection, copy_lines, escaped

NAME = "audit"
TABLES = ("audit_change",)

_COPY = "audit_change (position, account, kind, entity, changes)"


class AuditWriter:
    """Rows of the trail; `flush` writes them in the caller's transaction."""

    def __init__(
        self,
        connection: Connection,
        before_reading: Callable[[], None] = lambda: None,
        copy: Callable[[str, list[str]], None] | None = None,
    ) -> None:
        self._connection = connection
        self._before_reading = before_reading
        self._copy = copy or partial(copy_lines, connection)
        self._changes: dict[tuple[int, str, str, str], list[Change]] = {}

    def change(self, change: Change) -> None:
        key = (change.position, change.account, change.kind, change.entity)
        self._changes.setdefault(key, []).append(change)

    def replace(self, replacement: Replacement) -> None:
        """The component's events changed other things than was thought."""
        self.flush()
        self._before_reading()
        entities = list(replacement.stale | {row[:3] for row in replacement.intervals})
        if entities:
            columns = [list(column) for column in zip(*entities, strict=True)]
            self._connection.execute(
                "DELETE FROM audit_change a USING unnest(%s::text[], %s::text[], %s::text[]) "
                "AS k (account, kind, entity) WHERE (a.account, a.kind, a.entity) = (k.account, k.kind, k.entity)",
                columns,
            )
        for changes in replacement.effects.values():
            for change in changes:
                self.change(change)

    def flush(self) -> None:
        """Writes all that is pending."""
        if self._changes:
            self._copy(_COPY, list(self._change_lines()))
            self._changes = {}

    def _change_lines(self) -> Iterable[str]:
        for (position, account_id, kind, entity), changes in self._changes.items():
            told = [
                {
                    "attribute": change.attribute,
                    "item": change.item,
                    "before": change.before.value if change.before else None,
                    "after": change.after,
                }
                for change in changes
            ]
            text = orjson.dumps(told).decode()
            yield f"{position}\t{account_id}\t{kind}\t{escaped(entity)}\t{escaped(text)}"
