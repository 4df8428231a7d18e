"""Resources that nobody knows, in parts: cut by texts they are those that the walk through all patterns finds."""

from __future__ import annotations

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from erstwhile.domain.history.comparing.elsewhere import elsewhere, everywhere
from erstwhile.domain.policy.language.match import matches_resource
from erstwhile.domain.policy.language.patterns.pattern_parts import Effort, parts

ACCOUNT = "111122223333"


def random_pattern(chance: random.Random, is_text: bool) -> str:
    segments = [
        chance.choice(("aws", "aws", "aws-cn", "x", "")),
        chance.choice(("s3", "sqs", "x", "")),
        chance.choice(("", "eu-west-1", "x")),
        chance.choice((ACCOUNT, ACCOUNT, "", "aws", "444455556666")),
    ]
    if not is_text:
        segments[chance.randrange(4)] = chance.choice(("*", "a*", "?"))
    name = "".join(chance.choice("ab:/x") for _ in range(chance.randrange(4)))
    end = chance.choice(("*", "*", "", "", "?", "*b") if not is_text else ("*", ""))
    return chance.choice((":".join(("arn", *segments, name)) + end,) * 20 + ("*", "arn:*"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**48))
@example(0)
def test_each_part_is_found_once(seed: int) -> None:
    chance = random.Random(seed)
    is_text = chance.random() < 0.8
    cutting = [random_pattern(chance, is_text or chance.random() < 0.7) for _ in range(chance.randrange(7))]
    regions = [random_pattern(chance, is_text) for _ in range(chance.randrange(5))]

    def which(cell: str) -> tuple[bool, ...]:
        return tuple(matches_resource(each, cell) for each in cutting)

    found = elsewhere(ACCOUNT, cutting, regions, Effort(10_000_000))
    assert found[0] == "*"
    assert not any(matches_resource(each, cell) for each in regions for cell in found[1:])
    for within in everywhere(ACCOUNT):
        cells = parts((within,), tuple(sorted({*cutting, *regions})))
        expected = {which(cell) for cell in cells if not any(matches_resource(each, cell) for each in regions)}
        those = [which(cell) for cell in found[1:] if matches_resource(within, cell)]
        assert len(those) == len(set(those))
        assert set(those) == expected
    assert all(any(matches_resource(within, cell) for within in everywhere(ACCOUNT)) for cell in found[1:])
