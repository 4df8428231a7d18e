"""By which credentials, sessions and roles a person could act, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import EntityKey, Interval
from erstwhile.domain.history.bearers import arn_of
from erstwhile.domain.history.fact_changes import CLOCK, FactChange, changes_at
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.held_periods import held_periods
from erstwhile.domain.history.question import Question
from erstwhile.domain.history.windows import TICK, Window, within, without
from erstwhile.domain.leavers.acting import Acting, May, acting
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.vocabulary.instants import BEFORE

LONGEST = timedelta(hours=36)
"""How long a session lasts at most, where its record does not tell its end.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""
Kind = Literal["access key", "password", "credential", "session", "role"]
_CLOCK = (FactChange(layer=CLOCK, position=0),)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that was given out. `principal`: the ARN of the role or user that it acts as; `expires_at`: None where
    its record does not tell; `given_to`: who called."""

    access_key: str
    principal: str
    name: str
    issued_at: datetime
    expires_at: datetime | None
    given_to: str = ""
    evidence: str = ""


class Sessions(Protocol):
    """The sessions that are on record, as known at the history's position."""

    def given_to(self, arns: Sequence[str]) -> Iterable[Session]:
        """Those that principals of these ARNs were given, by their keys or password, and those that these sessions were
        given, and so on."""

    def called(self, names: Sequence[str]) -> Iterable[Session]:
        """Those of these names, and those that these were given, and so on."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """An interval [begin, end) in which a person could act: by what, as whom, how surely, and what ended it."""

    kind: Kind
    name: str
    principal: str
    begin: datetime
    end: datetime
    may: May
    ended_by: tuple[FactChange, ...] = ()


class Ways:
    """Of one history, until an instant (exclusive)."""

    def __init__(self, history: FactHistory, begin: datetime, end: datetime) -> None:
        self._history, self._begin, self._end = history, begin, end
        self._acting: dict[tuple[EntityKey, datetime | None], list[Acting]] = {}

    def of_user(self, key: EntityKey) -> Iterator[Way]:
        """By its credentials: while it may do anything itself, or may assume a role that may."""
        mine = self._acts(key)
        credentials = list(self._credentials(key))
        for kind, name, row in credentials:
            yield from self._meeting(kind, name, self.name(key), row, mine)
        idle = without(((row.valid_from, row.valid_to) for _, _, row in credentials), [each[:2] for each in mine])
        idle = within(idle, self._begin, self._end)
        if idle:
            for role, periods in self._roles(key, idle):
                for begin, end in periods:
                    for each in self._acts(role):
                        since, until = max(begin, each.begin), min(end, each.end)
                        if since < until:
                            yield Way(
                                kind="role", name=self.name(role), principal=self.name(key), begin=since, end=until,
                                may=each.may, ended_by=self._ended(key, role, until),
                            )  # fmt: skip

    def of_session(self, session: Session) -> Iterator[Way]:
        """Until it expires, as far as what it acts as may do anything."""
        key = self._key(session.principal)
        if key is None:
            return
        expires = session.expires_at or session.issued_at + LONGEST
        if session.issued_at >= min(expires, self._end):
            return
        for each in acting(self._history, key, session.issued_at, min(expires, self._end), session.issued_at):
            ended = _CLOCK if each.end == expires else each.ended_by
            yield Way(
                kind="session", name=session.name or session.access_key, principal=session.principal,
                begin=each.begin, end=each.end, ended_by=ended if each.end < self._end else (),
                may=each.may if session.expires_at is not None or each.end < expires else "unknown",
            )  # fmt: skip

    def _acts(self, key: EntityKey) -> list[Acting]:
        place = (key, None)
        if place not in self._acting:
            self._acting[place] = acting(self._history, key, self._begin, self._end)
        return self._acting[place]

    def _credentials(self, key: EntityKey) -> Iterator[tuple[Kind, str, Interval]]:
        """The intervals in which a credential of a user works."""
        for row in self._history.intervals_of(key):
            active = row.value.get("status", "Active") == "Active"
            if row.attribute == attributes.ACCESS_KEY and active:
                yield "access key", row.item, row
            elif row.attribute == attributes.LOGIN_PROFILE:
                yield "password", "console password", row
            elif row.attribute == attributes.CREDENTIAL and active:
                yield "credential", row.item, row

    def _meeting(self, kind: Kind, name: str, principal: str, row: Interval, mine: list[Acting]) -> Iterator[Way]:
        for each in mine:
            since, until = max(row.valid_from, each.begin), min(row.valid_to, each.end)
            if since < until:
                ended = tuple(changes_at([row], until)) if until == row.valid_to else each.ended_by
                yield Way(
                    kind=kind, name=name, principal=principal, begin=since, end=until, may=each.may,
                    ended_by=ended if until < self._end else (),
                )  # fmt: skip

    def _roles(self, key: EntityKey, idle: Sequence[Window]) -> Iterator[tuple[EntityKey, list[Window]]]:
        """The roles that a user may assume in some windows, by trust policies that may mean it."""
        names = {self.name(key), *(arn for arn in self.names(key)), key[2]}
        for role in self._trusting(key[0], names):
            request = Request(principal="", action="sts:AssumeRole", resource=self.name(role), mode="discover")
            question = Question(self._history, request, key)
            found: list[Window] = []
            for begin, end in idle:
                found += [
                    (each.begin, each.end)
                    for each in held_periods(question, begin, end).periods
                    if each.how == "allowed"
                ]
            if found:
                yield role, found

    def _trusting(self, account: str, names: Iterable[str]) -> list[EntityKey]:
        wanted = [*names, f'"{account}"', f":{account}:root", '"*"']
        found = [
            row[:3]
            for row in self._history.with_attribute(attributes.TRUST)
            if any(each in str(row.value.get("document") or "") for each in wanted)
        ]
        return list(dict.fromkeys(found))

    def _ended(self, user: EntityKey, role: EntityKey, at: datetime) -> tuple[FactChange, ...]:
        if at >= self._end:
            return ()
        rows = [each for key in (user, role) for each in self._history.intervals_of(key) if each.valid_to == at]
        return tuple(changes_at(rows, at))

    def _key(self, principal: str) -> EntityKey | None:
        """The user or role that a session acts as."""
        before, found, path = principal.partition(":assumed-role/")
        account = before.rpartition(":")[2]
        if found:
            named = list(self._history.with_name(account, "role", path.partition("/")[0].lower()))
        else:
            named = [key for key in self._history.with_arn(principal) if key[1] in ("user", "role")]
        return named[-1] if named else None

    def names(self, key: EntityKey) -> list[str]:
        rows = [each for each in self._history.intervals_of(key) if each.attribute == attributes.ENTITY]
        return list(dict.fromkeys(arn_of(self._history, each) for each in rows))

    def are_known(self, key: EntityKey) -> bool:
        """Whether all credentials of a user are known until the end: of a governed account, of one whose creation is on
        record, and of one that a credential report tells of."""
        directory = directory_at(self._history, self._end - TICK)
        rows = self._history.intervals_of(key)
        told = any(row.attribute == attributes.CREDENTIAL_REPORT for row in rows)
        lives = [row for row in rows if row.attribute == attributes.ENTITY]
        born = min((row.valid_from for row in lives), default=BEFORE)
        is_seen = born > BEFORE and not any(row.value.get("unseen") for row in lives)
        return told or is_seen or directory.mode(key[0]) == "governed"

    def name(self, key: EntityKey) -> str:
        names = self.names(key)
        return names[-1] if names else key[2]
