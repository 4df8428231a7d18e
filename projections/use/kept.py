"""Reads what was used, as known at a log position.

Rows are of whole runs and whole months. What a question cuts in two, a run by the position or a month by the window's
end, is counted from the evidence instead, so that an answer does not depend on how imports were counted together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from erstwhile.domain.observed.cloudtrail.called_action import actions_of_call
from erstwhile.domain.observed.cloudtrail.data_events import is_data_event
from erstwhile.domain.use.tally import Count, Tally
from erstwhile.domain.use.used import Covered, Used
from erstwhile.projections.account_records import KnownRecords
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.sql import Connection, instant_text
from erstwhile.projections.use.key_calls import keys_used_in_runs_without
from erstwhile.projections.use.runs import MOST_IN_A_RUN, catch_up, filed_of, uncounted

ActionsOf = Callable[[str], Sequence[str]]
"""A call → the actions that it needs."""
_WHOLE = (
    "run <> ALL (ARRAY(SELECT run FROM call_use_import WHERE position > %(known)s)) AND month >= %(from)s "
    "AND month <= %(upto)s"
)
"""Of all runs but those that have an import after the position: hardly ever are there any, and the planner knows."""
_IN_MEMORY = "SET LOCAL work_mem = '256MB'"
"""Of all calls, the sums are some hundred thousand rows: with 4 MB, PostgreSQL sorts all rows on disk first."""
_PARTS = (
    "SELECT position FROM call_use_import WHERE position <= %(known)s AND run IN "
    "(SELECT run FROM call_use_import GROUP BY run HAVING max(position) > %(known)s AND min(position) <= %(known)s)"
)
_KEYS = "account, principal, call, resource, service, on_behalf, failed, month"
_KEYS_OF_ACTIONS = "account, principal, call, service, on_behalf, failed"
_SUMS = "min(first_at), max(last_at), sum(calls)::bigint"
_SUMS_OF_EACH = "min(first), max(last), sum(number)::bigint"
_KEYS_USED = f"SELECT access_key, max(last_at) FROM key_last_use WHERE {_WHOLE} GROUP BY access_key"
_EACH = "call_use, unnest(resources, firsts, lasts, numbers) AS each (resource, first, last, number)"
_CALLS_OF_ALL = (
    "SELECT account, principal, array_agg(call) FILTER (WHERE succeeded), array_agg(call) FILTER (WHERE NOT succeeded) "
    "FROM (SELECT account, principal, call, bool_or(NOT failed) AS succeeded FROM call_use "
    f"WHERE {_WHOLE} AND last_at >= %(begin)s::timestamptz GROUP BY account, principal, call) AS calls GROUP BY 1, 2"
)
_IN_EVIDENCE = (
    "SELECT a.block_id, a.line FROM activity a JOIN evidence_block b USING (block_id) WHERE b.position <= %(known)s "
    "AND a.occurred_at >= %(begin)s::timestamptz AND a.occurred_at < %(end)s::timestamptz AND a.day >= %(first_day)s "
    "AND (b.position = ANY (%(parts)s) OR a.occurred_at >= %(cut)s::timestamptz) ORDER BY a.block_id, a.line"
)


class UseNotCounted(RuntimeError):
    """records of many imports are not counted yet"""


class KeptUse:
    """A `UseRecords`. One thread may use it, for one question. Raises UseNotCounted where counting what is missing
    would take long: `erstwhile rebuild use` does it."""

    def __init__(
        self,
        connection: Connection,
        known_at: int,
        known: KnownRecords | None = None,
        actions_of: ActionsOf | None = None,
    ) -> None:
        self._connection, self._known_at = connection, known_at
        self._known = known if known is not None else KnownRecords()
        self._actions = actions_of or (lambda call: actions_of_call(call).actions)
        self._rest: dict[tuple[datetime, datetime], Tally] = {}
        self._cuts: dict[datetime, bool] = {}
        self._calls: dict[tuple[datetime, datetime], set[tuple[str, str]]] = {}
        """Account and call of all that was used in a window, where that was read."""
        self._data: dict[tuple[datetime, datetime], dict[str, frozenset[str]]] = {}
        missing = uncounted(connection)
        if sum(missing.values()) > MOST_IN_A_RUN:
            raise UseNotCounted(
                f"the records of {len(missing):,} imports are not counted yet: run `erstwhile rebuild use` first"
            )
        if missing:
            catch_up(connection)

    def of(self, principals: Iterable[str] | None, begin: datetime, end: datetime) -> list[Used]:
        """What principals (None: all) used in [begin, end): a row for each resource, month and outcome. A month counts
        with all of its calls before the end, where the last of them is in the window."""
        asked = None if principals is None else sorted(set(principals))
        found = {row[:-3]: row[-3:] for row in self._of_each(asked, begin, end)}
        wanted = None if asked is None else set(asked)
        for key, count in self._evidence(begin, end).counts():
            if wanted is None or key[1] in wanted:
                _unite(found, key, count)
        return [each for key in sorted(found) if found[key][1] >= begin for each in self._used(key, *found[key])]

    def by_action(self, begin: datetime, end: datetime) -> list[Used]:
        """What every principal used in [begin, end): a row for each action and outcome. `resource` is '' and `month`
        too; the calls are those of whole months."""
        found = {row[:-3]: row[-3:] for row in self._of_kinds(_KEYS_OF_ACTIONS, begin, end)}
        self._calls[begin, end] = {(key[0], key[2]) for key, sums in found.items() if sums[1] >= begin}
        for key, count in self._evidence(begin, end).counts():
            _unite(found, (*key[:3], *key[4:7]), count)
        return [
            used
            for (account, principal, call, service, on_behalf, failed), sums in sorted(found.items())
            if sums[1] >= begin
            for used in self._used((account, principal, call, "", service, on_behalf, failed, 0), *sums)
        ]

    def actions_used(self, begin: datetime, end: datetime) -> dict[str, set[str]]:
        """Principal → the actions with which its calls in [begin, end) succeeded."""
        rows = self._found(_CALLS_OF_ALL, begin, end)
        self._calls[begin, end] = {
            (account, call) for account, _, *both in rows for calls in both for call in calls or ()
        }
        found: dict[str, set[str]] = {}
        for _, principal, succeeded, _ in rows:
            if succeeded:
                found.setdefault(principal, set()).update(succeeded)
        for key, count in self._evidence(begin, end).counts():
            if count.last >= begin:
                self._calls[begin, end].add((key[0], key[2]))
                if not key[6]:
                    found.setdefault(key[1], set()).add(key[2])
        return {
            principal: {action for call in calls for action in self._actions(call)}
            for principal, calls in found.items()
        }

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        """What records of an account cover of [begin, end)."""
        for each in self._known.of(self._connection, [account], self._known_at):
            if each.first >= end or each.last < begin:
                break
            until = min(each.last, end)
            gaps = [(gap[0], gap[1]) for gap in each.gaps if gap[0] < until and gap[1] > begin]
            if each.first > begin:
                gaps.insert(0, (begin, each.first))
            return Covered(
                account=account, begin=begin, end=end, until=until, gaps=tuple(gaps),
                data_events=self._data_events(begin, end).get(account, frozenset()),
            )  # fmt: skip
        return Covered(account=account, begin=begin, end=end, until=None)

    def keys_used(self, begin: datetime, end: datetime) -> dict[str, datetime]:
        """Long-lived access key → its last call in [begin, end)."""
        rows = self._connection.execute(_KEYS_USED, self._asked(begin, end)).fetchall()
        found = {key: last.astimezone(UTC) for key, last in rows}
        more = keys_used_in_runs_without(self._connection, begin, end, self._known_at)
        counted = ((use[0], times.last) for use, times in self._evidence(begin, end).access_keys.items())
        for key, last in (*more.items(), *counted):
            found[key] = max(found.get(key, last), last)
        return {key: last for key, last in found.items() if last >= begin}

    def _data_events(self, begin: datetime, end: datetime) -> dict[str, frozenset[str]]:
        """Account → the services of which data events were recorded in a window."""
        kept = self._data.get((begin, end))
        if kept is None:
            found: dict[str, set[str]] = {}
            calls = self._calls.get((begin, end))
            if calls is None:
                rows = self._of_kinds("account, call", begin, end)
                calls = {(account, call) for account, call, _, last, _ in rows if last >= begin}
            counts = self._evidence(begin, end).counts()
            calls = calls | {(key[0], key[2]) for key, count in counts if count.last >= begin}
            for account, call in calls:
                if is_data_event(call):
                    services = {action.partition(":")[0] for action in self._actions(call)}
                    found.setdefault(account, set()).update(services)
            kept = self._data[begin, end] = {account: frozenset(services) for account, services in found.items()}
        return kept

    def _used(self, key: Any, first: datetime, last: datetime, calls: int) -> Iterator[Used]:
        account, principal, call, resource, service, on_behalf, failed, month = key
        for action in self._actions(call):
            yield Used(
                account=account, principal=principal, call=call, action=action, resource=resource,
                first=first.astimezone(UTC), last=last.astimezone(UTC), calls=calls, service=service,
                on_behalf=on_behalf, failed=failed, month=f"{month // 12:04}-{month % 12 + 1:02}-01" if month else "",
            )  # fmt: skip

    def _of_each(self, principals: list[str] | None, begin: datetime, end: datetime) -> list[tuple[Any, ...]]:
        """Sums by `_KEYS` of whole runs and months; the month of the window's end is left out where it goes on after
        it."""
        whom = "" if principals is None else " AND principal = ANY (%(principals)s)"
        return self._connection.execute(
            f"SELECT {_KEYS}, {_SUMS_OF_EACH} FROM {_EACH} WHERE {_WHOLE}{whom} GROUP BY {_KEYS}"
            f"{self._not_before(begin, end, 'last')}",
            {**self._asked(begin, end), "principals": principals},
        ).fetchall()

    def _of_kinds(self, keys: str, begin: datetime, end: datetime) -> list[tuple[Any, ...]]:
        """The same by keys among which no resource is: of everybody."""
        statement = (
            f"SELECT {keys}, {_SUMS} FROM call_use WHERE {_WHOLE} GROUP BY {keys}"
            f"{self._not_before(begin, end, 'last_at')}"
        )
        return self._found(statement, begin, end)

    def _found(self, statement: str, begin: datetime, end: datetime) -> list[tuple[Any, ...]]:
        asked = self._asked(begin, end)
        with self._connection.transaction():
            self._connection.execute(_IN_MEMORY)
            return self._connection.execute(statement, asked).fetchall()

    def _not_before(self, begin: datetime, end: datetime, last: str) -> str:
        # Where evidence may add later calls to a row, an old row counts, too.
        return "" if self._evidence(begin, end).kinds else f" HAVING max({last}) >= %(begin)s::timestamptz"

    def _asked(self, begin: datetime, end: datetime) -> dict[str, Any]:
        upto = _month(end) - (1 if self._cuts_month(end) else 0)
        return {"known": self._known_at, "from": _month(begin), "upto": upto, "begin": instant_text(begin)}

    def _cuts_month(self, end: datetime) -> bool:
        """Whether a record that is known is of the window's last month, and after its end."""
        found = self._cuts.get(end)
        if found is None:
            asked = {"known": self._known_at, "month": _month(end), "end": instant_text(end)}
            row = self._connection.execute(
                "SELECT EXISTS (SELECT FROM call_use WHERE month = %(month)s AND last_at >= %(end)s::timestamptz) "
                "OR EXISTS (SELECT FROM key_last_use WHERE month = %(month)s AND last_at >= %(end)s::timestamptz)",
                asked,
            ).fetchone()
            found = self._cuts[end] = row == (True,)
        return found

    def _evidence(self, begin: datetime, end: datetime) -> Tally:
        """The counts of what rows cannot say: of runs and of a month that the question cuts in two."""
        kept = self._rest.get((begin, end))
        if kept is not None:
            return kept
        tally = self._rest[begin, end] = Tally()
        parts = [position for (position,) in self._connection.execute(_PARTS, {"known": self._known_at}).fetchall()]
        cuts = self._cuts_month(end)
        if not parts and not cuts:
            return tally
        cut = _month_begin(end) if cuts else end
        first = _month_begin(begin)
        lines = EvidenceLines(self._connection)
        rows = self._connection.execute(_IN_EVIDENCE, {
            "known": self._known_at, "begin": instant_text(first if parts else cut), "end": instant_text(end),
            "first_day": (first if parts else cut).date(), "parts": parts, "cut": instant_text(cut),
        }).fetchall()  # fmt: skip
        for block, line in rows:
            raw = lines.line(block, line)
            if raw is not None:
                tally.add(filed_of([raw]))
        return tally


def _unite(found: dict[tuple[Any, ...], tuple[Any, ...]], key: tuple[Any, ...], count: Count) -> None:
    first, last, calls = found.get(key, (count.first, count.last, 0))
    found[key] = (min(first, count.first), max(last, count.last), calls + count.calls)


def _month(instant: datetime) -> int:
    at = instant.astimezone(UTC)
    return at.year * 12 + at.month - 1


def _month_begin(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
