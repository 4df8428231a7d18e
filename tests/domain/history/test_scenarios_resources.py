"""Timelines in which the other side has a say: trust, the policies of resources and keys, organisations."""

from __future__ import annotations

import pytest

from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.events.organizations import (
    GuardrailAttached,
    GuardrailDetached,
    GuardrailPut,
    GuardrailTypeEnabled,
    OrganizationListed,
    OrganizationNode,
    OrganizationNodePlaced,
    OrganizationPolicy,
)
from erstwhile.domain.events.principals import RoleDeleted
from erstwhile.domain.events.resources import (
    GrantCreated,
    GrantRetired,
    ResourceDeregistered,
    ResourcePolicyDeleted,
    ResourcePolicyPut,
    ResourceRegistered,
    ResourceStatementAdded,
    ResourceStatementRemoved,
)
from tests.support.documents import EVERYTHING, allow, text, trusting
from tests.support.records import ACCOUNT
from tests.support.scenarios import OBJECT, Scenario, told
from tests.support.stories import arn, created, deleted, inline, inline_deleted, role, trusts, user

OTHER, ORGANIZATION = "444455556666", "999988887777"
EVE, ADMIN = user("eve"), role("admin")
BUCKET = "arn:aws:s3:::bucket"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:f"
READ, ASSUME, ALL = allow("s3:GetObject"), allow("sts:AssumeRole"), text(EVERYTHING)
IF_OPEN = allow("s3:GetObject", Condition={"StringEquals": {"aws:ResourceTag/open": "yes"}})
INVOKE = text(
    {"Effect": "Allow", "Principal": {"AWS": arn("user/eve")}, "Action": "lambda:InvokeFunction", "Resource": "*"}
)
SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


def names(principal: str, *actions: str, effect: str = "Allow") -> str:
    """A policy of a resource about one principal."""
    statement = {"Effect": effect, "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*"}
    return text({"Version": "2012-10-17", "Statement": [statement]})


def denies(action: str, **more: object) -> str:
    statement = {"Effect": "Deny", "Action": action, "Resource": "*", **more}
    return text({"Version": "2012-10-17", "Statement": [statement]})


def organization(parent: str) -> OrganizationListed:
    """Two units, `ou-free` and `ou-tight`, below the root; the account is in one of them."""
    nodes = [
        OrganizationNode("r-1", "root"), OrganizationNode("ou-free", "unit", "r-1"),
        OrganizationNode("ou-tight", "unit", "r-1"), OrganizationNode(ACCOUNT, "account", parent),
        OrganizationNode(OTHER, "account", "ou-free"),
    ]  # fmt: skip
    policies = [
        OrganizationPolicy("p-FullAWSAccess", SCP, "Full", None, ["r-1", "ou-free", "ou-tight", ACCOUNT, OTHER]),
        OrganizationPolicy("p-tight", SCP, "Tight", denies("s3:*"), ["ou-tight"]),
    ]  # fmt: skip
    return OrganizationListed(organization="o-1", management_account=ORGANIZATION, nodes=nodes, policies=policies)


# fmt: off
SCENARIOS = (
    Scenario(
        "a trust narrowed after it was used",
        ((0, created(EVE)), (1, inline(EVE, ASSUME)), (5, created(ADMIN, trust=trusting(arn("root")))),
         (60, trusts(ADMIN, trusting(arn("user/ada")))), (90, trusts(ADMIN, trusting(arn("root"))))),
        ("-inf nobody", "0 conditional: principal by 1", "1 conditional: own policy by 2", "5 allow: resource by 3",
         "60 implicit_deny: trust policy by 4", "90 allow: trust policy by 5"),
        action="sts:AssumeRole", resource=arn("role/admin"), resource_account=None,
    ),
    Scenario(
        "a trust that names one user binds its unique id: a new user of the name is another",
        ((0, created(EVE)), (5, created(ADMIN, trust=trusting(arn("user/eve")))), (10, deleted(EVE)),
         (20, created(user("eve", 2))), (30, trusts(ADMIN, trusting(arn("user/eve"))))),
        ("-inf nobody", "0 conditional: principal by 1", "5 allow: resource by 2", "10 nobody: principal by 3",
         "20 implicit_deny: principal by 4", "30 allow: trust policy by 5"),
        action="sts:AssumeRole", resource=arn("role/admin"), resource_account=None,
    ),
    Scenario(
        "a role across accounts: both sides must agree",
        ((0, created(EVE)), (10, inline(EVE, ASSUME)), (0, AccountRegistered(mode="observed"), OTHER),
         (20, created(role("deploy"), trust=trusting(arn("user/eve"))), OTHER),
         (30, trusts(role("deploy"), trusting(arn("root", OTHER))), OTHER),
         (40, trusts(role("deploy"), trusting(arn("root"))), OTHER), (50, inline_deleted(EVE))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 conditional: own policy by 2", "20 allow: resource by 4",
         "30 implicit_deny: trust policy by 5", "40 allow: trust policy by 6", "50 implicit_deny: own policy by 7"),
        action="sts:AssumeRole", resource=arn("role/deploy", OTHER), resource_account=None,
    ),
    Scenario(
        "a session of a role: the role's policies, while it is there",
        ((0, created(ADMIN, trust=trusting(arn("root")))), (10, inline(ADMIN, READ)), (20, inline_deleted(ADMIN)),
         (30, RoleDeleted(subject=ADMIN))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: own policy by 2",
         "20 implicit_deny: own policy by 3", "30 nobody: principal by 4"),
        principal="arn:aws:sts::111122223333:assumed-role/admin/session",
    ),
    Scenario(
        "a bucket lets a user in, and takes it back",
        ((0, created(EVE)), (10, ResourcePolicyPut(resource=BUCKET, document=names(arn("user/eve"), "s3:GetObject"))),
         (20, ResourcePolicyPut(resource=BUCKET, document=names(arn("user/ada"), "s3:GetObject"))),
         (30, ResourcePolicyPut(resource=BUCKET, document=names("*", "s3:GetObject"))),
         (40, ResourcePolicyDeleted(resource=BUCKET))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: resource by 2",
         "20 implicit_deny: resource policy by 3", "30 allow: resource policy by 4",
         "40 implicit_deny: resource policy by 5"),
    ),
    Scenario(
        "a bucket denies what the user's own policy allows",
        ((0, created(EVE)), (1, inline(EVE, READ)),
         (5, ResourcePolicyPut(resource=BUCKET, document=names("*", "s3:PutObject"))),
         (10, ResourcePolicyPut(resource=BUCKET, document=names("*", "s3:*", effect="Deny"))),
         (20, ResourceDeregistered(resource=BUCKET))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "1 allow: own policy by 2",
         "10 explicit_deny: resource policy by 4", "20 allow: resource by 5"),
    ),
    Scenario(
        "a key: without a word of its policy, none of the user's policies counts",
        ((0, created(EVE)), (1, inline(EVE, ALL)),
         (10, ResourcePolicyPut(resource=KEY, document=names(arn("user/ada"), "kms:*"))),
         (20, ResourcePolicyPut(resource=KEY, document=names(arn("root"), "kms:*"))),
         (30, inline_deleted(EVE))),
        ("-inf nobody", "0 conditional: principal by 1", "1 conditional: own policy by 2",
         "10 implicit_deny: resource by 3",
         "20 allow: resource policy by 4", "30 implicit_deny: own policy by 5"),
        action="kms:Decrypt", resource=KEY, resource_account=None,
    ),
    Scenario(
        "a grant on a key, until it is retired",
        ((0, created(EVE)), (-5, ResourcePolicyPut(resource=KEY, document=names(arn("root"), "kms:*"))),
         (10, GrantCreated(resource=KEY, grant_id="g", grantee=arn("user/eve"), operations=["Decrypt"])),
         (20, GrantRetired(resource=KEY, grant_id="g"))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: resource policy by 3",
         "20 implicit_deny: resource policy by 4"),
        action="kms:Decrypt", resource=KEY, resource_account=None,
    ),
    Scenario(
        "a function's statement, added and removed",
        ((0, created(EVE)),
         (10, ResourceStatementAdded(resource=FUNCTION, statement_id="s", statement=INVOKE)),
         (20, ResourceStatementRemoved(resource=FUNCTION, statement_id="s"))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "10 allow: resource by 2",
         "20 implicit_deny: resource policy by 3"),
        action="lambda:InvokeFunction", resource=FUNCTION, resource_account=None,
    ),
    Scenario(
        "a resource gets the tag that a policy asks for",
        ((0, created(EVE)), (1, inline(EVE, IF_OPEN)),
         (10, ResourceRegistered(resource=OBJECT, tags={"open": "yes"})),
         (20, ResourceRegistered(resource=OBJECT, tags={"open": "no"}))),
        ("-inf nobody", "0 implicit_deny: principal by 1", "1 conditional: own policy by 2", "10 allow: resource by 3",
         "20 implicit_deny: tag by 4"),
    ),
    Scenario(
        "a guardrail that moved with its account",
        ((0, organization("ou-free"), ORGANIZATION), (1, created(EVE)), (2, inline(EVE, READ)),
         (10, OrganizationNodePlaced(node=ACCOUNT, kind="account", parent="ou-tight"), ORGANIZATION),
         (20, OrganizationNodePlaced(node=ACCOUNT, kind="account", parent="ou-free"), ORGANIZATION)),
        ("-inf nobody", "1 implicit_deny: principal by 2", "2 allow: own policy by 3",
         "10 explicit_deny: guardrail by 4", "20 allow: guardrail by 5"),
    ),
    Scenario(
        "a guardrail that is attached to another account has no say",
        ((0, organization("ou-free"), ORGANIZATION), (1, created(EVE)), (2, inline(EVE, READ)),
         (10, GuardrailAttached(policy="p-tight", target=OTHER), ORGANIZATION),
         (20, GuardrailAttached(policy="p-tight", target="r-1"), ORGANIZATION),
         (30, GuardrailPut(policy="p-tight", document=denies("ec2:*")), ORGANIZATION),
         (40, GuardrailDetached(policy="p-tight", target="r-1"), ORGANIZATION)),
        ("-inf nobody", "1 implicit_deny: principal by 2", "2 allow: own policy by 3",
         "20 explicit_deny: guardrail by 5", "30 allow: guardrail by 6"),
    ),
    Scenario(
        "guardrails over what is denied anyway: those that say the same, and one that denies",
        ((0, organization("ou-free"), ORGANIZATION), (1, created(EVE)),
         (10, GuardrailPut(policy="p-other", document=denies("ec2:*")), ORGANIZATION),
         (11, GuardrailAttached(policy="p-other", target="ou-free"), ORGANIZATION),
         (12, GuardrailDetached(policy="p-other", target="ou-free"), ORGANIZATION),
         (20, GuardrailAttached(policy="p-tight", target="ou-free"), ORGANIZATION),
         (21, GuardrailDetached(policy="p-tight", target="ou-free"), ORGANIZATION),
         (30, GuardrailDetached(policy="p-FullAWSAccess", target="ou-free"), ORGANIZATION),
         (31, GuardrailAttached(policy="p-FullAWSAccess", target="ou-free"), ORGANIZATION),
         (40, inline(EVE, READ)),
         (50, GuardrailAttached(policy="p-other", target="ou-free"), ORGANIZATION)),
        ("-inf nobody", "1 implicit_deny: principal by 2", "20 explicit_deny: guardrail by 6",
         "21 implicit_deny: guardrail by 7", "30 implicit_deny: guardrail by 8", "31 implicit_deny: guardrail by 9",
         "40 allow: own policy by 10"),
    ),
    Scenario(
        "the level that allowed everything loses its policy",
        ((0, organization("ou-free"), ORGANIZATION), (1, created(EVE)), (2, inline(EVE, READ)),
         (10, GuardrailDetached(policy="p-FullAWSAccess", target="ou-free"), ORGANIZATION),
         (20, GuardrailAttached(policy="p-FullAWSAccess", target="ou-free"), ORGANIZATION)),
        ("-inf nobody", "1 implicit_deny: principal by 2", "2 allow: own policy by 3",
         "10 implicit_deny: guardrail by 4", "20 allow: guardrail by 5"),
    ),
    Scenario(
        "a resource control policy over the bucket's account",
        ((0, organization("ou-free"), ORGANIZATION), (1, created(EVE)), (2, inline(EVE, READ)),
         (3, GuardrailTypeEnabled(root="r-1", policy_type=RCP), ORGANIZATION),
         (3, GuardrailPut(policy="p-RCPFullAWSAccess", policy_type=RCP), ORGANIZATION),
         (3, GuardrailAttached(policy="p-RCPFullAWSAccess", target="r-1"), ORGANIZATION),
         (3, GuardrailAttached(policy="p-RCPFullAWSAccess", target="ou-free"), ORGANIZATION),
         (3, GuardrailAttached(policy="p-RCPFullAWSAccess", target=ACCOUNT), ORGANIZATION),
         (10, GuardrailPut(policy="p-closed", policy_type=RCP, document=denies("s3:*", Principal="*")), ORGANIZATION),
         (20, GuardrailAttached(policy="p-closed", target="ou-free"), ORGANIZATION),
         (30, GuardrailDetached(policy="p-closed", target="ou-free"), ORGANIZATION)),
        ("-inf nobody", "1 implicit_deny: principal by 2", "2 allow: own policy by 3",
         "3 allow: guardrail by 4, guardrail by 5, guardrail by 6, guardrail by 7, guardrail by 8",
         "20 explicit_deny: guardrail by 10", "30 allow: guardrail by 11"),
    ),
    Scenario(
        "the root of the management account is under no guardrail, another's is",
        ((0, organization("ou-free"), ORGANIZATION),
         (10, GuardrailAttached(policy="p-tight", target="r-1"), ORGANIZATION)),
        ("-inf allow", "0 allow: guardrail by 1", "10 explicit_deny: guardrail by 2"),
        principal=arn("root"),
    ),
)
# fmt: on


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_timeline_is_as_written(scenario: Scenario) -> None:
    assert told(scenario) == scenario.expected
