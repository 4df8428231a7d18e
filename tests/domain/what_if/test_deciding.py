"""The law of recorded calls: a Directory that goes along with them decides as one that is made for the instant of
each."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.windows import ALWAYS
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.principals import UnknownPrincipal
from erstwhile.domain.policy.inputs.request import Decision, Request
from erstwhile.domain.vocabulary.identifiers import MalformedArn
from erstwhile.domain.what_if import changes as c
from erstwhile.domain.what_if.calls import RecordedCall
from erstwhile.domain.what_if.deciding import Decisions, DecisionsUnderGuardrails, decisions_over
from erstwhile.domain.what_if.lookups import ImpossibleChange
from erstwhile.domain.what_if.supposed import SupposedHistory
from tests.support.documents import allow
from tests.support.random_stories import BUCKET, random_story, richer_story
from tests.support.records import ACCOUNT
from tests.support.stories import arn, history_of, log_of_story, second
from tests.support.supposed import random_changes

ACTIONS = ("s3:GetObject", "s3:PutObject", "sqs:SendMessage", "iam:ListUsers")
PRINCIPALS = (
    *map(arn, ("user/eve", "user/bob", "role/admin", "user/ghost", "root")), "nobody",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/s",
)  # fmt: skip


def by_itself(directory: Directory, call: RecordedCall) -> Decision | None:
    try:
        return authorize(
            directory,
            Request(
                principal=call.principal, action=call.action, resource=call.resources[0],
                resource_account=call.account, context=call.context, mode="discover",
            ),
        )  # fmt: skip
    except (MalformedArn, UnknownPrincipal):
        return None


@settings(max_examples=60)
@given(st.integers(0, 2**48))
def test_a_directory_that_goes_along_decides_as_that_of_each_instant(seed: int) -> None:
    chance = random.Random(seed)
    tell = chance.choice((random_story, richer_story))
    history = history_of(log_of_story(*tell(random.Random(seed))))
    at = second(chance.randint(0, 40))
    guardrail = c.AttachGuardrail(
        target=chance.choice((ACCOUNT, "r-1")), document=allow(chance.choice(ACTIONS), Effect="Deny")
    )
    changes = [guardrail] if chance.random() < 0.6 else random_changes(chance, directory_at(history, at))
    try:
        supposed = SupposedHistory(history, at, changes, goes_on=True)
    except ImpossibleChange:
        return
    moments = [chance.randrange(-2, 66) for _ in range(12)]
    real = Decisions(history, window=chance.choice((ALWAYS, (second(min(moments)), second(max(moments))))))
    changed = decisions_over(supposed, real)
    assert isinstance(changed, DecisionsUnderGuardrails) or changes != [guardrail]
    for moment in (*sorted(moments), *moments[:2]):
        call = RecordedCall(
            key="", at=second(moment), principal=chance.choice(PRINCIPALS), action=chance.choice(ACTIONS),
            resources=(f"{BUCKET}/key",), account=ACCOUNT,
            context=chance.choice(({}, {"aws:sourceip": ("10.0.0.1",)})),
        )  # fmt: skip
        for decisions, one in ((changed, supposed), (real, history)):
            assert decisions.decide(call, call.resources[0]) == by_itself(directory_at(one, call.at), call), moment
