"""What was used, and whether anything can be known of it: the three states of every answer about use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import msgspec

from erstwhile.domain.observed.cloudtrail.data_events import DATA_ACTIONS, NEVER_RECORDED
from erstwhile.domain.policy.knowledge.service_reference import written
from erstwhile.domain.policy.language.match import matches
from erstwhile.domain.vocabulary.identifiers import account_in
from erstwhile.domain.vocabulary.instants import format_instant


class State(StrEnum):
    """Whether something was used in a window. NOT_USED is said only where records cover the whole window."""

    USED = "used"
    NOT_USED = "not used"
    CANNOT_KNOW = "cannot know"


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one principal, of one action on one resource, that records of one account show.

    `principal`: the ARN of the user or role; `call`: as CloudTrail names it; `action`: as policies name it;
    `resource`: '' where the record does not say; `on_behalf`: a service made the call for the principal; `service`:
    which service did, or, for iam:PassRole, to which the role was passed; `failed`: the calls ended in an error (of
    access, or any other); `first`, `last`: of these calls; `month`: the first day of the month (UTC) they lie in."""

    account: str
    principal: str
    call: str
    action: str
    resource: str
    first: datetime
    last: datetime
    calls: int
    month: str
    service: str = ""
    on_behalf: bool = False
    failed: bool = False


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """What records of an account cover of a window. `until`: the last record before the window's end; `gaps`: times
    without records before that, in order; `services`: those of which data events were recorded in the window."""

    account: str
    begin: datetime
    end: datetime
    until: datetime | None
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    data_events: frozenset[str] = frozenset()

    def why_not(self, action: str) -> str:
        """Why the absence of an action from the records proves nothing; '' where it proves that it was not used."""
        service = action.partition(":")[0].lower()
        if self.until is None:
            return f"no records of {self.account or 'the account'} in the window"
        if action.lower() in NEVER_RECORDED:
            return f"CloudTrail records no {action}"
        if action.lower() in DATA_ACTIONS and service not in self.data_events:
            return f"{action} is a data event, and no data events of {service} are on record"
        return self.why_incomplete()

    def why_incomplete(self) -> str:
        """Which times of the window have no records; '' where all have."""
        if self.until is None:
            return f"no records of {self.account or 'the account'} in the window"
        if self.gaps:
            begin, end = self.gaps[0]
            more = f", and {len(self.gaps) - 1} more gaps" if len(self.gaps) > 1 else ""
            begin, end = max(begin, self.begin), min(end, self.end)
            return f"no records from {format_instant(begin)} to {format_instant(end)}{more}"
        return ""


class LastUse(msgspec.Struct, frozen=True, kw_only=True):
    """`last`, `calls`: of the calls that succeeded, where there are any. `until`: up to when records tell; `why`: why
    nothing can be known; '' for the other states."""

    state: State
    last: datetime | None = None
    calls: int = 0
    until: datetime | None = None
    why: str = ""


class UseRecords(Protocol):
    """What was used, as known at one log position. `projections/use.py` has it."""

    def of(self, principals: Iterable[str], begin: datetime, end: datetime) -> Sequence[Used]:
        """What principals (ARNs of users and roles) used in [begin, end), a row for each month and outcome."""

    def covered(self, account: str, begin: datetime, end: datetime) -> Covered:
        """What records of an account cover of [begin, end)."""


def last_use(
    records: UseRecords, principal: str, begin: datetime, end: datetime, actions: Iterable[str] = ("*",)
) -> LastUse:
    """Whether a principal (by its ARN) used any of these actions (patterns as in policies) in [begin, end), and when
    last. Calls that failed do not count; those that a service made on its behalf do."""
    patterns = [each.lower() for each in actions]
    return last_of(records.of([principal], begin, end), records.covered(account_in(principal), begin, end), patterns)


def last_of(used: Iterable[Used], covered: Covered, patterns: Sequence[str]) -> LastUse:
    """The same from one principal's rows; `patterns`: lower case."""
    own = [each for each in used if not each.failed and any(matches(one, each.action.lower()) for one in patterns)]
    if own:
        return LastUse(
            state=State.USED, last=max(each.last for each in own), calls=sum(each.calls for each in own),
            until=covered.until,
        )  # fmt: skip
    return Unrecorded(covered).of(patterns)


class Unrecorded:
    """What is known of actions of which the records of an account show no use. It keeps what it said: for `unused` of
    `make bench-reports`."""

    def __init__(self, covered: Covered) -> None:
        self.covered = covered
        self._whys: dict[str, str] = {}
        self._known: dict[str, LastUse] = {}

    def of(self, patterns: Iterable[str]) -> LastUse:
        """Of some actions together (patterns, lower case)."""
        return self._because(next((why for one in patterns if (why := self._why(one))), ""))

    def _why(self, pattern: str) -> str:
        found = self._whys.get(pattern)
        if found is None:
            found = self._whys[pattern] = _why(pattern, self.covered)
        return found

    def _because(self, why: str) -> LastUse:
        found = self._known.get(why)
        if found is None:
            words = why or self.covered.why_incomplete()
            state = State.CANNOT_KNOW if words else State.NOT_USED
            found = self._known[why] = LastUse(state=state, until=self.covered.until, why=words)
        return found


def _why(pattern: str, covered: Covered) -> str:
    """Of a pattern with wildcards: what may have been used of it without a record."""
    if "*" not in pattern and "?" not in pattern:
        return covered.why_not(pattern)
    hidden = (each for each in _data_actions(pattern) if covered.why_not(each))
    first = next(hidden, "")
    return covered.why_not(written(first)) if first else ""


@lru_cache(maxsize=8192)
def _data_actions(pattern: str) -> tuple[str, ...]:
    """The data events that a pattern of actions matches. For the row `unused` of `make bench-use`."""
    return tuple(each for each in sorted(DATA_ACTIONS) if matches(pattern, each))
