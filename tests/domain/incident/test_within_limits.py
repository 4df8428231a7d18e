"""What an administrator could do within limits."""

from __future__ import annotations

import pytest

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events.organizations import OrganizationPolicy
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.incident import within_limits
from erstwhile.domain.incident.could import reached
from erstwhile.domain.incident.within_limits import whole_actions
from erstwhile.domain.policy.engine.attached import engine_of
from erstwhile.domain.questions import what_can_by_action
from erstwhile.domain.questions.what_can_by_action import allowed_at_all, expanded
from tests.support.documents import FULL, allow
from tests.support.records import ACCOUNT
from tests.support.stories import Told, arn, bounded, created, history_of, inline, log_of_story, policy, second, user
from tests.support.supposed import ROOT, organization

EVE = user("eve")
NO_DELETING = allow(["s3:Delete*", "iam:*"], Effect="Deny")
SOME = allow(["s3:*", "iam:Get*"], Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})


def guarded(document: str) -> Told:
    return organization(OrganizationPolicy("p-no", "SERVICE_CONTROL_POLICY", "no", document, [ROOT]))


ADMINISTRATOR: tuple[Told, ...] = ((0, created(EVE)), (1, inline(EVE, FULL)))
BOUNDED: Told = (2, bounded(EVE, arn("policy/bound")))
STORIES: dict[str, tuple[Told, ...]] = {
    "a guardrail that denies": (*ADMINISTRATOR, guarded(NO_DELETING)),
    "a boundary": (*ADMINISTRATOR, (1, policy("bound", allow(["s3:*", "iam:List*"]))), BOUNDED),
    "a boundary with conditions": (*ADMINISTRATOR, (1, policy("bound", SOME)), BOUNDED),
    "no limit": ADMINISTRATOR,
}


def at_the_end(story: tuple[Told, ...]) -> Directory:
    return directory_at(history_of(log_of_story(*story)), second(10))


@pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
def test_what_no_limit_speaks_of_equals_what_is_found_action_by_action(
    story: tuple[Told, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (within_limits, what_can_by_action):
        monkeypatch.setattr(module, "services", lambda: ("iam", "s3"))
    directory = at_the_end(story)
    whole = whole_actions(engine_of(directory).side(arn("user/eve")))
    others = set(allowed_at_all(directory, arn("user/eve"), whole))
    one_by_one = {
        action: each.resources for each in expanded(directory, arn("user/eve")) for action in each.actions
    }  # fmt: skip
    assert others.isdisjoint(whole)
    assert others | whole == one_by_one.keys()
    for action in whole:
        # Not all of it, where a rule of AWS's own keeps some: roles of services.
        assert [each.resource for each in one_by_one[action]] == ["*"]


def test_who_has_no_policy_that_allows_everything_is_looked_at_action_by_action() -> None:
    directory = at_the_end(((0, created(EVE)), (1, inline(EVE, allow("s3:*")))))
    assert whole_actions(engine_of(directory).side(arn("user/eve"))) == frozenset()


def test_an_administrator_under_a_guardrail_could_do_what_that_leaves() -> None:
    history = history_of(log_of_story(*STORIES["a guardrail that denies"]))
    [period] = reached(history, (ACCOUNT, "user", EVE.id), second(5), second(10))
    assert period.is_administrator and not period.notes
    assert period.actions["s3:GetObject"] == ("*",)
    assert {"s3:DeleteObject", "iam:CreateUser"}.isdisjoint(period.actions)
