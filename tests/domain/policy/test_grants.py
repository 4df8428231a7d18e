"""KMS grants over a Directory: operations, and constraints on the encryption context."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events import resources as er
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.who_can import who_can
from tests.support.given import ACCOUNT, arn, directory_of, user

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
ADA = arn("user/ada")
SUBSET = {"EncryptionContextSubset": {"Purpose": "pay", "${aws:username}": "${aws:username}"}}
EQUALS = {"EncryptionContextEquals": {"Purpose": "pay"}}


def granted(constraints: dict[str, dict[str, str]], *operations: str) -> Directory:
    return directory_of(
        eq.UserCreated(subject=user("ada"), arn=ADA, tags={}),
        er.ResourcePolicyPut(resource=KEY, document='{"Version":"2012-10-17","Statement":[]}'),
        er.GrantCreated(
            resource=KEY, grant_id="g", grantee=ADA, operations=list(operations) or ["Decrypt"], constraints=constraints
        ),
    )


def decided(directory: Directory, mode: Any = "strict", action: str = "kms:Decrypt", **pairs: str | list[str]) -> str:
    context = {f"kms:encryptioncontext{k}".lower(): (v,) if isinstance(v, str) else tuple(v) for k, v in pairs.items()}
    return authorize(directory, Request(principal=ADA, action=action, resource=KEY, context=context, mode=mode)).effect


@pytest.mark.parametrize(("constraints", "pairs", "expected"), [
    ({}, {}, "allow"),
    (EQUALS, {":Purpose": "pay"}, "allow"),
    (EQUALS, {":PURPOSE": "pay"}, "allow"),
    (EQUALS, {":Purpose": "Pay"}, "implicit_deny"),
    (EQUALS, {":Purpose": "pay", ":Other": "x"}, "implicit_deny"),
    (EQUALS, {":Purpose": "pay", "Keys": ["Purpose"]}, "allow"),
    (EQUALS, {":Purpose": "pay", "Keys": ["Purpose", "Other"]}, "implicit_deny"),
    (EQUALS, {}, "implicit_deny"),
    (SUBSET, {":Purpose": "pay", ":${aws:username}": "${aws:username}"}, "allow"),
    (SUBSET, {":Purpose": "pay", ":${aws:username}": "${aws:username}", ":Other": "x"}, "allow"),
    (SUBSET, {":Purpose": "pay", ":${aws:username}": "ada"}, "implicit_deny"),
    (SUBSET, {":Purpose": "pay"}, "implicit_deny"),
    ({"EncryptionContextSubset": {}}, {}, "allow"),
    ({"OfAnotherKind": {"": "x"}}, {":Purpose": "pay"}, "implicit_deny"),
])  # fmt: skip
def test_constraints(constraints: dict[str, dict[str, str]], pairs: dict[str, Any], expected: str) -> None:
    directory = granted(constraints)
    assert decided(directory, **pairs) == expected
    # What was settled of one encryption context says nothing of another.
    assert decided(directory, **{":Never": "seen"}) == ("allow" if not any(constraints.values()) else "implicit_deny")
    assert decided(directory, **pairs) == expected


def test_operations_without_an_encryption_context_have_no_constraints() -> None:
    directory = granted(EQUALS, "Decrypt", "DescribeKey", "Sign")
    assert decided(directory, action="kms:DescribeKey") == decided(directory, action="kms:Sign") == "allow"
    assert decided(directory, action="kms:Encrypt") == "implicit_deny"


@pytest.mark.parametrize("constraints", [EQUALS, SUBSET, {"OfAnotherKind": {"": "x"}}])
def test_who_can_is_conditional_on_them(constraints: dict[str, dict[str, str]]) -> None:
    found = who_can(granted(constraints), "kms:Decrypt", KEY)
    assert ADA not in [holder.principal for holder in found.allowed]
    assert ADA in [holder.principal for holder in found.conditional]
    found = who_can(granted({}), "kms:Decrypt", KEY)
    assert ADA in [holder.principal for holder in found.allowed]


def test_a_name_of_the_context_is_asked_for_by_its_own_name() -> None:
    request = Request(principal=ADA, action="kms:Decrypt", resource=KEY, mode="discover")
    decision = authorize(granted(EQUALS), request)
    assert decision.missing_context == ("kms:EncryptionContext:Purpose", "kms:EncryptionContextKeys")
