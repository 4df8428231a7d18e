"""Exceptions: which finding one is about, and from when to when it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erstwhile.domain.directory.facts import Interval
from erstwhile.domain.exceptions.exception import exceptions_of
from erstwhile.domain.exceptions.exempted import ExemptedAt
from erstwhile.domain.history.interval_history import IntervalHistory
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import FOREVER, format_instant

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/break-glass"


def hour(number: int) -> datetime:
    return NOON + timedelta(hours=number)


def row(name: str, begin: int, end: int | None, expires: int, check: str = "exposure", target: str = ROLE,
        account: str = "") -> Interval:  # fmt: skip
    value = {
        "name": name, "check": check, "target": target, "account": account, "owner": "grace", "reason": "sealed",
        "expires": format_instant(hour(expires)),
    }  # fmt: skip
    until = FOREVER if end is None else hour(end)
    return Interval(OWN, "exception", name, "exception", "", value, hour(begin), until, begin, end)


@pytest.mark.parametrize(
    ("at", "name"), [(0, None), (1, "short"), (2, "long"), (4, "long"), (5, None), (9, None)]
)  # fmt: skip
def test_an_exception_holds_until_it_expires_or_is_removed(at: int, name: str | None) -> None:
    history = IntervalHistory([row("short", 1, None, 4), row("long", 2, 5, 100)])
    found = exceptions_of(history).of("exposure", ROLE, hour(at))
    assert (found.name if found is not None else None) == name


@pytest.mark.parametrize(
    ("check", "target", "account", "asked", "is_meant"),
    [
        ("exposure", ROLE, "", ("exposure", ROLE, "111122223333"), True),
        ("Exposure", ROLE, "", ("exposure", ROLE, ""), True),
        ("*", "*:role/break-*", "", ("new-administrator", ROLE, ""), True),
        ("exposure", "*", "111122223333", ("exposure", ROLE, "111122223333"), True),
        ("exposure", "*", "111122223333", ("exposure", ROLE, "999900001111"), False),
        ("exposure", ROLE, "", ("mfa", ROLE, ""), False),
        ("exposure", "*:role/Break-*", "", ("exposure", ROLE, ""), False),
        ("exposure", "arn:aws:s3:::[ab]", "", ("exposure", "arn:aws:s3:::a", ""), False),
        ("exposure", "arn:aws:s3:::[ab]", "", ("exposure", "arn:aws:s3:::[ab]", ""), True),
    ],
)
def test_which_finding_is_meant(
    check: str, target: str, account: str, asked: tuple[str, str, str], is_meant: bool
) -> None:
    [found] = exceptions_of(IntervalHistory([row("one", 0, None, 9, check, target, account)])).every
    assert found.is_about(*asked) is is_meant
    assert found.words == "excepted by grace until 2026-03-03: sealed"


def test_reports_ask_about_one_instant() -> None:
    exceptions = exceptions_of(IntervalHistory([row("one", 0, None, 9)]))
    found = ExemptedAt(exceptions, hour(1)).of("exposure", "111122223333", ROLE)
    assert found is not None and (found.name, found.owner, found.until) == ("one", "grace", hour(9))
    assert ExemptedAt(exceptions, hour(9)).of("exposure", "111122223333", ROLE) is None
