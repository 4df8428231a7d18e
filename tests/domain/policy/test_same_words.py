"""Which texts are one document."""

from __future__ import annotations

import orjson
import pytest

from erstwhile.domain.policy.language.same_words import has_the_statements, say_the_same, shows_who_is_gone

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


ADA, BOB, OPS = (f"arn:aws:iam::111122223333:{each}" for each in ("user/ada", "user/it/bob", "role/ops"))


def trust(*names: str, effect: str = "Allow", more: str = "") -> str:
    principal = {"AWS": list(names) if len(names) > 1 else names[0], "Service": "ec2.amazonaws.com"}
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    whole = {"Version": "2012-10-17", "Statement": [{"Sid": "first" + more}, statement]}
    return orjson.dumps(whole).decode()


@pytest.mark.parametrize(("saved", "shown"), [
    (trust(ADA), trust("AIDAADA1")),
    (trust(ADA, OPS), trust("AROAOPS1", ADA)),
    (trust(ADA, OPS, BOB), trust("AROAOPS1", "AIDAADA1", "AIDABOB1")),
    (trust(ADA, "AIDAGONE1"), trust("AIDAGONE1", "AIDAADA1")),
])  # fmt: skip
def test_whoever_is_gone_is_shown_by_the_unique_id(saved: str, shown: str) -> None:
    assert shows_who_is_gone(saved, shown) and not say_the_same(saved, shown)


@pytest.mark.parametrize(("saved", "shown"), [
    (trust(ADA), trust(ADA)),  # nobody is gone
    (trust("AIDAADA1"), trust(ADA)),
    (trust(ADA), trust("AROAADA1")),
    (trust(ADA), trust("AIDAADA1", effect="Deny")),
    (trust(ADA), trust("AIDAADA1", more="!")),
    (trust(ADA), trust("AIDAADA1", BOB)),
    (trust(ADA), trust("AIDAADA1", "AIDABOB1")),
    (trust(ADA, BOB), trust("AIDAADA1")),
    (trust("111122223333"), trust("AIDAADA1")),
    (trust(ADA), "[]"),
    ("{", trust("AIDAADA1")),
])  # fmt: skip
def test_somebody_else_is_another_document(saved: str, shown: str) -> None:
    assert not shows_who_is_gone(saved, shown)


def test_a_document_and_its_statements() -> None:
    statements: list[str | None] = ['{"Action": ["s3:*"], "Sid": "b"}', '{"Sid": "a", "Action": "s3:*"}']
    assert has_the_statements(TWO, statements)
    assert not has_the_statements(TWO, statements[:1])
    assert not has_the_statements(TWO, [*statements, None])
    assert not has_the_statements(TWO, [statements[0], statements[0]])
    assert not has_the_statements("[]", []) and not has_the_statements("{", [])
