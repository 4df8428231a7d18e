"""A conditional decision names the statements that would allow it if their conditions held, and marks them."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
import pytest

from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as ep
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events import resources as er
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Decision, Request
from tests.support.given import ACCOUNT, arn, directory_of, user

ADA = arn("user/ada")
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
ROOT = {"AWS": arn("root")}
UNSETTLED = {"Condition": {"StringEquals": {"aws:SourceVpc": "v"}}}
SETTLED = {"Condition": {"StringLike": {"aws:PrincipalArn": "*"}}}
Statement = dict[str, Any]


def document(*statements: Statement, **more: Any) -> str:
    usual = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"} | more
    return orjson.dumps({"Version": "2012-10-17", "Statement": [usual | each for each in statements]}).decode()


def own(*statements: Statement) -> Body:
    return ep.InlinePolicyPut(subject=user("ada"), policy_name="p", document=document(*statements))


def key(*statements: Statement) -> Body:
    return er.ResourcePolicyPut(resource=KEY, document=document(*statements, Principal=ROOT))


def decided(*bodies: Body) -> Decision:
    directory = directory_of(eq.UserCreated(subject=user("ada"), arn=ADA, tags={}), *bodies)
    return authorize(directory, Request(principal=ADA, action="kms:Decrypt", resource=KEY, mode="discover"))


def named(decision: Decision) -> list[tuple[str, bool]]:
    return [(each.sid or each.policy, each.undecided is True) for each in decision.determining]


def test_a_grant_with_constraints_beside_the_delegation_to_the_account() -> None:
    grant = er.GrantCreated(
        resource=KEY, grant_id="g", grantee=ADA, operations=["Decrypt"],
        constraints={"EncryptionContextSubset": {"Purpose": "pay"}},
    )  # fmt: skip
    found = decided(key({"Sid": "Delegation"}), grant)
    assert (found.effect, named(found)) == ("conditional", [("Delegation", False), ("grant g", True)])


@pytest.mark.parametrize(("bodies", "expected"), [
    ([key({"Sid": "K"}), own({"Sid": "O"} | UNSETTLED)], [("K", False), ("O", True)]),
    ([key({"Sid": "K"} | UNSETTLED), own({"Sid": "O"})], [("O", False), ("K", True)]),
    ([key({"Sid": "K"} | UNSETTLED), own({"Sid": "O"} | UNSETTLED)], [("K", True), ("O", True)]),
    # A layer that allows for certain needs no other statement.
    ([key({"Sid": "K"} | UNSETTLED), own({"Sid": "A"} | UNSETTLED, {"Sid": "B"} | SETTLED)],
     [("B", False), ("K", True)]),
    ([key({"Sid": "A"} | UNSETTLED, {"Sid": "B"}), own({"Sid": "O"} | UNSETTLED)], [("B", False), ("O", True)]),
    ([key({"Sid": "A", "Principal": {"AWS": ADA}} | UNSETTLED, {"Sid": "B"})], [("B", False), ("A", True)]),
    # What may deny is not named.
    ([key({"Sid": "K"}), own({"Sid": "O"}, {"Sid": "D", "Effect": "Deny"} | UNSETTLED)], [("K", False), ("O", False)]),
])  # fmt: skip
def test_statements_that_decide(bodies: list[Body], expected: list[tuple[str, bool]]) -> None:
    found = decided(*bodies)
    assert (found.effect, named(found)) == ("conditional", expected)


def test_the_mark_is_written_only_where_it_stands() -> None:
    sure, unsure = decided(key({"Sid": "K"}), own({"Sid": "O"} | UNSETTLED)).determining
    assert "undecided" not in msgspec.to_builtins(sure)
    assert msgspec.to_builtins(unsure)["undecided"] is True
