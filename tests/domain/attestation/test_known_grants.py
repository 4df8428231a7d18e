"""When policies that are known speak of an action."""

from __future__ import annotations

import pytest

from erstwhile.domain.attestation.holding import Asked
from erstwhile.domain.attestation.known_grants import KnownGrants, is_of_nothing
from erstwhile.domain.history.read_facts import ReadFacts
from tests.support.documents import allow
from tests.support.records import ACCOUNT
from tests.support.stories import (
    arn,
    attached,
    created,
    detached,
    group,
    history_of,
    inline,
    inline_deleted,
    joined,
    left,
    log_of_story,
    policy,
    second,
    user,
    version,
)

EVE, TEAM = user("eve"), group("team")
ASKED = Asked(action="iam:PutUserPolicy", resource=arn("user/nobody"), resource_account=ACCOUNT)
STORY = (
    (0, created(EVE)), (0, created(TEAM)), (0, policy("late", allow("s3:*"))),
    (10, inline(EVE, allow("iam:*"))), (20, inline_deleted(EVE)), (20, inline(EVE, allow("s3:*"), "q")),
    (30, inline(TEAM, allow("*"))), (40, joined(EVE, TEAM)), (50, left(EVE, TEAM)),
    (60, attached(EVE, arn("policy/late"))), (70, version("late", "v2", allow("iam:Put*"))),
    (80, detached(EVE, arn("policy/late"))), (90, attached(EVE, arn("policy/unseen"))),
    (100, inline(EVE, "{", "broken")),
)  # fmt: skip


@pytest.mark.parametrize(("begin", "speak"), [
    (0, False), (10, True), (20, False), (30, False), (40, True), (50, False), (60, False), (70, True), (80, False),
    (90, False), (100, True),
])  # fmt: skip
def test_known_policies_speak_while_a_principal_has_them(begin: float, speak: bool) -> None:
    """What was never seen speaks of nothing; what cannot be read may speak of anything."""
    facts = ReadFacts(history_of(log_of_story(*STORY)))
    key = (ACCOUNT, "user", EVE.id)
    assert KnownGrants(facts, ASKED).speak(key, second(begin), second(begin + 10)) is speak


def test_what_somebody_made_may_have_a_policy() -> None:
    facts = ReadFacts(history_of(log_of_story(*STORY)))
    assert is_of_nothing(facts, ASKED)
    assert not is_of_nothing(facts, Asked(action="iam:PutUserPolicy", resource=arn("user/eve")))
