"""One exception, which finding or break it is about, and those of an instant. An excepted finding is shown as such, and
never left out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase

import msgspec

from erstwhile.domain.directory import attributes
from erstwhile.domain.evolve.exceptions import EXCEPTION
from erstwhile.domain.history.fact_history import FactHistory
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import parse_instant


class Excepted(msgspec.Struct, frozen=True, kw_only=True):
    """`check`: a kind of finding, a report or a control, or * for all. `target`: the principal, key or resource, with *
    and ? for any characters. `account` '': of all. It holds in [since, until): from when it was added until it was
    removed or expired."""

    name: str
    check: str
    target: str
    account: str
    owner: str
    reason: str
    since: datetime
    expires: datetime
    until: datetime
    position: int

    def is_about(self, check: str, target: str, account: str = "") -> bool:
        """Whether a finding of a check about a target is meant."""
        if self.account and account and self.account != account:
            return False
        return fnmatchcase(check.lower(), self.check.lower()) and fnmatchcase(target, _brackets(self.target))

    @property
    def words(self) -> str:
        """One line for a report's cell."""
        return f"excepted by {self.owner} until {self.expires.date()}: {self.reason}"


class Exceptions:
    """All exceptions that there ever were."""

    def __init__(self, every: Iterable[Excepted]) -> None:
        self.every = sorted(every, key=lambda each: (each.since, each.name, each.position))

    def of(self, check: str, target: str, at: datetime, account: str = "") -> Excepted | None:
        """The exception that excuses a finding at an instant: of several, the one that lasts longest."""
        found = [each for each in self.every if each.since <= at < each.until and each.is_about(check, target, account)]
        return max(found, key=lambda each: (each.until, each.name), default=None)


def exceptions_of(history: FactHistory) -> Exceptions:
    """The exceptions of a history, as known at its log position."""
    found = []
    for key in history.of_kind(EXCEPTION):
        if key[0] != OWN:
            continue
        for row in history.intervals_of(key):
            if row.attribute == attributes.EXCEPTION:
                expires = parse_instant(str(row.value["expires"]))
                found.append(
                    Excepted(
                        name=row.value["name"], check=row.value["check"], target=row.value["target"],
                        account=row.value["account"], owner=row.value["owner"], reason=row.value["reason"],
                        since=row.valid_from, expires=expires, until=min(row.valid_to, expires), position=row.opened_by,
                    )
                )  # fmt: skip
    return Exceptions(found)


def _brackets(pattern: str) -> str:
    """The pattern with brackets as they are: only * and ? are more than themselves."""
    return pattern.replace("[", "[[]")
