"""The first and the last use of users' credentials in each month, as counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from erstwhile.projections.sql import Connection

SIGN_IN = "signin:ConsoleLogin"
# One statement, so that it sees one state: runs may become one meanwhile. No parameter says which call a sign-in is, so
# that its index serves.
_COUNTED = f"""
WITH whole AS MATERIALIZED (
    SELECT run FROM call_use_run r
    WHERE has_keys AND NOT EXISTS (SELECT FROM key_last_use k WHERE k.run = r.run AND k.first_at IS NULL)
      AND NOT EXISTS (SELECT FROM call_use_import i WHERE i.run = r.run AND i.position > %(known)s)
)
SELECT principal, access_key, min(first_at), max(last_at), NULL::bigint FROM key_last_use
WHERE run IN (SELECT run FROM whole) AND principal = ANY (%(arns)s) GROUP BY principal, access_key, month
UNION ALL
SELECT principal, '', min(first_at), max(last_at), NULL FROM call_use
WHERE call = '{SIGN_IN}' AND NOT failed AND run IN (SELECT run FROM whole) AND principal = ANY (%(arns)s)
GROUP BY principal, month
UNION ALL
SELECT '', '', NULL, NULL, position FROM (SELECT DISTINCT position FROM evidence_block WHERE position <= %(known)s) AS b
WHERE NOT EXISTS (SELECT FROM call_use_import i WHERE i.position = b.position AND run IN (SELECT run FROM whole))
"""


class CountedUses(NamedTuple):
    """`months`: (ARN of the user, access key id or '' for the console's password, first use, last use) for each month.
    `rest`: the positions of imports about which they say nothing: these are not counted, or are counted together with
    imports that were not known yet, or processes of an earlier release counted them."""

    months: list[tuple[str, str, datetime, datetime]]
    rest: list[int]


def counted_uses(connection: Connection, arns: Sequence[str], known_at: int) -> CountedUses:
    """The uses by users of these ARNs, as known at a position. A sign-in that failed is none; a call that was refused
    is a use of its key."""
    found = CountedUses([], [])
    for arn, credential, first, last, position in connection.execute(_COUNTED, {"arns": arns, "known": known_at}):
        if position is None:
            found.months.append((arn, credential, first, last))
        else:
            found.rest.append(position)
    return found
