"""No import into observed accounts changes any answer about a governed one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.events import Body
from erstwhile.domain.events import credentials as c
from erstwhile.domain.events import organizations as o
from erstwhile.domain.events import policies as p
from erstwhile.domain.events import principals as q
from erstwhile.domain.events import resources as r
from erstwhile.domain.events.account import AccountRegistered
from erstwhile.domain.policy.authorize import authorize
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.inputs.sources import managed
from erstwhile.domain.questions.who_can import who_can
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from erstwhile.domain.vocabulary.instants import parse_instant
from tests.support.documents import FULL
from tests.support.memory_log import NOW, MemoryLog
from tests.support.records import record

OURS, THEIRS = "222222222222", "111122223333"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
OPEN = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
SHUT = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"}]}'
BUCKET, KEY = "arn:aws:s3:::ledger", f"arn:aws:kms:us-east-1:{OURS}:key/1"


def ours(resource: str) -> str:
    return f"arn:aws:iam::{OURS}:{resource}"


GOVERNED: list[Body] = [
    q.UserCreated(subject=Ref("user", "ada", "AIDAADA"), arn=ours("user/ada")),
    q.UserCreated(subject=Ref("user", "bob", "AIDABOB"), arn=ours("user/bob")),
    q.RoleCreated(subject=Ref("role", "ops", "AROAOPS"), arn=ours("role/ops"), trust_policy=OPEN),
    p.PolicyCreated(subject=Ref("policy", "mine", "ANPAMINE"), arn=ours("policy/mine"), document=FULL),
    p.PolicyAttached(subject=Ref("user", "ada", "AIDAADA"), policy_arn=ADMIN),
    p.PolicyAttached(subject=Ref("role", "ops", "AROAOPS"), policy_arn=ours("policy/mine")),
    c.AccessKeyCreated(subject=Ref("user", "ada", "AIDAADA"), access_key_id="AKIAADA"),
    r.ResourceRegistered(resource=BUCKET, resource_type="bucket"),
    r.ResourcePolicyPut(resource=BUCKET, document=SHUT),
    r.ResourcePolicyPut(resource=KEY, document=OPEN),
]


def world() -> MemoryLog:
    log = MemoryLog(THEIRS)
    log.append(AWS_MANAGED, AccountRegistered(mode="observed"), NOW)
    version = p.PolicyVersionCreated(
        subject=Ref("policy", "AdministratorAccess"), arn=ADMIN, version_id="v1", document=FULL, is_default=True
    )
    log.append(AWS_MANAGED, version, NOW)
    log.append(OURS, AccountRegistered(mode="governed"), NOW)
    for number, body in enumerate(GOVERNED):
        log.append(OURS, body, NOW + timedelta(seconds=number))
    return log


def answers(directory: Directory) -> list[Any]:
    """What is said of the governed account's own."""
    found: list[Any] = []
    for principal in ("user/ada", "user/bob", "role/ops", "root"):
        for action, resource in (
            ("s3:GetObject", f"{BUCKET}/x"), ("s3:PutObject", f"{BUCKET}/x"), ("kms:Decrypt", KEY),
            ("iam:CreateUser", ours("user/eve")), ("sts:AssumeRole", ours("role/ops")),
        ):  # fmt: skip
            request = Request(principal=ours(principal), action=action, resource=resource, resource_account=None)
            decision = authorize(directory, request)
            found.append((principal, action, decision.effect, [each.policy for each in decision.determining]))
    for action, resource in (("s3:PutObject", f"{BUCKET}/x"), ("iam:CreateUser", ours("user/eve"))):
        asked = who_can(directory, action, resource, account=OURS)
        found.append([sorted(each.principal for each in part) for part in (asked.allowed, asked.conditional)])
    found.append(directory.at_access_key("AKIAADA").key)
    found += [(arn, directory.at_arn(arn).key) for arn in (ours("user/ada"), ours("role/ops"), BUCKET, KEY, ADMIN)]
    found += [managed(directory, arn, OURS) for arn in (ADMIN, ours("policy/mine"))]
    return found


def answered(kind: str, field: str, name: str, arn: str, unique_id: str) -> dict[str, Any]:
    return {kind: {f"{field}Name": name, f"{field}Id": unique_id, "arn": arn, "path": "/", "defaultVersionId": "v2"}}


def hostile(kind: str, at: str, policy: str, more: dict[str, Any]) -> dict[str, Any]:
    """A record of their trail that names what is ours."""
    given = {"userName": "ada", "roleName": "ops", "groupName": "g", "policyName": "mine", "policyArn": ADMIN,
             "policyDocument": policy, "assumeRolePolicyDocument": policy, "accessKeyId": "AKIAADA",
             "status": "Inactive",
             "versionId": "v1", "setAsDefault": True, "newUserName": "bob"}  # fmt: skip
    match kind:
        case "user":
            made = record("CreateUser", given, answered("user", "user", "ada", ours("user/ada"), "AIDAADA"))
        case "role":
            made = record("CreateRole", given, answered("role", "role", "ops", ours("role/ops"), "AROAOPS"))
        case "policy":
            made = record("CreatePolicy", given, answered("policy", "policy", "AdministratorAccess", ADMIN, "ANPA"))
        case "our policy":
            made = record("CreatePolicy", given, answered("policy", "policy", "mine", ours("policy/mine"), "ANPAMINE"))
        case "version":
            made = record(
                "CreatePolicyVersion", given, {"policyVersion": {"versionId": "v9", "isDefaultVersion": True}}
            )
        case "key":
            made = record("CreateAccessKey", given, {"accessKey": {"accessKeyId": "AKIAADA", "status": "Inactive"}})
        case "bucket" | "delete bucket" | "create bucket":
            name = {"bucket": "PutBucketPolicy", "delete bucket": "DeleteBucket", "create bucket": "CreateBucket"}[kind]
            made = record(name, {"bucketName": "ledger", "bucketPolicy": orjson.loads(policy)}, service="s3")
        case "kms":
            made = record("PutKeyPolicy", {"keyId": KEY, "policy": policy}, service="kms")
        case "grant":
            made = record("CreateGrant", {"keyId": KEY, "granteePrincipal": "x", "operations": ["Decrypt"]},
                          {"grantId": "g"}, service="kms")  # fmt: skip
        case "organization":
            made = record("MoveAccount", {"accountId": OURS, "sourceParentId": "r-1", "destinationParentId": "ou-1"},
                          service="organizations")  # fmt: skip
        case "guardrail":
            made = record("AttachPolicy", {"policyId": "p-1", "targetId": "ou-1"}, service="organizations")
        case "seen":
            identity = {"type": "IAMUser", "principalId": "AIDAADA", "arn": ours("user/ada"), "accountId": THEIRS}
            made = record("AttachUserPolicy", given, userIdentity=identity)
        case _:
            made = record(kind, given)
    return made | {"eventTime": at} | more


KINDS = ["user", "role", "policy", "our policy", "version", "key", "bucket", "delete bucket", "create bucket", "kms",
         "grant", "organization", "guardrail", "seen", "DeleteUser", "DeleteRole", "DeletePolicy", "DeleteAccessKey",
         "UpdateAccessKey", "UpdateAssumeRolePolicy", "DetachUserPolicy", "SetDefaultPolicyVersion",
         "UpdateUser"]  # fmt: skip
MORE: list[dict[str, Any]] = [
    {},
    {"resources": [{"accountId": OURS, "ARN": BUCKET}]},
    {"userIdentity": {"accountId": OURS}},
]
steps = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from(["2006-06-01T00:00:00Z", "2026-03-03T12:00:00Z", "2026-06-01T00:00:05Z"]),
    st.sampled_from([OPEN, NOTHING, FULL]),
    st.sampled_from(MORE),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=8))
def test_no_import_changes_a_governed_account(hostilities: list[Any]) -> None:
    log = world()
    before = answers(log.engine.directory)
    for number, step in enumerate(hostilities):
        log.record(hostile(*step) | {"eventID": f"e{number}"})
    assert answers(log.engine.directory) == before


@pytest.mark.parametrize("kind", KINDS)
def test_each_by_itself_changes_nothing_of_a_governed_account(kind: str) -> None:
    log = world()
    before = answers(log.engine.directory)
    for at in ("2006-06-01T00:00:00Z", "2026-03-03T12:00:00Z"):
        log.record(hostile(kind, at, OPEN, {}) | {"eventID": at})
    assert answers(log.engine.directory) == before


def test_an_organization_that_is_only_observed_says_nothing_of_a_governed_account() -> None:
    log = world()
    before = answers(log.engine.directory)
    guardrail = o.OrganizationPolicy("p-1", "SERVICE_CONTROL_POLICY", "stop", NOTHING, ["r-1"])
    nodes = [o.OrganizationNode("r-1", "root"), o.OrganizationNode(OURS, "account", "r-1")]
    listed = o.OrganizationListed(organization="o-1", management_account=THEIRS, nodes=nodes, policies=[guardrail])
    log.append(THEIRS, listed, parse_instant("2026-03-03T12:00:00Z"))
    assert answers(log.engine.directory) == before


def test_a_bucket_is_whose_it_was_first_and_anothers_once_that_gave_it_up() -> None:
    other = "333333333333"
    log = MemoryLog(THEIRS)
    log.append(other, AccountRegistered(mode="observed"), NOW)

    def at(day: int) -> Any:
        return parse_instant(f"2026-03-0{day}T12:00:00Z")

    log.append(other, r.ResourcePolicyPut(resource=BUCKET, document=OPEN), at(2))
    log.append(THEIRS, r.ResourcePolicyPut(resource=BUCKET, document=SHUT), at(1))
    assert log.engine.directory.at_arn(BUCKET).account == THEIRS
    log.append(THEIRS, r.ResourceDeregistered(resource=BUCKET), at(3))
    assert log.engine.directory.at_arn(BUCKET).account == other
