"""The statements that bear on principals, and what is said of them, from stories in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from erstwhile.domain.approvals.approval import Approval, Approved
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.happenings import Happening
from erstwhile.domain.questions.what_can import what_can
from erstwhile.domain.reports.asked import Asked, Exempted, Known, LastUse
from erstwhile.domain.reports.catalogue import REPORTS
from erstwhile.domain.reports.entitlement_review import entitlement_review
from erstwhile.domain.reports.exposure import exposure
from erstwhile.domain.reports.kind import MalformedOption, days_of
from erstwhile.domain.reports.report import AccountCoverage, Section
from erstwhile.domain.reports.uses_of import UsesOf
from erstwhile.domain.use.used import State
from tests.support.memory_log import MemoryLog
from tests.support.records import ACCOUNT
from tests.support.stories import (
    arn,
    attached,
    bounded,
    created,
    group,
    history_of,
    inline,
    joined,
    log_of_story,
    policy,
    renamed,
    role,
    second,
    tagged,
    trusts,
    user,
)

ADA, OPS, TEAM = user("ada"), role("ops"), group("team")
OTHER = "444455556666"


def text(*statements: dict[str, Any]) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": list(statements)}).decode()


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


class Trail:
    """The events of a story, as the trail has them, and an approval of each at an even position."""

    def __init__(self, log: MemoryLog) -> None:
        self._events = {event.position: event for event in log.events}

    def expect(self, positions: Iterable[int]) -> None:
        pass

    def read(self, positions: Iterable[int]) -> Mapping[int, Happening]:
        return {
            each: Happening(
                position=each, occurred_at=self._events[each].occurred_at, account=ACCOUNT, actor=f"actor of {each}",
                type=self._events[each].type, source="cloudtrail",
            )
            for each in positions
        }  # fmt: skip

    def of_events(self, positions: Iterable[int]) -> Mapping[int, Approved]:
        return {
            each: Approved(
                state="approved", tickets=(f"OPS-{each}",),
                approvals=(Approval(ticket=f"OPS-{each}", approved_by="grace"),),
            )
            for each in positions if each % 2 == 0
        }  # fmt: skip


class NoUses:
    """`Uses` of which nothing is known."""

    def of_principal(self, account: str, arn: str) -> LastUse:
        return LastUse(state=State.CANNOT_KNOW, why="a test")

    def of_actions(self, account: str, arn: str, actions: Any) -> LastUse:
        return LastUse(state=State.USED, at=second(100), action=actions[0])

    def of_key(self, account: str, access_key_id: str) -> LastUse:
        return self.of_principal(account, "")

    def keys_used(self, account: str, arn: str) -> list[str]:
        return []

    def of_password(self, account: str, arn: str) -> LastUse:
        return self.of_principal(account, arn)


class NoCalls:
    """`Calls` of which there are none."""

    def by_root(self, account: str, arn: str, begin: datetime, end: datetime) -> Any:
        return iter(())

    def changes(self, account: str, begin: datetime, end: datetime) -> Any:
        return iter(())


class NoSessions:
    """`Sessions` of which there are none."""

    def given_to(self, arns: Any) -> Any:
        return ()

    def called(self, names: Any) -> Any:
        return ()


class NoCredentialUses:
    """Uses of credentials of which there are none."""

    def read(self, arns: object, apart: object) -> None:
        """Nothing: there are none."""

    def of_user(self, arn: str) -> dict[str, list[datetime]]:
        return {}


class OneException:
    """Ada is excepted from every report."""

    def of(self, kind: str, account: str, subject: str) -> Exempted | None:
        return Exempted(name="e", owner="grace", reason="why not") if subject == arn("user/ada") else None


def known(log: MemoryLog, at: float = 50) -> Known:
    history, trail = history_of(log), Trail(log)
    coverage = AccountCoverage(account=ACCOUNT, mode="observed", first_record=second(0), last_record=second(200))
    return Known(
        history=history, directory=directory_at(history, second(at)), coverage={ACCOUNT: coverage}, happenings=trail,
        uses=NoUses(), approvals=trail, exceptions=OneException(), calls=NoCalls(),
        sessions=NoSessions(), credential_uses=NoCredentialUses(),
    )  # fmt: skip


def asked(name: str, at: float = 50, **options: str) -> Asked:
    given = {each.name: each.default for each in REPORTS[name].options} | options
    return Asked(accounts=(ACCOUNT,), end=second(at), options=given)


def columns(section: Section, *names: str) -> list[tuple[Any, ...]]:
    places = [[each.name for each in section.columns].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in section.rows]


STORY = (
    (0, created(TEAM)), (1, inline(TEAM, text(allow("s3:Get*")), "team")), (2, created(ADA)),
    (3, tagged(ADA, Owner="ada's boss")), (4, joined(ADA, TEAM)),
    (5, policy("own", text(allow(["iam:PassRole", "iam:TagRole"]), {"Effect": "Deny", "NotAction": "s3:*",
                                                                    "NotResource": "arn:aws:s3:::a"}))),
    (6, attached(ADA, arn("policy/own"))), (7, bounded(ADA, arn("policy/own"))),
    (8, attached(ADA, arn("policy/never-seen"))),
    (9, created(OPS, text({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": [
        f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{ACCOUNT}:user/ada"], "Service": "ec2.amazonaws.com"}}))),
)  # fmt: skip


def test_each_statement_stands_with_its_path_and_its_grant() -> None:
    [section] = entitlement_review(asked("entitlement-review"), known(log_of_story(*STORY)))
    found = columns(section, "principal", "grant_path", "effect", "actions", "granting_event", "limited_by")
    ada, limits = arn("user/ada"), ("boundary", "deny")
    assert found == [
        (ada, "direct", "Allow", ("iam:PassRole", "iam:TagRole"), 8, limits),
        (ada, "direct", "Deny", ("not s3:*",), 8, ()),
        (ada, "direct", "", (), 10, ()),
        (ada, "group", "Allow", ("s3:Get*",), 6, limits),
        (ada, "boundary", "Allow", ("iam:PassRole", "iam:TagRole"), 9, ()),
        (ada, "boundary", "Deny", ("not s3:*",), 9, ()),
        (arn("role/ops"), "none", "", (), None, ()),
        (f"arn:aws:iam::{OTHER}:root", "trust", "Allow", ("sts:AssumeRole",), 11, ()),
        (ada, "trust", "Allow", ("sts:AssumeRole",), 11, ()),
        ("ec2.amazonaws.com", "trust", "Allow", ("sts:AssumeRole",), 11, ()),
    ]


def test_what_is_said_of_a_line() -> None:
    [section] = entitlement_review(asked("entitlement-review"), known(log_of_story(*STORY)))
    first, deny, hidden, by_group, *_ = columns(
        section, "owner", "created", "access_levels", "services", "granted_by", "granted_at", "approval", "use",
        "last_used", "exception", "not_known",
    )  # fmt: skip
    excepted = "e: why not (grace)"
    assert first == (
        "ada's boss", second(2), ("Write", "Tagging"), ("iam",), "actor of 8", second(6), "grace (OPS-8)", "used",
        second(100), excepted, "",
    )  # fmt: skip
    assert deny[2:4] == (("List", "Read", "Write", "Permissions management", "Tagging"), ("*",)) and deny[7] == ""
    assert hidden[-1] == f"the version of {arn('policy/never-seen')} in force then was never seen"
    # The group's policy is older than the membership: the membership is the grant.
    assert by_group[4:6] == ("actor of 6", second(4)) and by_group[6] == "no ticket named; grace (OPS-6)"


@pytest.mark.parametrize("at", [5, 6.5, 50])
def test_the_lines_of_a_principal_are_the_statements_that_it_has(at: float) -> None:
    ground = known(log_of_story(*STORY), at)
    [section] = entitlement_review(asked("entitlement-review", at), ground)
    found = columns(section, "principal", "grant_path", "policy", "effect", "statement")
    told = what_can(ground.directory, arn("user/ada"))
    expected = [(each.policy, each.effect, each.sid or str(each.statement + 1)) for each in told.permissions]
    mine = [
        row[2:] for row in found if row[0] == arn("user/ada") and row[1] in ("direct", "inline", "group") and row[3]
    ]
    assert mine == expected


def test_a_role_that_lets_in_another_account_is_exposed() -> None:
    [section] = exposure(asked("exposure"), known(log_of_story(*STORY)))
    assert columns(section, "resource", "exposure", "lets_in", "known_account", "decision", "granted_at") == [
        (arn("role/ops"), "cross-account", f"arn:aws:iam::{OTHER}:root", False, "allow", second(9))
    ]


def test_a_condition_makes_exposure_conditional_and_a_deny_ends_it() -> None:
    limited = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    someone = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}
    denied = {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*"}
    log = log_of_story(*STORY, (20, trusts(OPS, text(someone | limited))), (30, trusts(OPS, text(someone, denied))))
    for at, expected in ((25, [("public", "conditional")]), (35, [])):
        [section] = exposure(asked("exposure", at), known(log, at))
        assert columns(section, "exposure", "decision") == expected


def test_days_are_numbers() -> None:
    assert days_of({"days": "90"}) == 90
    for each in ("", "0", "-1", "1.5", "ninety", "99999"):
        with pytest.raises(MalformedOption):
            days_of({"days": each})


def test_an_instant_before_the_principal_has_no_line_of_it() -> None:
    before = second(2) - timedelta(microseconds=1)
    [section] = entitlement_review(
        Asked(accounts=(ACCOUNT,), end=before, options=asked("entitlement-review").options),
        known(log_of_story(*STORY), 1.9),
    )  # fmt: skip
    assert columns(section, "principal") == []


def test_a_use_belongs_to_whoever_had_the_name_then() -> None:
    first, again = user("ada"), user("ada", 2)
    log = log_of_story(
        (0, created(first)), (10, renamed(first, "eve")), (20, created(again)), (30, renamed(again, "bea")),
    )  # fmt: skip
    ground = known(log)
    uses = UsesOf(ground)

    def at(**seconds: float) -> tuple[Any, Any]:
        """When each of the two was used last, where the last calls of these names were at these seconds."""

        def ask(name: str) -> LastUse:
            second_of = seconds.get(name.rpartition("/")[2])
            if second_of is None:
                return LastUse(state=State.NOT_USED)
            return LastUse(state=State.USED, at=second(second_of))

        found = [
            uses.last(entity, ask)
            for each in (first, again) if (entity := ground.directory.get(ACCOUNT, "user", each.id)) is not None
        ]  # fmt: skip
        assert len(found) == 2
        return found[0].at or str(found[0].state), found[1].at or str(found[1].state)

    assert at(ada=5) == (second(5), "not used")
    assert at(ada=25) == ("cannot know", second(25)), "the first may have been used as ada, too"
    assert at(ada=5, eve=15) == (second(15), "not used")
    assert at(eve=15, bea=40) == (second(15), second(40))
    assert at() == ("not used", "not used")
