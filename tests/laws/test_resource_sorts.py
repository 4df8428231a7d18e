"""What is decided once for many known resources is what each by itself would be."""

from __future__ import annotations

import random
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.directory.facts import Fact
from erstwhile.domain.policy.language.patterns.pattern_parts import TooManyParts
from erstwhile.domain.questions import known_resources as known
from erstwhile.domain.questions.asked import Asked
from erstwhile.domain.questions.resource_reach import extent
from erstwhile.domain.questions.who_can_within import Within
from erstwhile.domain.vocabulary.instants import BEFORE
from tests.support.examples import examples
from tests.support.given import START
from tests.support.policy import generator
from tests.support.policy.plain_reach import plain_extent
from tests.support.policy.random_directory import random_directory

PATTERNS = (
    "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/path/r*",
    "arn:aws:s3:::b*", "arn:aws:s3:::bucket*/*", "arn:aws:kms:eu-west-1:111122223333:key/*",
    "arn:aws:iam::111122223333:user/*",
)  # fmt: skip
BEGINNINGS = ("arn:aws:s3:::", "arn:aws:kms:eu-west-1:111122223333:key/")


def _crowd(directory: Directory, chance: random.Random) -> None:
    """More roles, buckets and keys, some of which have the same policies as others."""

    def fact(value: dict[str, Any]) -> Fact:
        return Fact(value, chance.choice((BEFORE, START)), 1)

    texts = [orjson.dumps(generator.document(chance, True)).decode() for _ in range(3)]
    for number in range(6):
        account = chance.choice(generator.ACCOUNTS)
        role = directory.ensure((account, "role", f"AROA{number}"))
        path = chance.choice(("/", "/path/", "/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"))
        arn = f"arn:aws:iam::{account}:role{path}r{number}"
        role.facts["entity"] = {"": fact({"name": f"r{number}", "arn": arn, "path": path})}
        if chance.random() < 0.9:
            role.facts["trust"] = {"": fact({"document": chance.choice((*texts, None))})}
        if chance.random() < 0.3:
            role.facts["tag"] = {"team": fact({"value": chance.choice(("red", "home"))})}
    for number in range(8):
        prefix = chance.choice(BEGINNINGS)
        arn = f"{prefix}bucket{number}"
        entity = directory.ensure((chance.choice(generator.ACCOUNTS), "resource", arn))
        entity.facts["entity"] = {"": fact({"name": arn, "arn": arn})}
        if chance.random() < 0.7:
            entity.facts["policy"] = {"": fact({"document": chance.choice((*texts, None))})}
        if chance.random() < 0.3:
            entity.facts["tag"] = {"team": fact({"value": chance.choice(("red", "home"))})}
    for each in list(directory.entities.values()):
        directory.index(each)
    directory.engine = None


@settings(max_examples=examples(300, each_run=100), deadline=None)
@given(st.integers(0, 2**48), st.sampled_from(["strict", "discover"]), st.sampled_from([0, 2, 60]))
def test_an_extent_is_that_of_each_resource_by_itself(seed: int, mode: Any, most_cutting: int) -> None:
    chance = random.Random(seed)
    directory = random_directory(seed)
    _crowd(directory, chance)
    context: dict[str, tuple[str, ...]] = {
        key.lower(): (chance.choice(values),) for key, values in generator.KEYS.items() if chance.random() < 0.2
    }
    principals = [entity.arn for entity in directory.of_kind("user", "role")]
    principals += [each for each in generator.PRINCIPALS if ":root" in each or ":" not in each]
    usual = known.MAX_CUTTING
    known.MAX_CUTTING = most_cutting
    try:
        for pattern in chance.sample(PATTERNS, 3):
            asked = Asked(
                action=chance.choice(generator.ACTIONS), mode=mode, context=context,
                resource_account=chance.choice((None, None, *generator.ACCOUNTS)),
            )  # fmt: skip
            within = Within(directory, pattern, asked)
            for principal in chance.sample(principals, 8):
                try:
                    expected = plain_extent(directory, principal, pattern, asked, most_cutting)
                except TooManyParts:
                    continue
                assert extent(directory, principal, pattern, asked) == expected
                assert within.extent(principal) == expected
    finally:
        known.MAX_CUTTING = usual
