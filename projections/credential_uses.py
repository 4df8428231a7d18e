"""Reads when the credentials of users were used: by month from what is counted, by day from the activity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from erstwhile.projections.activity_months import activity_months
from erstwhile.projections.sql import Connection
from erstwhile.projections.use.credential_months import SIGN_IN, counted_uses

_USES = """
SELECT r.principal, CASE WHEN r.action = %(sign_in)s THEN '' ELSE r.access_key END AS credential,
       min(r.occurred_at), max(r.occurred_at)
FROM activity r JOIN evidence_block b USING (block_id)
WHERE r.day >= %(begin)s AND r.day < %(end)s AND r.principal = ANY (%(arns)s) AND b.position <= %(known)s
  AND (%(positions)s::bigint[] IS NULL OR b.position = ANY (%(positions)s))
  AND (r.access_key <> '' OR r.action = %(sign_in)s) AND (r.action <> %(sign_in)s OR r.error_code = '')
GROUP BY r.principal, credential, date_trunc(%(span)s, r.occurred_at, 'UTC')
"""
_MONTH = timedelta(days=31)

Use = tuple[str, str, datetime, datetime]
"""(ARN of the user, access key id or '' for the console's password, first use, last use)"""


class CredentialUses:
    """As known at a log position. A call that was refused is a use of its key; a sign-in that failed is none of the
    password."""

    def __init__(self, connection: Connection, known_at: int) -> None:
        self._connection, self._known_at = connection, known_at
        self._of: dict[str, Mapping[str, Sequence[datetime]]] = {}
        self._span = "day"

    def read(self, arns: Iterable[str], apart: timedelta) -> None:
        """Reads together the uses by many users: where uses that are less than a month apart make no difference, the
        first and the last of each month, and perhaps some between; else the first and the last of each day.

        Serves the row "attestation" of `make bench-reports`: each user by itself is a search of the activity."""
        span = "month" if apart >= _MONTH else "day"
        if span == "day" != self._span:
            self._of.clear()
        missing = [arn for arn in dict.fromkeys(arns) if arn not in self._of]
        if not missing:
            return
        self._span = span
        of: dict[str, dict[str, list[datetime]]] = {arn: {} for arn in missing}
        for arn, credential, first, last in self._of_months(missing) if span == "month" else self._in_activity(missing):
            of[arn].setdefault(credential, []).extend((first,) if first == last else (first, last))
        for uses in of.values():
            for instants in uses.values():
                instants.sort()
        self._of |= of

    def of_user(self, arn: str) -> Mapping[str, Sequence[datetime]]:
        """Access key id ('' for the console's password) → the first and the last use of each day, or of each month
        where that was read, in order."""
        if arn not in self._of:
            self.read((arn,), timedelta(days=1))
        return self._of[arn]

    def _of_months(self, arns: Sequence[str]) -> Iterator[Use]:
        counted = counted_uses(self._connection, arns, self._known_at)
        yield from counted.months
        if counted.rest:
            yield from self._in_activity(arns, counted.rest)

    def _in_activity(self, arns: Sequence[str], positions: Sequence[int] | None = None) -> Iterator[Use]:
        """By the records of the imports at some positions (None: of all)."""
        asked: dict[str, object] = {
            "arns": arns, "known": self._known_at, "sign_in": SIGN_IN, "span": self._span, "positions": positions
        }  # fmt: skip
        # The calls of one month after the other: what is read at once does not grow with the years.
        for begin, end in activity_months(self._connection):
            yield from self._connection.execute(_USES, asked | {"begin": begin, "end": end})
