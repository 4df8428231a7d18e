"""Organisations, as records and listings tell of them: what AWS attaches and detaches itself, no record tells.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html,
…/disable-policy-type.html and https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
"""

from __future__ import annotations

import msgspec
import orjson

from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as ep
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events.organizations import (
    GuardrailAttached,
    GuardrailDetached,
    GuardrailPut,
    GuardrailTypeDisabled,
    GuardrailTypeEnabled,
    OrganizationListed,
    OrganizationNode,
    OrganizationNodePlaced,
    OrganizationPolicy,
)
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.who_can import who_can
from tests.support.documents import ALLOW
from tests.support.given import ACCOUNT, arn, directory_of, user

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
OBJECT = "arn:aws:s3:::b/key"
ADA = arn("user/ada")
NODES = [OrganizationNode("r-1", "root"), OrganizationNode(ACCOUNT, "account", "r-1")]
FULL = OrganizationPolicy("p-FullAWSAccess", SCP, "Full", None, ["r-1", ACCOUNT])
LISTED = OrganizationListed(organization="o-1", management_account="999999999999", nodes=NODES, policies=[FULL])
"""As who lists service control policies alone gets it."""
ENABLED = GuardrailTypeEnabled(root="r-1", policy_type=RCP)
NO_S3 = orjson.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
).decode()


KNOWN: list[Body] = [
    eq.UserCreated(subject=user("ada"), arn=ADA),
    ep.InlinePolicyPut(subject=user("ada"), policy_name="p", document=ALLOW),
]
ASKED = Request(principal=ADA, action="s3:GetObject", resource=OBJECT, resource_account=ACCOUNT, context={})


def why(*bodies: Body) -> tuple[str, ...]:
    """What is not known."""
    return authorize(directory_of(*KNOWN, *bodies), ASKED).unknown


def effect(*bodies: Body) -> str:
    directory = directory_of(*KNOWN, *bodies)
    found = authorize(directory, ASKED).effect
    listed = who_can(directory, "s3:GetObject", OBJECT, resource_account=ACCOUNT)
    assert (found == "allow") == (ADA in {each.principal for each in listed.allowed})
    return found


def test_a_type_that_is_enabled_denies_nobody_by_itself() -> None:
    assert effect(LISTED) == "allow"
    assert effect(LISTED, ENABLED) == "allow"


def test_what_came_since_a_listing_has_both_policies_that_allow_all() -> None:
    placed = [
        OrganizationNodePlaced(node="ou-1", kind="unit", parent="r-1"),
        OrganizationNodePlaced(node=ACCOUNT, kind="account", parent="ou-1"),
    ]
    types = [GuardrailTypeEnabled(root="r-1", policy_type=each) for each in (SCP, RCP)]
    assert effect(LISTED, *types, *placed) == "allow"
    gone = GuardrailDetached(policy="p-FullAWSAccess", target="ou-1")
    assert effect(LISTED, *types, *placed, gone) == "implicit_deny"


def test_a_new_account_stands_below_the_root() -> None:
    alone = msgspec.structs.replace(LISTED, nodes=NODES[:1], policies=[msgspec.structs.replace(FULL, targets=["r-1"])])
    enabled = GuardrailTypeEnabled(root="r-1", policy_type=SCP)
    came = OrganizationNodePlaced(node=ACCOUNT, kind="account", name="new")
    assert effect(alone, enabled, came) == "allow"
    deny = NO_S3.replace('"Principal":"*",', "")
    put = GuardrailPut(policy="p-2", policy_type=SCP, name="no S3", document=deny)
    assert effect(alone, enabled, came, put, GuardrailAttached(policy="p-2", target="r-1")) == "explicit_deny"


def test_a_type_that_is_disabled_is_detached_from_everything() -> None:
    put = GuardrailPut(policy="p-1", policy_type=RCP, name="no S3", document=NO_S3)
    attached = GuardrailAttached(policy="p-1", target="r-1")
    off = GuardrailTypeDisabled(root="r-1", policy_type=RCP)
    assert effect(LISTED, ENABLED, put, attached, off) == "allow"
    assert effect(LISTED, ENABLED, put, attached, off, ENABLED) == "allow"
    assert effect(LISTED, ENABLED, put, attached, off, ENABLED, attached) == "explicit_deny"
    scp = [GuardrailTypeDisabled(root="r-1", policy_type=SCP), GuardrailTypeEnabled(root="r-1", policy_type=SCP)]
    narrow = msgspec.structs.replace(FULL, document=ALLOW.replace("s3:", "ec2:"))
    listed = msgspec.structs.replace(LISTED, policies=[msgspec.structs.replace(narrow, id="p-3")])
    assert effect(listed) == "implicit_deny"
    assert effect(listed, scp[0]) == "allow"
    assert effect(listed, *scp) == "allow"


def test_a_listing_of_one_type_says_nothing_of_the_other() -> None:
    put = GuardrailPut(policy="p-1", policy_type=RCP, name="no S3", document=NO_S3)
    attached = GuardrailAttached(policy="p-1", target="r-1")
    assert effect(LISTED, ENABLED, put, attached, LISTED, ENABLED) == "explicit_deny"
    full = OrganizationPolicy("p-RCPFullAWSAccess", RCP, "Full", None, ["r-1", ACCOUNT])
    both = msgspec.structs.replace(LISTED, policies=[FULL, full])
    assert effect(LISTED, ENABLED, put, attached, both, ENABLED) == "allow"
    gone = OrganizationListed(organization="", management_account="", nodes=[], policies=[])
    assert effect(LISTED, ENABLED, put, attached, gone) == "allow"


def test_policies_of_a_type_that_no_listing_shows_are_unknown() -> None:
    """The listing that says that a type is enabled has none of it, not even the one that is attached everywhere."""
    shown = GuardrailTypeEnabled(root="r-1", policy_type=RCP, listed=True)
    assert effect(LISTED, shown) == effect(shown, LISTED) == effect(LISTED, shown, LISTED, shown) == "conditional"
    assert why(LISTED, shown) == ("the resource control policies of o-1 are enabled, and no listing shows them",)
    put = GuardrailPut(policy="p-1", policy_type=RCP, name="no S3", document=NO_S3)
    attached = GuardrailAttached(policy="p-1", target="r-1")
    assert effect(LISTED, shown, put) == effect(LISTED, put, shown) == "conditional"
    assert effect(LISTED, shown, put, attached) == "explicit_deny"
    assert effect(LISTED, shown, put, GuardrailDetached(policy="p-1", target="r-1")) == "conditional"
    own = msgspec.structs.replace(LISTED, policies=[FULL, OrganizationPolicy("p-1", RCP, "own", ALLOW, [])])
    assert effect(LISTED, shown, own, shown) == "allow"
    full = OrganizationPolicy("p-RCPFullAWSAccess", RCP, "Full", None, ["r-1", ACCOUNT])
    both = msgspec.structs.replace(LISTED, policies=[FULL, full])
    assert effect(both, shown) == effect(shown, both) == effect(LISTED, shown, both) == "allow"
    assert effect(both, shown, LISTED, shown) == "allow"
    # A record of it says that nothing else was attached then.
    off = GuardrailTypeDisabled(root="r-1", policy_type=RCP)
    assert effect(LISTED, ENABLED, shown) == effect(LISTED, shown, off, ENABLED) == "allow"
    assert effect(LISTED, shown, off) == "allow"


def test_service_control_policies_that_no_listing_shows_deny_nobody_for_certain() -> None:
    shown = GuardrailTypeEnabled(root="r-1", policy_type=SCP, listed=True)
    bare = msgspec.structs.replace(LISTED, policies=[])
    assert effect(bare, shown) == "conditional"
    assert why(bare, shown) == ("the service control policies of o-1 are enabled, and no listing shows them",)
    assert effect(bare, shown, LISTED) == effect(LISTED, shown) == "allow"


def test_a_policy_of_ones_own_denies_what_it_denies() -> None:
    put = GuardrailPut(policy="p-1", policy_type=RCP, name="no S3", document=NO_S3)
    attached = GuardrailAttached(policy="p-1", target="r-1")
    assert effect(LISTED, ENABLED, put) == "allow"
    assert effect(LISTED, ENABLED, put, attached) == "explicit_deny"
    narrow = GuardrailPut(policy="p-1", policy_type=RCP, name="no EC2", document=NO_S3.replace("s3:", "ec2:"))
    assert effect(LISTED, ENABLED, narrow, attached) == "allow"
    assert effect(LISTED, narrow, attached) == "allow"  # it is in use, whether or not somebody saw it enabled
