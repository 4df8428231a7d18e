"""Decisions and lists of principals as JSON: what is empty is left out, and a decision is written once."""

from __future__ import annotations

import pytest

from erstwhile.api.asking.answers import (
    decision_json,
    holder_json,
    is_plain,
    nearest_json,
)
from erstwhile.domain.policy.evaluation.explain import Near
from erstwhile.domain.policy.inputs.request import Decision, Determining
from erstwhile.domain.questions.who_can import Holder

READ = Determining(effect="Allow", policy="inline:read", statement=0, sid="Read", path=("user/ada", "inline:read"))
ALLOWED = Decision(effect="allow", determining=(READ,))
DENIED = Decision(effect="implicit_deny", blocked_by=("identity",))
ADA = Holder("arn:aws:iam::111122223333:user/ada", "user", "111122223333", "AIDAADA", ALLOWED)


def test_a_decision_says_what_it_rests_on_and_nothing_that_is_empty() -> None:
    found = decision_json(ALLOWED)
    assert set(found) == {"effect", "determining"} and found["effect"] == "allow"
    [statement] = found["determining"]
    assert statement["path"] == ["user/ada", "inline:read"] and statement["sid"] == "Read"
    conditional = Decision(effect="conditional", missing_context=("aws:sourceip",), unknown=("policy x",))
    assert decision_json(conditional) == {
        "effect": "conditional", "determining": [], "missing_context": ["aws:sourceip"], "unknown": ["policy x"],
    }  # fmt: skip
    assert decision_json(DENIED) == {"effect": "implicit_deny", "determining": [], "blocked_by": ["identity"]}


@pytest.mark.parametrize(("decision", "plain"), [
    (ALLOWED, True), (DENIED, True), (Decision(effect="implicit_deny", blocked_by=("identity", "scp")), False),
    (Decision(effect="explicit_deny"), False), (Decision(effect="conditional"), False),
    (Decision(effect="allow", unknown=("x",)), False),
])  # fmt: skip
def test_a_plain_decision_needs_no_more_words(decision: Decision, plain: bool) -> None:
    assert is_plain(decision) is plain


def test_a_holder_says_that_it_is_an_outsider_where_it_is_one() -> None:
    found = holder_json(ADA, [7])
    assert (found["principal"], found["unique_id"], found["why"]) == (ADA.principal, "AIDAADA", [])
    assert (found["effect"], found["determining"]) == ("allow", [7])
    assert "is_outsider" not in found and "extent" not in found
    anybody = Holder("*", "anonymous", "", "", ALLOWED, is_outsider=True, is_public=True)
    assert (holder_json(anybody, [])["is_outsider"], holder_json(anybody, [])["is_public"]) == (True, True)
    part = Holder(
        ADA.principal, "user", ADA.account, "AIDAADA", ALLOWED, extent="some", example="a", denied_example="b"
    )
    found = holder_json(part, [])
    assert (found["extent"], found["example"], found["denied_example"]) == ("some", "a", "b")


def test_the_nearest_statement_with_its_words() -> None:
    assert nearest_json(None) is None
    near = Near(layer="identity", policy="inline:read", statement=0, part="resource", wanted=("arn:aws:s3:::b",))
    found = nearest_json(near)
    assert found is not None and found["wanted"] == ["arn:aws:s3:::b"]
    assert found["words"] == "inline:read statement 0 would allow it for the resource arn:aws:s3:::b"
