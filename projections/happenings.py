"""The events behind facts, read from the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erstwhile.domain.history.happenings import Happening
from erstwhile.projections.sql import Connection

_SELECT = (
    "SELECT position, occurred_at, account, actor, actor_type, access_key, coalesce(data->>'action', ''), event_type, "
    "source, source_ip, details_forgotten FROM audit WHERE position = ANY (%s)"
)


class TrailHappenings:
    """`Happenings` of one database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        """One query for all of them."""
        wanted = sorted({position for position in positions if position > 0})
        rows = self._connection.execute(_SELECT, (wanted,)).fetchall() if wanted else []
        return {
            row[0]: Happening(
                position=row[0], occurred_at=row[1], account=row[2], actor=row[3], actor_type=row[4],
                access_key=row[5], action=row[6], type=row[7], source=row[8], source_ip=row[9], is_hidden=row[10],
            )
            for row in rows
        }  # fmt: skip
