"""Leavers in stories: the last instant at which anything of a person could act, in hours after leaving at noon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from erstwhile.domain.events.account import SnapshotTaken
from erstwhile.domain.events.credentials import (
    AccessKeyStatusChanged,
    LoginProfileCreated,
    LoginProfileDeleted,
)
from erstwhile.domain.events.principals import EntityListed, RoleDeleted
from erstwhile.domain.history.windows import Window
from erstwhile.domain.incident.closing import deny_older_sessions
from erstwhile.domain.leavers.leaving import Leaver, leavers
from erstwhile.domain.leavers.people import Person
from erstwhile.domain.leavers.ways import Session
from tests.support.documents import allow, trusting
from tests.support.records import ACCOUNT
from tests.support.stories import (
    NOON,
    Told,
    arn,
    attached,
    created,
    deleted,
    detached,
    group,
    history_of,
    inline,
    joined,
    key_deleted,
    key_made,
    left,
    log_of_story,
    policy,
    role,
    user,
)

GRACE, ROLE, TEAM = user("grace"), role("reader"), group("team")
KEY = "AKIAGRACE"
HOUR = 3_600
ME = arn("user/grace")
READS = allow("s3:GetObject")
BORN: list[Told] = [(-9 * HOUR, created(GRACE)), (-9 * HOUR, key_made(GRACE, KEY))]
MAY: list[Told] = [*BORN, (-9 * HOUR, inline(GRACE, READS))]
TRUSTED: list[Told] = [
    (-9 * HOUR, created(ROLE, trust=trusting(ME, "sts:AssumeRole"))),
    (-9 * HOUR, inline(ROLE, READS)),
]


def test_the_credentials_of_a_user_that_a_second_listing_shows_first_are_not_known() -> None:
    listing = SnapshotTaken(sha256="", complete=True, baseline=True, entities=0)
    listings: list[Told] = [
        (-3 * HOUR, listing), (-2 * HOUR, listing), (-2 * HOUR, EntityListed(subject=GRACE)),
    ]  # fmt: skip
    leaver = found(listings)
    assert (leaver.state, leaver.is_known) == ("unknown", False)
    leaver = found([(-2.5 * HOUR, created(GRACE)), *listings])
    assert (leaver.state, leaver.is_known) == ("never", True)


class Given:
    """Sessions that are on record."""

    def __init__(self, *sessions: Session, name: str = "") -> None:
        self._sessions, self._name = sessions, name

    def given_to(self, arns: Sequence[str]) -> Sequence[Session]:
        return () if self._name else self._sessions

    def called(self, names: Sequence[str]) -> Sequence[Session]:
        return self._sessions if self._name in names else ()


def session(until: float | None, begun: float = -1, principal: str = "assumed-role/reader/grace") -> Session:
    return Session(
        access_key="ASIAGRACE", principal=f"arn:aws:sts::{ACCOUNT}:{principal}", name="grace",
        issued_at=NOON + timedelta(hours=begun), expires_at=None if until is None else NOON + timedelta(hours=until),
    )  # fmt: skip


def found(told: Sequence[Told], sessions: Given | None = None, gaps: Sequence[Window] = (), **names: str) -> Leaver:
    person = Person(
        name="Grace", left_at=NOON, users=(names.get("user", "grace"),) if names.get("user", "grace") else (),
        sessions=(names["session"],) if "session" in names else (),
    )  # fmt: skip
    history = history_of(log_of_story(*sorted(told, key=lambda each: each[0])))
    end = NOON + timedelta(hours=100)
    [only] = leavers(history, [person], sessions or Given(), end, {ACCOUNT: gaps})
    return only


def hours(leaver: Leaver) -> float | None:
    after = leaver.after(NOON + timedelta(hours=100))
    return None if after is None else after / timedelta(hours=1)


def told(leaver: Leaver) -> tuple[str, float | None, str]:
    return leaver.state, hours(leaver), "" if leaver.by is None else leaver.by.kind


CONTRACT = allow("s3:GetObject", Condition={"DateLessThan": {"aws:CurrentTime": "2026-03-03T17:00:00Z"}})
STORIES: dict[str, tuple[list[Told], Given, tuple[str, float | None, str]]] = {
    "the user is deleted": ([*MAY, (2 * HOUR, deleted(GRACE))], Given(), ("gone", 2, "access key")),
    "the key is deleted before": ([*MAY, (-3 * HOUR, key_deleted(GRACE, KEY))], Given(), ("gone", -3, "access key")),
    "the key is deactivated": (
        [*MAY, (5 * HOUR, AccessKeyStatusChanged(subject=GRACE, access_key_id=KEY, status="Inactive"))], Given(),
        ("gone", 5, "access key"),
    ),
    "nothing is done": (MAY, Given(), ("still", 100, "access key")),
    "a session outlives the key": (
        [*MAY, *TRUSTED, (1 * HOUR, key_deleted(GRACE, KEY))], Given(session(11)), ("gone", 11, "session"),
    ),
    "sessions are revoked before they expire": (
        [*MAY, *TRUSTED, (1 * HOUR, key_deleted(GRACE, KEY)),
         (4 * HOUR, inline(ROLE, deny_older_sessions(NOON + timedelta(hours=4)), "revoke"))],
        Given(session(11)), ("gone", 4, "session"),
    ),
    "the role of a session is deleted": (
        [*MAY, *TRUSTED, (1 * HOUR, key_deleted(GRACE, KEY)), (3 * HOUR, RoleDeleted(subject=ROLE))],
        Given(session(11)), ("gone", 3, "session"),
    ),
    "a session of which no record tells the end": (
        [*MAY, *TRUSTED, (1 * HOUR, key_deleted(GRACE, KEY))], Given(session(None)), ("gone", 35, "session"),
    ),
    "a role by trust": (
        [*BORN, *TRUSTED, (6 * HOUR, key_deleted(GRACE, KEY))], Given(), ("gone", 6, "role"),
    ),
    "a group that comes later": (
        [*BORN, (-9 * HOUR, created(TEAM)), (-9 * HOUR, inline(TEAM, READS)), (3 * HOUR, joined(GRACE, TEAM)),
         (8 * HOUR, left(GRACE, TEAM))],
        Given(), ("gone", 8, "access key"),
    ),
    "a password that was forgotten": (
        [*MAY, (-9 * HOUR, LoginProfileCreated(subject=GRACE)), (1 * HOUR, key_deleted(GRACE, KEY)),
         (30 * HOUR, LoginProfileDeleted(subject=GRACE))],
        Given(), ("gone", 30, "password"),
    ),
    "policies go, and the key stays": (
        [*BORN, (-9 * HOUR, policy("Read", READS)), (-9 * HOUR, attached(GRACE, arn("policy/Read"))),
         (2 * HOUR, detached(GRACE, arn("policy/Read")))],
        Given(), ("gone", 2, "access key"),
    ),
    "a policy that the clock ends": ([*BORN, (-9 * HOUR, inline(GRACE, CONTRACT))], Given(), ("gone", 5, "access key")),
    "a user without credentials": (
        [(-9 * HOUR, created(GRACE)), (-9 * HOUR, inline(GRACE, READS))], Given(), ("never", None, ""),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("story", "sessions", "expected"), STORIES.values(), ids=STORIES)
def test_the_last_instant_in_hours(story: list[Told], sessions: Given, expected: tuple[str, float | None, str]) -> None:
    leaver = found(story, sessions)
    assert told(leaver) == expected, leaver
    if leaver.state == "gone":
        assert leaver.by is not None and leaver.by.ended_by


def test_a_session_by_the_name_that_an_identity_provider_gave() -> None:
    leaver = found(TRUSTED, Given(session(7), name="grace@acme.example"), user="", session="grace@acme.example")
    assert told(leaver) == ("gone", 7, "session")


def test_nobody_of_that_name() -> None:
    leaver = found(MAY, user="gracie")
    assert (leaver.state, leaver.notes) == ("nobody", ("no record knows a user gracie",))


def test_hours_without_records_after_the_last_instant_are_counted() -> None:
    gap = (NOON + timedelta(hours=1), NOON + timedelta(hours=20))
    leaver = found([*MAY, (2 * HOUR, deleted(GRACE))], gaps=[gap])
    assert leaver.unrecorded == timedelta(hours=18)
