"""The words by which a record is passed over: no record is, whose resource a statement is about."""

from __future__ import annotations

import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.what_if.recorded_call import acted_in
from erstwhile.domain.what_if.resource_words import words_of
from tests.support.documents import allow

ARN = "arn:aws:s3:::"
PATTERNS = (
    "*", "arn:*", f"{ARN}*", f"{ARN}bucket", f"{ARN}bucket/*", f"{ARN}bucket/a/*", f"{ARN}*/a/b?", "arn:aws:s3:*:b/*",
    "arn:*:*:*:*:*bucket*", "arn:aws:dynamodb:*:*:table/t", "arn:aws:dynamodb:eu-west-1:111122223333:table/*/index/i",
    f"{ARN}${{aws:username}}/*", f"{ARN}b?cket/*", "arn:aws:*:table",
)  # fmt: skip
PARTS = ("bucket", "b", "a", "b1", "t", "table", "index", "i", "k y", "ü")


@settings(max_examples=200)
@given(st.integers(0, 2**48))
def test_a_record_without_them_is_of_another_resource(seed: int) -> None:
    chance = random.Random(seed)
    [statement] = compile_document(allow("s3:GetObject", chance.sample(PATTERNS, chance.randint(1, 2)))).statements
    words = words_of(statement)
    line = orjson.dumps(record(chance))
    acted = acted_in(line, "s3:GetObject", "arn:aws:iam::111122223333:user/eve", "111122223333", "10.0.0.1")
    assert acted is not None
    if words is not None and not any(word in line for word in words):
        assert not any(statement.may_cover(each) for each in acted.resources)


def record(chance: random.Random) -> dict[str, object]:
    key = "/".join(chance.choices(PARTS, k=chance.randint(1, 3)))
    table = f"arn:aws:dynamodb:eu-west-1:111122223333:table/{'/'.join(chance.choices(PARTS, k=2))}"
    parameters = chance.choice(
        ({"bucketName": chance.choice(PARTS), "key": key}, {"bucketName": "bucket"}, {"t": table}, {})
    )
    resources = chance.choice(([], [{"ARN": f"{ARN}{chance.choice(PARTS)}/{key}"}], [{"ARNPrefix": table}]))
    return {"requestParameters": parameters, "resources": resources}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (f"{ARN}bucket-7/*", {b"bucket-7"}), (f"{ARN}a/long-key*", {b"long-key"}), ("*", None),
        ("arn:aws:s3:::*", None), ("arn:aws:s3:*:x", None), (f"{ARN}${{aws:username}}/*", None),
    ],
)  # fmt: skip
def test_they_are_of_the_part_that_names_the_resource(pattern: str, words: set[bytes] | None) -> None:
    [statement] = compile_document(allow("s3:GetObject", pattern)).statements
    assert words_of(statement) == words
