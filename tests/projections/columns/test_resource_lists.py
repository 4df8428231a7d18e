"""The law of lists of resources: those that a resource finds are those that are, or may be, about it."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from erstwhile.domain.policy.language.document import read_statement
from erstwhile.domain.policy.language.statement import CompiledStatement
from erstwhile.projections.columns.resource_lists import ResourceLists

RESOURCES = (
    "*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/key", "arn:aws:s3:::*/key", "arn:aws:s3:::?/key",
    "arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::bc*", "",
)  # fmt: skip


@given(st.integers(0, 2**48))
def test_a_resource_finds_the_lists_that_may_be_about_it(seed: int) -> None:
    chance = random.Random(seed)
    lists = []
    for number in range(chance.randint(0, 8)):
        name = "NotResource" if chance.random() < 0.2 else "Resource"
        entry = {"Effect": "Allow", "Action": "*", name: chance.sample(RESOURCES, chance.randint(1, 3))}
        lists.append((number, CompiledStatement(read_statement(0, entry, chance.random() < 0.5), True)))
    found = ResourceLists(lists)
    for resource in (*RESOURCES, "arn:aws:s3:::bcd", "arn:aws:s3:::c/key"):
        assert set(found.reaching(resource)) == {number for number, each in lists if each.may_cover(resource)}
