"""Which patterns a principal may something of, beside how much of each it may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.questions import what_can_by_action
from erstwhile.domain.questions.what_can_by_action import allowed_at_all, expanded
from tests.support.examples import examples
from tests.support.policy.random_directory import random_directory
from tests.support.random_reach import random_reach

SERVICES = ("iam", "kms", "lambda", "s3", "sts")


@pytest.mark.parametrize("make", [random_directory, random_reach])
@settings(max_examples=examples(60, 6), phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 2**48))
def test_they_are_those_of_which_some_is_allowed(make: Callable[[int], Directory], seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(what_can_by_action, "services", lambda: SERVICES)
        directory = make(seed)
        for entity in directory.of_kind("user", "role"):
            principal = directory.arn_of(entity)
            try:
                groups = expanded(directory, principal)
            except TooMuch:
                continue  # to look at all parts takes more than to find one that is allowed
            if any(reach.how == "unclear" for group in groups for reach in group.resources):
                continue
            by_parts = {
                action: tuple(each.resource for each in group.resources) for group in groups for action in group.actions
            }
            assert allowed_at_all(directory, principal) == by_parts, principal
