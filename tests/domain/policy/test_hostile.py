"""Hostile policies and requests: bounded work, and no exception but the documented ones."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.api.asking.simulation import evaluated
from erstwhile.domain.policy.language.conditions import UnknownOperator
from erstwhile.domain.policy.language.document import MalformedDocument
from erstwhile.domain.policy.language.match import matches, matches_arn, matches_resource
from erstwhile.domain.policy.language.statement import compile_document
from erstwhile.domain.policy.simulate import MAX_DOCUMENT, MalformedRequest, simulate
from tests.support.examples import examples
from tests.support.policy import generator, reference
from tests.support.policy.cases import ADA, ME, OBJECT, doc
from tests.support.policy.cases import st as statement

STARS = "*" * 6_144
MIXED = "".join("*a" if number % 2 else "*?" for number in range(3_000))


def ask(document: Any, **more: Any) -> Any:
    request = {"principal": ADA, "action": "s3:GetObject", "resource": OBJECT, "resource_account": ME}
    return simulate(request | more | {"policies": {"identity": [document]}}).effect


@pytest.mark.parametrize("document", [
    doc(statement(action="s3:" + STARS)), doc(statement(action="s3:" + MIXED)),
    doc(statement(resource="arn:aws:s3:::" + STARS)),
    doc(statement(resource="arn:aws:s3:::" + MIXED)), doc(statement(resource="arn:" + "*x" * 3_000 + "*")),
    doc(statement(resource=["arn:aws:s*a:*b*:" + "*a" * n for n in range(100)])),
    doc(statement(Condition={"StringLike": {"ex:k": "*a" * 3_000}})),
    doc(statement(Condition={"ForAllValues:StringNotLikeIfExists": {f"ex:{n}": ["*a*b"] * 10 for n in range(100)}})),
    doc(*[statement(action="iam:*")] * 400), doc(statement(resource="arn:aws:s3:::" + "${" * 3_000)),
    doc(statement(resource="arn:aws:s3:::" + "${aws:username}" * 1_000)),
    doc(statement(resource="arn:aws:s3:::${a, '" + "x" * 6_000 + "'}")),
    doc(statement(resource="arn:aws:s3:::${" + " " * 20_000 + "}")),
    doc(statement(resource="arn:aws:s3:::${a" + " ," * 10_000 + "}")),
], ids=lambda document: str(document)[-40:])  # fmt: skip
def test_hostile_documents_are_decided(document: Any) -> None:
    context = {"ex:k": "a" * 5_000 + "b"} | {f"ex:{n}": "ab" * 100 for n in range(100)}
    assert ask(document, context=context, resource="arn:aws:s3:::" + "a" * 1_000) in ("allow", "implicit_deny")


def test_beyond_the_largest_limit_is_refused() -> None:
    with pytest.raises(MalformedRequest, match=r"more than 20,480 characters"):
        ask(doc(statement(resource="x" * MAX_DOCUMENT)))


def test_many_stars_take_time_in_proportion_to_the_text() -> None:
    """Counted, not timed: the matcher that follows all states does one step a character."""
    assert matches("*a" * 3_000, "a" * 2_999) is False
    assert matches("*a" * 3_000, "a" * 3_000) is True
    assert matches_resource("arn:a*b:" + "*x" * 500 + ":c", "arn:ab:" + "x" * 5_000 + ":c") is True
    assert matches_resource("arn:*a*a*a*a*a*a*a*a*a*b:c", "arn:" + "a" * 5_000 + ":c") is False


texts = st.text(alphabet="ab*?:${}'\\,\ue000\ue001é", max_size=12)


@settings(max_examples=2_000)
@given(texts, texts)
def test_the_matchers_agree_with_the_slow_one(pattern: str, text: str) -> None:
    if "\ue000" in pattern + text or "\ue001" in pattern + text:
        matches(pattern, text)  # private characters: no crash is all that is asked
        return
    assert matches(pattern, text) == reference.wild(reference.plain(pattern), text)
    assert matches_resource(pattern, text) == reference.matches_resource(reference.plain(pattern), text)
    matches_arn(pattern, text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["Statement", "Effect", "Action", "Resource", "Condition", "Principal", "AWS", "Version",
                         "StringLike",
                         "Bool", "document", "name", "NotAction", "NotPrincipal"]) | texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=examples(1_500, each_run=500))
@given(json_values)
def test_any_json_is_compiled_or_refused(value: Any) -> None:
    try:
        compile_document(orjson.dumps(value).decode())
    except (MalformedDocument, UnknownOperator):
        pass


@settings(max_examples=examples(1_500, each_run=500))
@given(
    json_values,
    st.sampled_from(
        ["principal", "action", "resource", "context", "mode", "policies", "id", "resource_account", "extra"]
    ),
    st.integers(0, 2**32),
)
def test_any_line_is_answered(value: Any, member: str, seed: int) -> None:
    line = orjson.dumps(generator.request(random.Random(seed)) | {member: value})
    answer = evaluated(line, explain=True)
    assert "decision" in answer or "error" in answer


@settings(max_examples=500)
@given(st.binary(max_size=60))
def test_any_bytes_are_answered(line: bytes) -> None:
    assert "error" in evaluated(line)


@settings(max_examples=examples(1_000, each_run=350))
@given(
    st.integers(0, 2**32),
    json_values,
    st.sampled_from(["identity", "resource", "scp", "rcp", "session", "vpc_endpoint", "permissions_boundary"]),
)
def test_any_policies_are_answered(seed: int, value: Any, layer: str) -> None:
    request = generator.request(random.Random(seed))
    request["policies"][layer] = value
    answer = evaluated(orjson.dumps(request))
    assert "decision" in answer or "error" in answer
