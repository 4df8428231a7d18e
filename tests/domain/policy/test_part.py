"""A document that is compiled in part says of the action and resource what it says whole."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.policy.language.common_form import entries_of, usual_statements
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.part import speaks_of, statements_about
from erstwhile.domain.policy.language.statement import CompiledStatement, compile_document
from tests.support.documents import allow, text
from tests.support.policy import generator


def said(compiled: Callable[[], tuple[CompiledStatement, ...]], action: str, resource: str) -> object:
    """The statements that may have a say, or why they cannot be read."""
    try:
        return [each.statement for each in compiled() if each.speaks_of(action) and each.may_cover(resource)]
    except (MalformedDocument, UnknownOperator) as error:
        return str(error)


def in_part(document: str, action: str, resource: str) -> object:
    return said(lambda: statements_about(document, action, resource), action, resource)


def whole(document: str, action: str, resource: str) -> object:
    return said(lambda: compile_document(document, True).statements, action, resource)


@settings(max_examples=300)
@given(st.integers(0, 2**48))
def test_it_is_what_the_compiled_statements_say(seed: int) -> None:
    chance = random.Random(seed)
    document = generator.document(chance, with_principal=chance.random() < 0.1, short=chance.random() < 0.5)
    for _ in range(10):
        action, resource = chance.choice(generator.ALL_ACTIONS).lower(), chance.choice(generator.RESOURCES)
        assert in_part(text(document), action, resource) == whole(text(document), action, resource)


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
def test_what_cannot_be_read_is_refused_whole(document: str) -> None:
    assert isinstance(whole(document, "s3:getobject", "x"), str)
    assert in_part(document, "s3:getobject", "x") == whole(document, "s3:getobject", "x")
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


STATEMENT = '{"Effect":"Allow","Action":"a:b","Resource":"*"%s}'


@pytest.mark.parametrize(
    "more",
    [
        "", ',"Effect":"Deny"', ',"Effect":"Permit","Effect":"Allow"', ',"Action":["x:y"]', ',"Action":null',
        ',"Sid":"\\ud800"', ',"Sid":"\ud800"', ',"Sid":1e999', ',"Sid":NaN', f',"Sid":{10**30}', ',"Sid":01',
        ',"Sid":"\t"', f',"Sid":{"[" * 900}{"]" * 900}', f',"Sid":{"[" * 1100}{"]" * 1100}', ',"Condition":null',
        ',"Condition":[]', ',"Condition":{"StringLike":{"a":1},"StringLike":"x"}', ',"Condition":{"Like":{"a":1}}',
        ',"Principal":"*"', "}], \"Id\":[{", "}], \"x\":[{", "}], \"Statement\":[{",
    ],
)  # fmt: skip
def test_what_the_quick_reader_takes_is_what_is_read_whole(more: str) -> None:
    document = f'{{"Version":"2012-10-17","Statement":[{STATEMENT % more}]}}'
    read, quick = entries_of(document), usual_statements(document)
    whole_entries = None if read is None else [(each["Effect"], each["Action"], each["Resource"]) for each in read[0]]
    assert whole_entries == (None if quick is None else [(each.Effect, each.Action, each.Resource) for each in quick])
