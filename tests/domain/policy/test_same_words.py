"""Which texts are one document."""

from __future__ import annotations

import pytest

from erstwhile.domain.policy.language.same_words import has_the_statements, say_the_same

READ = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}]}'
)
LET_IN = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}}'


@pytest.mark.parametrize(("one", "other"), [
    (READ, READ),
    (READ, '{"Statement":[{"Resource":"*","Action":["s3:Get*","s3:List*"],"Effect":"Allow"}],"Version":"2012-10-17"}'),
    (READ, READ.replace('["s3:Get*", "s3:List*"]', '["s3:List*", "s3:Get*"]')),
    (READ, READ.replace('"*"', '["*"]').replace(": [{", ":{").replace("}]}", "}}")),
    (LET_IN, LET_IN.replace("111122223333", "arn:aws:iam::111122223333:root")),
    (LET_IN, LET_IN.replace("111122223333", "arn:aws-cn:iam::111122223333:root")),
    ("not JSON", "not JSON"),
    (None, None),
])  # fmt: skip
def test_the_same_in_other_letters(one: str | None, other: str | None) -> None:
    assert say_the_same(one, other) and say_the_same(other, one)


TWO = '{"Statement": [{"Sid": "a", "Action": "s3:*"}, {"Sid": "b", "Action": "s3:*"}]}'


@pytest.mark.parametrize(("one", "other"), [
    (READ, READ.replace("Allow", "Deny")),
    (READ, READ.replace("s3:Get*", "s3:get*")),
    (READ, READ.replace('"Version": "2012-10-17", ', "")),
    (LET_IN, LET_IN.replace('{"AWS": "111122223333"}', '"111122223333"')),
    (LET_IN.replace("AWS", "Federated"), LET_IN.replace("AWS", "Federated").replace("1111", "arn:aws:iam::1111")),
    (TWO, '{"Statement": [{"Sid": "b", "Action": "s3:*"}, {"Sid": "a", "Action": "s3:*"}]}'),
    ('{"Condition": {"Bool": {"a:b": true}}}', '{"Condition": {"Bool": {"a:b": 1}}}'),
    (READ, "not JSON"),
    (READ, None),
    (READ, "[]"),
    (READ, "null"),
])  # fmt: skip
def test_what_says_something_else(one: str, other: str | None) -> None:
    assert not say_the_same(one, other) and not say_the_same(other, one)


def test_a_document_and_its_statements() -> None:
    statements: list[str | None] = ['{"Action": ["s3:*"], "Sid": "b"}', '{"Sid": "a", "Action": "s3:*"}']
    assert has_the_statements(TWO, statements)
    assert not has_the_statements(TWO, statements[:1])
    assert not has_the_statements(TWO, [*statements, None])
    assert not has_the_statements(TWO, [statements[0], statements[0]])
    assert not has_the_statements("[]", []) and not has_the_statements("{", [])
