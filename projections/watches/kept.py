"""The answers of watches as rows: table `watch_period`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, LiteralString, cast

from erstwhile.domain.directory.facts import EntityKey
from erstwhile.domain.history.ever import Holder
from erstwhile.domain.history.held_periods import HeldHow, Period
from erstwhile.domain.history.watching.answers import Answer, HolderKey, holder_key
from erstwhile.domain.history.watching.differences import Difference
from erstwhile.domain.history.watching.keeping import Place, place_of
from erstwhile.domain.history.watching.watch import Asked
from erstwhile.projections.copy_writer import copy_rows
from erstwhile.projections.sql import Connection, instant_text, with_infinity

_TEXTS = ("watch", "action", "account", "kind", "holder", "unique_id", "principal", "how")
_REST = ("is_outsider", "valid_from", "valid_to")
_ROW: LiteralString = (
    "SELECT p.watch, p.action, p.account, p.kind, p.holder, p.unique_id, p.principal, p.how, p.is_outsider, "
    "p.valid_from, p.valid_to FROM watch_period p "
)
_ORDER: LiteralString = " ORDER BY p.watch, p.action, p.account, p.kind, p.holder, p.valid_from"


class KeptRows:
    """The `KeptAnswers` of a connection's transaction, and how they are written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = with_infinity(connection)

    def of(self, keys: Iterable[EntityKey]) -> dict[EntityKey, dict[Place, Holder]]:
        columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], []]
        rows = self._connection.execute(
            f"{_ROW} JOIN unnest(%s::text[], %s::text[], %s::text[]) AS k (account, kind, holder) "
            f"USING (account, kind, holder) {_ORDER}",
            columns,
        ).fetchall()
        found: dict[EntityKey, dict[Place, Holder]] = {}
        for (place, key), holder in _holders(rows).items():
            found.setdefault(key, {})[place] = holder
        return found

    def answer(self, asked: Asked) -> Answer:
        rows = self._connection.execute(
            f"{_ROW} WHERE p.watch = %s AND p.action = %s {_ORDER}", place_of(asked)
        ).fetchall()
        return {key: holder for (_, key), holder in _holders(rows).items()}

    def write(self, differences: Iterable[Difference]) -> None:
        """The answers are so from now on."""
        found = list(differences)
        gone = [(*place_of(each.asked), *each.key) for each in found if each.before is not None]
        if gone:
            self._connection.execute(
                "DELETE FROM watch_period p USING unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) "
                "AS k (watch, action, account, kind, holder) WHERE (p.watch, p.action, p.account, p.kind, p.holder) = "
                "(k.watch, k.action, k.account, k.kind, k.holder)",
                [list(column) for column in zip(*gone, strict=True)],
            )
        rows = [row for each in found if each.after is not None for row in _rows(each.asked, each.after)]
        copy_rows(self._connection, "watch_period", _TEXTS, _REST, rows)

    def forget(self, watches: Iterable[str]) -> None:
        """There are no answers of these watches any more."""
        self._connection.execute("DELETE FROM watch_period WHERE watch = ANY (%s)", (list(watches),))

    def put(self, asked: Asked, answer: Answer) -> None:
        """The whole answer of a question that has none here."""
        rows = [row for holder in answer.values() for row in _rows(asked, holder)]
        copy_rows(self._connection, "watch_period", _TEXTS, _REST, rows)


def _holders(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[Place, HolderKey], Holder]:
    periods: dict[tuple[Place, HolderKey], list[Period]] = {}
    first: dict[tuple[Place, HolderKey], tuple[Any, ...]] = {}
    for row in rows:
        place = (row[0], row[1]), (row[2], row[3], row[4])
        first.setdefault(place, row)
        periods.setdefault(place, []).append(Period(row[9], row[10], cast(HeldHow, row[7])))
    return {
        place: Holder(
            principal=row[6], kind=row[3], account=row[2], unique_id=row[5], periods=tuple(periods[place]),
            is_outsider=row[8],
        )
        for place, row in first.items()
    }  # fmt: skip


def _rows(asked: Asked, holder: Holder) -> Iterable[tuple[tuple[str, ...], str]]:
    texts = (*place_of(asked), *holder_key(holder), holder.unique_id, holder.principal)
    for each in holder.periods:
        ends = f"{instant_text(each.begin)}\t{instant_text(each.end)}"
        yield (*texts, each.how), f"{'t' if holder.is_outsider else 'f'}\t{ends}"
