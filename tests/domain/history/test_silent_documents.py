"""A document that is called silent can be read, and has no statement about the action and resource."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.history.silent_documents import speaks_of
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.statement import compile_document
from tests.support.documents import allow, text
from tests.support.policy import generator


def compiled(document: str, action: str, resource: str) -> bool:
    """What the statements say when all are compiled."""
    try:
        return any(each.may_cover(resource) for each in compile_document(document, True).about(action))
    except (MalformedDocument, UnknownOperator):
        return True


@settings(max_examples=300)
@given(st.integers(0, 2**48))
def test_it_is_what_the_compiled_statements_say(seed: int) -> None:
    chance = random.Random(seed)
    document = generator.document(chance, with_principal=chance.random() < 0.1, short=chance.random() < 0.5)
    for _ in range(10):
        action, resource = chance.choice(generator.ALL_ACTIONS).lower(), chance.choice(generator.RESOURCES)
        assert speaks_of(text(document), action, resource) == compiled(text(document), action, resource)


@pytest.mark.parametrize(
    "document",
    [
        "nonsense", "[]", '{"Version":"2012-10-17"}',
        allow("ec2:*", Condition={"StringLooksLike": {"aws:username": "x"}}),
        allow("ec2:*", Condition={"StringLike": "x"}),
        allow("ec2:*", Conditions={}),
        allow("ec2:*").replace("Allow", "Permit"),
        allow("ec2:*").replace('"Resource":"*"', '"Principal":"*"'),
        allow("ec2:*").replace('"*"}', '["*", 1]}'),
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}',
        '{"Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*","Principal":"*"}]}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_may_say_something(document: str) -> None:
    assert compiled(document, "s3:getobject", "x")
    assert speaks_of(document, "s3:getobject", "x")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"action": "s3:*"}, True), ({"action": "S3:GetObject"}, True), ({"action": ["ec2:*", "s3:Get?bject"]}, True),
        ({"action": "ec2:*"}, False), ({"action": "s3:*", "resource": "arn:aws:s3:::other/*"}, False),
        ({"action": "s3:*", "resource": "arn:aws:s3:::bucket/${aws:username}/*"}, True),
        ({"action": "ec2:*", "Condition": {"Bool": {"aws:SecureTransport": True}}}, False),
    ],
)  # fmt: skip
def test_some_of_each(more: dict[str, Any], expected: bool) -> None:
    assert speaks_of(allow(**more), "s3:getobject", "arn:aws:s3:::bucket/key") is expected
