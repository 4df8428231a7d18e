"""When principals and credentials were used last, from the recorded calls of observed accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from erstwhile.domain.observed.cloudtrail.called_action import actions_of_call
from erstwhile.domain.observed.cloudtrail.data_events import DATA_ACTIONS
from erstwhile.domain.observed.text import read_json
from erstwhile.domain.policy.language.match import matches_action
from erstwhile.domain.reports.asked import LastUse
from erstwhile.domain.reports.report import AccountCoverage
from erstwhile.domain.use.used import Covered, State, last_of
from erstwhile.projections.activity import EvidenceLines
from erstwhile.projections.sql import Connection, instant_text

_FROM = (
    "FROM activity a JOIN evidence_block b USING (block_id) WHERE a.account = %(account)s "
    "AND a.day <= %(last_day)s AND a.occurred_at <= %(until)s::timestamptz AND b.position <= %(known)s "
    "AND a.error_code = ''"
)
_ACTIONS = f"SELECT a.principal, a.action, max(a.occurred_at) {_FROM} GROUP BY a.principal, a.action"
_KEYS = (
    "SELECT DISTINCT ON (a.access_key) a.access_key, a.principal, a.action, a.occurred_at, a.block_id, a.line "
    f"{_FROM} AND a.access_key LIKE 'AKIA%%' ORDER BY a.access_key, a.occurred_at DESC, a.record_id"
)
_SIGN_INS = (
    "SELECT data->'actor'->>'arn', max(occurred_at) FROM event WHERE type = 'iam.SignedIn' AND account = %(account)s "
    "AND position <= %(known)s AND occurred_at <= %(until)s::timestamptz "
    "AND coalesce(data->'body'->>'result', 'Success') = 'Success' GROUP BY 1"
)


class _KeyUse(NamedTuple):
    principal: str
    at: datetime
    action: str
    block: int
    line: int


class RecordedUses:
    """`Uses` of one instant and log position. What an account's calls say is read once, when it is first asked for."""

    def __init__(
        self, connection: Connection, until: datetime, known_at: int, coverage: Mapping[str, AccountCoverage]
    ) -> None:
        self._connection = connection
        self._until = until
        self._known_at = known_at
        self._coverage = coverage
        self._actions: dict[str, dict[str, list[tuple[str, datetime]]]] = {}
        self._keys: dict[str, dict[str, _KeyUse]] = {}
        self._keys_by: dict[str, dict[str, list[str]]] = {}
        self._sign_ins: dict[str, dict[str, datetime]] = {}
        self._covers: dict[str, Covered] = {}
        self._none: dict[tuple[str, tuple[str, ...]], LastUse] = {}
        self._lines = EvidenceLines(connection)

    def of_principal(self, account: str, arn: str) -> LastUse:
        return self._last(account, self._used(account).get(arn, ()))

    def of_actions(self, account: str, arn: str, actions: Sequence[str]) -> LastUse:
        used = [
            (action, at)
            for action, at in self._used(account).get(arn, ())
            if any(matches_action(pattern, action) for pattern in actions)
        ]
        return self._last(account, used, tuple(each.lower() for each in actions))

    def of_key(self, account: str, access_key_id: str) -> LastUse:
        found = self._keys_of(account).get(access_key_id)
        if found is None:
            return self._last(account, ())
        service, _, name = found.action.partition(":")
        raw = self._lines.line(found.block, found.line)
        region = str(read_json(raw).get("awsRegion") or "") if raw is not None else ""
        return LastUse(state=State.USED, at=found.at, service=service, action=name, region=region)

    def keys_used(self, account: str, arn: str) -> Sequence[str]:
        if account not in self._keys_by:
            held = self._keys_by[account] = {}
            for key, use in sorted(self._keys_of(account).items()):
                held.setdefault(use.principal, []).append(key)
        return self._keys_by[account].get(arn, ())

    def of_password(self, account: str, arn: str) -> LastUse:
        if account not in self._sign_ins:
            rows = self._connection.execute(_SIGN_INS, self._arguments(account)).fetchall()
            self._sign_ins[account] = {who: at.astimezone(UTC) for who, at in rows if who}
        at = self._sign_ins[account].get(arn)
        return self._last(account, () if at is None else (("signin:ConsoleLogin", at),))

    def _used(self, account: str) -> dict[str, list[tuple[str, datetime]]]:
        """Principal → (action, last use) of each action that it used."""
        found = self._actions.get(account)
        if found is None:
            found = self._actions[account] = {}
            for principal, call, at in self._connection.execute(_ACTIONS, self._arguments(account)):
                used = found.setdefault(principal, [])
                used += [(action, at.astimezone(UTC)) for action in actions_of_call(call).actions or (call,)]
        return found

    def _keys_of(self, account: str) -> dict[str, _KeyUse]:
        found = self._keys.get(account)
        if found is None:
            rows = self._connection.execute(_KEYS, self._arguments(account))
            found = {
                key: _KeyUse(principal, at.astimezone(UTC), action, block, line)
                for key, principal, action, at, block, line in rows
            }
            self._keys[account] = found
        return found

    def _arguments(self, account: str) -> dict[str, Any]:
        return {
            "account": account, "until": instant_text(self._until), "last_day": self._until.date(),
            "known": self._known_at,
        }  # fmt: skip

    def _last(
        self, account: str, used: Sequence[tuple[str, datetime]], patterns: tuple[str, ...] = ("iam:*",)
    ) -> LastUse:
        """`patterns`: which actions it is about (lower case). Of principals and credentials, it is asked whether
        management events tell of a use; a note of the report says so."""
        if used:
            action, at = max(used, key=lambda each: (each[1], each[0]))
            service, _, name = action.partition(":")
            return LastUse(state=State.USED, at=at, service=service, action=name)
        known = self._coverage.get(account)
        if known is not None and known.mode == "governed":
            why = "uses in an account that is managed here are not kept over time"
            return LastUse(state=State.CANNOT_KNOW, why=why)
        found = self._none.get((account, patterns))
        if found is None:
            covered = self._covered(account, known)
            said = last_of((), covered, patterns)
            since = covered.begin if said.state is State.NOT_USED else None
            found = self._none[account, patterns] = LastUse(state=said.state, why=said.why, since=since)
        return found

    def _covered(self, account: str, known: AccountCoverage | None) -> Covered:
        """What the account's records cover, from the first of them on."""
        found = self._covers.get(account)
        if found is not None:
            return found
        first = known.first_record if known is not None else None
        services = frozenset(
            action.partition(":")[0]
            for used in self._used(account).values() for action, _ in used if action.lower() in DATA_ACTIONS
        )  # fmt: skip
        self._covers[account] = found = Covered(
            account=account, begin=first or self._until, end=self._until,
            until=known.last_record if known is not None else None,
            gaps=tuple((each.begin, each.end) for each in known.gaps) if known is not None else (),
            data_events=services,
        )  # fmt: skip
        return found
