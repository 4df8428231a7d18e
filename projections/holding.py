"""Whether somebody had a managed policy at an instant. What was found is kept: the time for which the answer holds; of
a policy that is asked about often, all times at which somebody had it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from erstwhile.domain.vocabulary.micros import ALWAYS, NEVER, micros_of
from erstwhile.projections.history import BELIEVED
from erstwhile.projections.policy_lives import finite_in_micros, in_micros
from erstwhile.projections.sql import Connection, instant_text

Use = tuple[str, str]
"""An account, and the ARN of a policy that it attaches or sets as a boundary."""
HOLDERS = "kind IN ('user', 'group', 'role')"
_ONE_BY_ONE = 16
"""Times of one use that are looked up one by one, before all are read."""
_USED = (
    f"SELECT account, item FROM fact WHERE attribute = 'attached' AND {HOLDERS} AND {{0}} UNION "
    f"SELECT account, value->>'policy' FROM fact WHERE attribute = 'boundary' AND {HOLDERS} AND {{0}}"
)
_TOUCHED = " UNION ".join(
    _USED.format(each)
    for each in (
        "recorded_from > %(after)s AND recorded_from <= %(known)s",
        f"recorded_to > %(after)s AND recorded_to <= %(known)s AND recorded_to < {BELIEVED}",
    )
)
_AT = "%(at)s::timestamptz"
_HAD = (
    "(SELECT valid_from, valid_to FROM fact f WHERE f.account = u.account AND f.attribute = 'attached' "
    f"AND f.item = u.arn AND {HOLDERS} AND recorded_from <= %(known)s AND recorded_to > %(known)s UNION ALL "
    "SELECT valid_from, valid_to FROM fact f WHERE f.account = u.account AND f.attribute = 'boundary' "
    f"AND f.value->>'policy' = u.arn AND {HOLDERS} AND recorded_from <= %(known)s AND recorded_to > %(known)s) AS had"
)
_SINCE = f"coalesce((SELECT {finite_in_micros('max(valid_to)')} FROM {_HAD} WHERE valid_to <= {_AT}), {ALWAYS})"
_UNTIL = f"coalesce((SELECT {finite_in_micros('min(valid_from)')} FROM {_HAD} WHERE valid_from > {_AT}), {NEVER})"
_FIND = (
    "SELECT u.account, u.arn, w.since IS NOT NULL, "
    f"CASE WHEN w.since IS NULL THEN {_SINCE} ELSE {in_micros('w.since')} END, "
    f"CASE WHEN w.since IS NULL THEN {_UNTIL} ELSE {in_micros('w.until')} END "
    "FROM unnest(%(accounts)s::text[], %(arns)s::text[]) AS u (account, arn) LEFT JOIN LATERAL "
    f"(SELECT valid_from AS since, valid_to AS until FROM {_HAD} WHERE valid_from <= {_AT} AND valid_to > {_AT} "
    "LIMIT 1) AS w ON true"
)
"""For each use, whether somebody had it at the instant, and for which time that is so: while one of those had it, or
between the last before and the first after."""
_WHOLE = (
    f"SELECT {in_micros('lower(span)')}, {in_micros('upper(span)')} FROM "
    "(SELECT %(account)s::text AS account, %(arn)s::text AS arn) AS u, LATERAL "
    f"(SELECT range_agg(tstzrange(valid_from, valid_to)) AS spans FROM {_HAD}) AS held, unnest(spans) AS span"
)
"""The times at which somebody had it, in order."""


class Holding:
    """One thread may use it at a time."""

    def __init__(self) -> None:
        self._position = 0
        self._touched_at: dict[Use, int] = {}
        """The last position that is known to have changed who had a policy."""
        self._first = 0
        """What changed up to here was not looked at."""
        self._spans: dict[Use, list[tuple[int, int, bool]]] = {}
        self._whole: dict[Use, tuple[list[int], list[int]]] = {}
        """The begins and ends of all times at which somebody had it."""

    def follow(self, connection: Connection, known_at: int) -> None:
        """What changed up to a position."""
        if self._first == 0:
            self._first = known_at
        elif known_at > self._position:
            arguments = {"after": self._position, "known": known_at}
            for account, arn in connection.execute(_TOUCHED, arguments, prepare=True).fetchall():
                self._touched_at[account, arn] = known_at
                self._spans.pop((account, arn), None)
                self._whole.pop((account, arn), None)
        self._position = known_at

    def at(self, connection: Connection, uses: Iterable[Use], as_of: datetime, known_at: int) -> list[Use]:
        """Those of the policies that somebody in the account had at an instant, as known at a log position."""
        at = micros_of(as_of)
        found: list[Use] = []
        unknown: list[Use] = []
        for use in uses:
            held = self._kept(use, at) if self._is_as_now(use, known_at) else None
            if held is None:
                unknown.append(use)
            elif held:
                found.append(use)
        if unknown:
            found += self._looked_up(connection, unknown, as_of, known_at)
        return found

    def _is_as_now(self, use: Use, known_at: int) -> bool:
        return known_at >= self._touched_at.get(use, self._first)

    def _kept(self, use: Use, at: int) -> bool | None:
        whole = self._whole.get(use)
        if whole is not None:
            place = bisect_right(whole[0], at)
            return place > 0 and at < whole[1][place - 1]
        return next((held for begin, end, held in self._spans.get(use, ()) if begin <= at < end), None)

    def _looked_up(self, connection: Connection, uses: list[Use], as_of: datetime, known_at: int) -> list[Use]:
        arguments = {
            "accounts": [account for account, _ in uses], "arns": [arn for _, arn in uses], "known": known_at,
            "at": instant_text(as_of),
        }  # fmt: skip
        found = []
        for account, arn, held, begin, end in connection.execute(_FIND, arguments).fetchall():
            if held:
                found.append((account, arn))
            if self._is_as_now((account, arn), known_at):
                kept = self._spans.setdefault((account, arn), [])
                kept.append((begin, end, held))
                if len(kept) >= _ONE_BY_ONE:
                    self._read_whole(connection, (account, arn), known_at)
        return found

    def _read_whole(self, connection: Connection, use: Use, known_at: int) -> None:
        account, arn = use
        rows = connection.execute(_WHOLE, {"account": account, "arn": arn, "known": known_at}).fetchall()
        self._whole[use] = [begin for begin, _ in rows], [end for _, end in rows]
        del self._spans[use]
