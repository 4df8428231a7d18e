"""Who-can about what AWS alone does, and about what hangs on a name that nobody told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events import policies as ep
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events import resources as er
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.questions.who_can import WhoCan, who_can
from tests.support.documents import FULL
from tests.support.given import ACCOUNT, arn, directory_of, role, user

SSO_PATH = "/aws-service-role/sso.amazonaws.com/"
SSO = arn("role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO")
RESERVED = "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"
ROOT = arn("root")
ADA, APP = arn("user/ada"), arn("role/app")


def full(*more: Body) -> Directory:
    """A user, a role, and IAM Identity Center's own role, all of whom their policies let do everything."""
    sso = role("AWSServiceRoleForSSO")
    return directory_of(
        eq.UserCreated(subject=user("ada"), arn=ADA, tags={}),
        eq.RoleCreated(subject=role("app"), arn=APP, trust_policy=FULL),
        eq.RoleCreated(subject=sso, arn=SSO, path=SSO_PATH, trust_policy=FULL, service_linked="sso.amazonaws.com"),
        *(ep.InlinePolicyPut(subject=each, policy_name="p", document=FULL) for each in (user("ada"), role("app"), sso)),
        *more,
    )


def listed(found: WhoCan) -> set[str]:
    return {holder.principal for holder in (*found.allowed, *found.conditional, *found.unknown)}


@pytest.mark.parametrize(("action", "resource", "who"), [
    ("iam:UpdateAssumeRolePolicy", arn(RESERVED), {SSO}),
    ("iam:DetachRolePolicy", arn("role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"), set()),
    ("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess", set()),
    ("kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/aws/s3", set()),
    ("kms:UpdateAlias", f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/mine", {ADA, APP, SSO, ROOT}),
    ("iam:GetRole", arn(RESERVED), {ADA, APP, SSO, ROOT}),
    ("iam:DetachRolePolicy", arn("role/AWSServiceRoleForMe"), {ADA, APP, SSO, ROOT}),
    ("sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/kim", {ADA, ROOT}),
    ("sts:GetSessionToken", "*", {ADA, ROOT}),
    ("route53:GetHostedZone", "arn:aws:route53:::hostedzone/Z1", {ADA, APP, SSO, ROOT}),
])  # fmt: skip
@pytest.mark.parametrize("mode", ["strict", "discover"])
def test_only_those_who_can_at_all_are_listed(action: str, resource: str, who: set[str], mode: Any) -> None:
    directory = full()
    found = who_can(directory, action, resource, mode=mode)
    assert listed(found) == {holder.principal for holder in found.allowed} == who
    for principal in (ADA, APP, SSO, ROOT):
        request = Request(principal=principal, action=action, resource=resource, mode=mode)
        assert authorize(directory, request).allowed == (principal in who)


def test_of_a_pattern_that_holds_such_resources_some_is_left() -> None:
    found = {each.principal: each for each in who_can(full(), "iam:DetachRolePolicy", arn("role/*")).allowed}
    assert found[ADA].extent == "some" and "/aws-" in found[ADA].denied_example
    assert ADA not in listed(who_can(full(), "iam:DetachRolePolicy", arn("role/aws-service-role/*")))
    assert ADA not in listed(who_can(full(), "iam:DeletePolicy", "arn:aws:iam::aws:policy/*"))
    zones = who_can(full(), "route53:GetHostedZone", "arn:aws:route53:::hostedzone/*")
    assert {each.extent for each in zones.allowed if each.principal == ADA} == {"all"}


BUCKET = "arn:aws:s3:::ledger"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/nightly"


def bucket_for(element: str, effect: str = "Allow", member: str = "Principal") -> Body:
    statement = {"Effect": effect, member: {"AWS": element}, "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    document = orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
    return er.ResourcePolicyPut(resource=BUCKET, document=document)


def asked(directory: Directory, principal: str, **context: str) -> str:
    given = {key.replace("_", ":", 1): (value,) for key, value in context.items()}
    request = Request(principal=principal, action="s3:GetObject", resource=f"{BUCKET}/a", context=given)
    first = authorize(directory, request)
    assert authorize(directory, request) == first
    return first.effect


def test_a_policy_that_names_a_session_makes_the_role_conditional() -> None:
    directory = directory_of(eq.RoleCreated(subject=role("app"), arn=APP, trust_policy=FULL), bucket_for(SESSION))
    assert asked(directory, SESSION) == "allow"
    assert asked(directory, f"{SESSION}2") == "implicit_deny"
    assert asked(directory, APP) == "conditional"
    assert asked(directory, APP, aws_userid="AROAAPP:nightly") == "allow"
    assert asked(directory, APP, aws_userid="AROAAPP:daily") == "implicit_deny"
    assert asked(directory, APP) == "conditional"
    request = Request(principal=APP, action="s3:GetObject", resource=f"{BUCKET}/a")
    decision = authorize(directory, request)
    assert decision.missing_context == ("aws:userid",) and decision.unknown
    assert [determining.policy for determining in decision.determining] == [BUCKET]
    for mode in ("strict", "discover"):
        found = who_can(directory, "s3:GetObject", f"{BUCKET}/a", mode=mode)
        assert APP in {holder.principal for holder in found.conditional}


def test_a_deny_of_one_session_likewise() -> None:
    directory = full(bucket_for(SESSION, "Deny"))
    assert asked(directory, SESSION) == "explicit_deny"
    assert asked(directory, f"{SESSION}2") == "allow"
    assert asked(directory, APP) == "conditional"
    assert asked(directory, ADA) == "allow"


def test_a_federated_user_has_what_resources_give_it_as_far_as_is_known() -> None:
    kim = f"arn:aws:sts::{ACCOUNT}:federated-user/kim"
    directory = full(bucket_for(kim))
    assert asked(directory, kim) == "conditional"
    assert asked(directory, f"{kim}2") == "implicit_deny"
    request = Request(principal=f"{kim}2", action="s3:GetObject", resource=f"{BUCKET}/a", session_policies=(FULL,))
    assert authorize(directory, request).effect == "conditional"
