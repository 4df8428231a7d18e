"""Events that the read models have set apart, with the reason. Table `set_apart`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from erstwhile.projections.sql import Connection

SHOWN = 20


def note(connection: Connection, apart: Mapping[int, str]) -> None:
    """Stores events that were set apart; an existing entry stays unchanged."""
    if apart:
        connection.execute(
            "INSERT INTO set_apart (position, reason) SELECT * FROM unnest(%s::bigint[], %s::text[]) "
            "ON CONFLICT DO NOTHING",
            (list(apart), list(apart.values())),
        )


def noted(connection: Connection) -> dict[int, str]:
    """Position → reason, of all events that were set apart."""
    return dict(connection.execute("SELECT position, reason FROM set_apart").fetchall())


def set_apart(connection: Connection, known_at: int, accounts: list[str] | None = None) -> dict[str, Any]:
    """The number of events up to a position that are set apart, and the last of them, for some accounts or for all."""
    rows = connection.execute(
        "SELECT a.position, e.type, e.account, a.reason, count(*) OVER () FROM set_apart a JOIN event e "
        "USING (position) WHERE a.position <= %s AND (%s::text[] IS NULL OR e.account = ANY (%s)) "
        "ORDER BY a.position DESC LIMIT %s",
        (known_at, accounts, accounts, SHOWN),
    ).fetchall()
    return {
        "count": rows[0][4] if rows else 0,
        "events": [dict(zip(("position", "event", "account", "reason"), row[:4], strict=True)) for row in rows],
    }
