"""Reads when the credentials of a user were used, from the activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from erstwhile.projections.sql import Connection

SIGN_IN = "signin:ConsoleLogin"
_USES = (
    "SELECT CASE WHEN r.action = %(sign_in)s THEN '' ELSE r.access_key END AS credential, min(r.occurred_at), "
    "max(r.occurred_at) FROM activity r JOIN evidence_block b USING (block_id) "
    "WHERE r.principal = %(arn)s AND b.position <= %(known)s AND (r.access_key <> '' OR r.action = %(sign_in)s) "
    "AND (r.action <> %(sign_in)s OR r.error_code = '') "
    "GROUP BY credential, date_trunc('day', r.occurred_at, 'UTC') ORDER BY 2"
)


class CredentialUses:
    """As known at a log position. A call that was refused is a use of its key; a sign-in that failed is none of the
    password."""

    def __init__(self, connection: Connection, known_at: int) -> None:
        self._connection, self._known_at = connection, known_at
        self._of: dict[str, Mapping[str, Sequence[datetime]]] = {}

    def of_user(self, arn: str) -> Mapping[str, Sequence[datetime]]:
        """Access key id ('' for the console's password) → the first and the last use of each day, in order."""
        found = self._of.get(arn)
        if found is None:
            days: dict[str, list[datetime]] = {}
            arguments = {"arn": arn, "known": self._known_at, "sign_in": SIGN_IN}
            for credential, first, last in self._connection.execute(_USES, arguments):
                days.setdefault(credential, []).extend((first,) if first == last else (first, last))
            found = self._of[arn] = days
        return found
