"""The law of who-can: it says of everybody what asking about each one says, and the index is never too sure."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.index import Index
from erstwhile.domain.questions.resource_reach import is_pattern
from erstwhile.domain.questions.who_can import who_can
from tests.support.examples import examples
from tests.support.policy import generator
from tests.support.policy.random_directory import random_directory

seeds = st.integers(0, 2**48)


@settings(max_examples=examples(300, each_run=100))
@given(seeds, st.sampled_from(["strict", "discover"]))
def test_every_reverse_answer_is_that_of_the_loop(seed: int, mode: Any) -> None:
    chance = random.Random(seed + 5)
    directory = random_directory(seed)
    context: dict[str, tuple[str, ...]] = {
        key.lower(): (chance.choice(values),)
        for key, values in generator.KEYS.items()
        if chance.random() < 0.3 and not key.lower().startswith(("aws:userid", "aws:username", "aws:principalarn"))
    }
    single = [resource for resource in generator.RESOURCES if not is_pattern(resource)]  # patterns: test_regions
    index = Index(directory)
    for action in generator.ACTIONS:
        resource = chance.choice(single)
        owner = chance.choice((None, *generator.ACCOUNTS))
        found = who_can(directory, action, resource, resource_account=owner, context=context, mode=mode)
        every = (*found.allowed, *found.conditional, *found.unknown)
        for holder in every:  # outsiders are among them: `can` says of each what who-can says
            one = Request(
                principal=holder.principal, action=action, resource=resource, resource_account=owner,
                context=context, mode=mode,
            )  # fmt: skip
            assert authorize(directory, one).effect == holder.decision.effect
        listed = {holder.principal: "allow" for holder in found.allowed}
        listed |= {holder.principal: "conditional" for holder in (*found.conditional, *found.unknown)}
        loop = {}
        for entity in directory.of_kind("user", "role"):
            asked_of = Request(
                principal=entity.arn,
                action=action,
                resource=resource,
                resource_account=owner,
                context=context,
                mode=mode,
            )
            first, again = authorize(directory, asked_of), authorize(directory, asked_of)
            assert first == again
            if first.effect in ("allow", "conditional"):
                loop[entity.arn] = first.effect
        sure = index.who(action, resource, context, owner, discover=mode == "discover")
        assert {index.arn(number) for number in sure.allowed} <= {arn for arn, e in loop.items() if e == "allow"}
        insiders = {holder.principal for holder in every if holder.kind in ("user", "role") and not holder.is_outsider}
        assert {arn: effect for arn, effect in listed.items() if arn in insiders} == loop
