"""AWS-managed policies are known by their whole ARN: path and case are part of it."""

from __future__ import annotations

import pytest

from erstwhile.domain.commands import handle
from erstwhile.domain.commands.attachments import AttachPolicy, PutPermissionsBoundary
from erstwhile.domain.commands.policies import CreatePolicyVersion, DeletePolicy
from erstwhile.domain.commands.roles import CreateRole
from erstwhile.domain.commands.users_groups import CreateUser
from erstwhile.domain.events import policies as e
from erstwhile.domain.events import principals as p
from erstwhile.domain.observed.managed_policies import read_listing, read_timeline
from erstwhile.domain.policy.inputs.sources import find_policy, managed
from erstwhile.domain.policy.knowledge.managed_policy_paths import located, path_of
from erstwhile.domain.vocabulary.identifiers import AWS_MANAGED, Ref
from erstwhile.domain.vocabulary.refusals import NoSuchEntity, Refusal
from tests.support.documents import FULL
from tests.support.given import ACCOUNT, directory_of, user

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
RUNNER = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
ADA = p.UserCreated(subject=user("ada"), arn=f"arn:aws:iam::{ACCOUNT}:user/ada")


def catalogued(arn: str) -> e.PolicyVersionCreated:
    name = arn.rsplit("/", 1)[-1]
    return e.PolicyVersionCreated(subject=Ref("policy", name), arn=arn, version_id="v1", document=FULL, is_default=True)


# As an earlier catalogue told of it: without the path.
KNOWN = directory_of(ADA, catalogued(ADMIN), catalogued("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole"))
OTHERS = [
    "arn:aws:iam::aws:policy/job-function/AdministratorAccess",
    "arn:aws:iam::aws:policy/x/AdministratorAccess",
    "arn:aws:iam::aws:policy/service-role/AdministratorAccess",
    "arn:aws:iam::aws:policy//AdministratorAccess",
    "arn:aws:iam::aws:policy/administratoraccess",
    "arn:aws:iam::aws:policy/ADMINISTRATORACCESS",
    "arn:aws:iam::aws:policy/AdministratorAccess/",
    "arn:aws-cn:iam::aws:policy/AdministratorAccess",
    "arn:aws:iam:us-east-1:aws:policy/AdministratorAccess",
    "arn:aws:iam::aws:role/AdministratorAccess",
    "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/service-role/awslambdabasicexecutionrole",
    f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess",
    "arn:aws:iam::999999999999:policy/AdministratorAccess",
]


@pytest.mark.parametrize("arn", OTHERS)
def test_what_is_none_of_these_is_no_such_entity(arn: str) -> None:
    trust = '{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}'
    for command in (
        AttachPolicy(account=ACCOUNT, kind="user", name="ada", policy_arn=arn),
        PutPermissionsBoundary(account=ACCOUNT, kind="user", name="ada", policy_arn=arn),
        CreateUser(account=ACCOUNT, name="bob", new_id="AIDABOB", boundary=arn),
        CreateRole(account=ACCOUNT, name="web", new_id="AROAWEB", trust_policy=trust, boundary=arn),
    ):
        with pytest.raises(NoSuchEntity):
            handle(KNOWN, command)


def test_the_whole_arn_is_attached_and_found() -> None:
    for arn in (ADMIN, RUNNER):
        [body] = handle(KNOWN, AttachPolicy(account=ACCOUNT, kind="user", name="ada", policy_arn=arn))
        assert body == e.PolicyAttached(subject=user("ada"), policy_arn=arn)
        assert managed(KNOWN, arn).document == FULL
    for arn in OTHERS:
        found = find_policy(KNOWN, arn)
        assert found is None or arn.startswith("arn:aws-cn:"), arn


def test_no_command_reaches_a_policy_of_aws_by_another_name() -> None:
    for arn in OTHERS:
        with pytest.raises(Refusal):
            handle(KNOWN, CreatePolicyVersion(account=ACCOUNT, arn=arn, document=FULL))
        with pytest.raises(Refusal):
            handle(KNOWN, DeletePolicy(account=ACCOUNT, arn=arn))


def test_catalogues_tell_paths_or_leave_them_out() -> None:
    entry = {"UpdateDate": "2024-01-01T00:00:00Z", "Document": {}, "DefaultVersionId": "v1"}
    told = read_listing(
        {"NewPolicy": entry | {"Path": "/service-role/"}, "Other": entry, "Third": entry | {"Arn": "arn:x"}}
    )
    assert [each.arn for each in told] == [
        "arn:aws:iam::aws:policy/service-role/NewPolicy", "arn:aws:iam::aws:policy/Other", "arn:x",
    ]  # fmt: skip
    versions = {"v1": {"create_date": "2015-04-09T15:03:43Z", "document": {}}}
    [first, second] = read_timeline({"AWSLambdaBasicExecutionRole": versions, "AdministratorAccess": versions})
    assert (first.arn, second.arn) == (RUNNER, ADMIN)
    assert (located(ADMIN), located(RUNNER), path_of(RUNNER), path_of(ADMIN)) == (ADMIN, RUNNER, "/service-role/", "/")
    entity = KNOWN.named(AWS_MANAGED, "policy", "AWSLambdaBasicExecutionRole")
    assert entity is not None and (entity.arn, entity.path) == (RUNNER, "/service-role/")
