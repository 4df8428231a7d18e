"""Each pair of families: a source raises another principal, and becomes it. Both must be allowed: no boundary,
guardrail or condition may keep one of the two from it."""

from __future__ import annotations

from typing import Any

import pytest

from erstwhile.domain.reach.catalogue.families import BY_ID
from erstwhile.domain.reach.edges import Edge, proofs
from erstwhile.domain.reach.nodes import Node
from erstwhile.domain.reach.paths import paths_to_administrator
from erstwhile.domain.reach.ways import Ways
from tests.support.reach_worlds import ACCOUNT, ALL, NONE, allow, arn, document, trusting
from tests.support.worlds import WorldBuilder

USER_PAIRS = [
    (raising, access)
    for raising in ("attach-user-policy", "put-user-policy", "create-policy-version")
    for access in ("create-access-key", "replace-access-key", "create-login-profile", "update-login-profile")
]
ROLE_PAIRS = [
    (raising, access)
    for raising in ("attach-role-policy", "put-role-policy", "create-policy-version", "set-default-policy-version")
    for access in ("assume-role", "update-assume-role-policy")
]
PAIRS = [*USER_PAIRS, *ROLE_PAIRS]
NAMES = ["+".join(pair) for pair in PAIRS]
ADA = (ACCOUNT, "user", "AIDAADA")
WITH_MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
NEVER = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}


class Pair:
    """Ada, and a principal that she may raise and become: nobody else is in the account."""

    def __init__(self, raising: str, access: str) -> None:
        self.raising, self.access = raising, access
        self.actions = [need.action for each in (raising, access) for need in BY_ID[each].needs]
        self.kind = "role" if (raising, access) in ROLE_PAIRS else "user"
        self.world = WorldBuilder()
        self.world.account(ACCOUNT)
        self.world.account("aws")
        self.world.principal(*ADA, "ada")
        self.world.put(*ADA, "tag", "team", value="blue")
        boss = (ACCOUNT, self.kind, "IDBOSS")
        self.world.principal(*boss, "boss")
        self.world.attach(*boss, [self.world.policy(ACCOUNT, "ANPAOWN", "own", NONE)])
        if raising == "set-default-policy-version":
            self.world.put(ACCOUNT, "policy", "ANPAOWN", "version", "v2", document=ALL)
        if self.kind == "role":
            trusted = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"} if access == "assume-role" else {"Service": "x.aws"}
            self.world.documents(*boss, "trust", {"": trusting(trusted)})
        if access == "replace-access-key":
            for number in (1, 2):
                self.world.put(*boss, "access_key", f"AKIA{number}", status="Active")
        if access == "create-login-profile":
            self.world.put(*boss, "credential_report", active_keys=0, columns={})
        if access == "update-login-profile":
            self.world.put(*boss, "login_profile")
        self.boss = boss

    def allowed(self, *without: str, condition: dict[str, Any] | None = None) -> Pair:
        on = {"iam:AttachUserPolicy": arn("user", "boss"), "iam:PutUserPolicy": arn("user", "boss")}  # not on herself
        able = [each for each in self.actions if each not in without]
        statements = [allow(each, on.get(each, "*"), **(condition or {})) for each in able]
        self.world.documents(*ADA, "inline", {"own": document(*statements)})
        return self

    def bounded(self, key: tuple[str, str, str], *without: str) -> Pair:
        limit = document({"Effect": "Allow", "NotAction": list(without), "Resource": "*"})
        self.world.put(*key, "boundary", policy=self.world.policy(ACCOUNT, "ANPABOUND", "bound", limit))
        return self

    def guarded(self, action: str) -> Pair:
        self.world.organization({"r-1": ("root", ""), ACCOUNT: ("account", "r-1")})
        self.world.guardrail("p-all", "SERVICE", ALL, ["r-1", ACCOUNT])
        self.world.guardrail("p-deny", "SERVICE", document({"Effect": "Deny", "Action": action, "Resource": "*"}),
                             ["r-1"])  # fmt: skip
        return self

    def edges(self) -> tuple[Ways, list[Edge]]:
        ways = Ways(self.world.directory())
        found = paths_to_administrator(ways, 2, 50).paths
        edges = [path.edges[-1] for path in found if path.edges[-1].family == f"{self.raising}+{self.access}"]
        assert {each.source for each in edges} <= {Node(arn("user", "ada"))}
        return ways, edges


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_a_pair_is_an_edge_where_both_are_allowed(pair: tuple[str, str]) -> None:
    ways, edges = Pair(*pair).allowed().edges()
    [only] = edges
    assert only.how == "allow"
    assert {proof.action for proof in proofs(ways.questions, only)} == {
        need.action for each in pair for need in BY_ID[each].needs
    }


@pytest.mark.parametrize("blocked", [0, -1], ids=["raising", "access"])
@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_a_pair_is_no_edge_where_one_of_both_is_blocked(pair: tuple[str, str], blocked: int) -> None:
    action = Pair(*pair).actions[blocked]
    assert Pair(*pair).allowed(action).edges()[1] == []
    assert Pair(*pair).allowed().bounded(ADA, action).edges()[1] == []
    assert Pair(*pair).allowed().guarded(action).edges()[1] == []
    assert Pair(*pair).allowed(condition=NEVER).edges()[1] == []


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_a_pair_gains_nothing_of_a_principal_whose_boundary_stays(pair: tuple[str, str]) -> None:
    other = Pair(*pair).allowed()
    assert other.bounded(other.boss, "iam:*").edges()[1] == []


@pytest.mark.parametrize("pair", PAIRS, ids=NAMES)
def test_a_condition_that_nothing_settles_is_one_of_the_pair(pair: tuple[str, str]) -> None:
    ways, edges = Pair(*pair).allowed(condition=WITH_MFA).edges()
    [only] = edges
    assert only.how == "conditional"
    keys = {key for proof in proofs(ways.questions, only) for key in proof.decision.missing_context}
    assert keys == {"aws:MultiFactorAuthPresent"}
