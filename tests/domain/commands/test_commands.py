"""IAM's own rules: what each command makes, and what is refused with which code."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest

from erstwhile.domain import commands
from erstwhile.domain.commands import Command
from erstwhile.domain.commands.account import RegisterAccount
from erstwhile.domain.commands.attachments import (
    AttachPolicy,
    DeletePermissionsBoundary,
    DetachPolicy,
    PutInlinePolicy,
    PutPermissionsBoundary,
)
from erstwhile.domain.commands.credentials import (
    CreateAccessKey,
    CreateLoginProfile,
    EnableMfaDevice,
    PutCredential,
    RemoveCredential,
    UpdateAccessKey,
)
from erstwhile.domain.commands.dependencies import nothing
from erstwhile.domain.commands.handling import DEPENDENCIES, HANDLERS, handles
from erstwhile.domain.commands.instance_profiles import AddRoleToInstanceProfile, DeleteInstanceProfile
from erstwhile.domain.commands.organizations import DeleteGuardrail
from erstwhile.domain.commands.policies import (
    CreatePolicy,
    CreatePolicyVersion,
    DeletePolicy,
    DeletePolicyVersion,
    SetDefaultPolicyVersion,
)
from erstwhile.domain.commands.resources import DeregisterResource, PutResourcePolicy, RegisterResource
from erstwhile.domain.commands.roles import (
    CreateRole,
    CreateServiceLinkedRole,
    DeleteRole,
    DeleteServiceLinkedRole,
    UpdateAssumeRolePolicy,
)
from erstwhile.domain.commands.settings import MoveSetting, RemoveSetting
from erstwhile.domain.commands.tags import Tag
from erstwhile.domain.commands.users_groups import (
    AddUserToGroup,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    RemoveUserFromGroup,
    UpdateUser,
)
from erstwhile.domain.events import Body
from erstwhile.domain.events import account as ea
from erstwhile.domain.events import credentials as ek
from erstwhile.domain.events import organizations as eo
from erstwhile.domain.events import policies as ep
from erstwhile.domain.events import principals as eq
from erstwhile.domain.events import resources as er
from erstwhile.domain.vocabulary.identifiers import Ref
from erstwhile.domain.vocabulary.refusals import (
    REFUSALS,
    AccountAlreadyRegistered,
    AccountNotGoverned,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    Refusal,
    UnmodifiableEntity,
    ValidationError,
)
from tests.support.documents import ALLOW, TRUST
from tests.support.given import ACCOUNT, arn, given, group, policy, role, user

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"

ADA = eq.UserCreated(subject=user("ada"), arn=arn("user/ada"))
OPS = eq.GroupCreated(subject=group("ops"), arn=arn("group/ops"))
WEB = eq.RoleCreated(subject=role("web"), arn=arn("role/web"), trust_policy=TRUST)
LINKED = eq.RoleCreated(
    subject=role("linked"), arn=arn("role/linked"), trust_policy=TRUST, service_linked="rds.amazonaws.com"
)
PROFILE = eq.InstanceProfileCreated(subject=Ref("instance-profile", "web", "AIPAWEB"), arn=arn("instance-profile/web"))
READ = ep.PolicyCreated(subject=policy("read"), arn=arn("policy/read"), document=ALLOW)
DEVICE = ea.SettingPut(category="virtual-mfa-device", name="arn:mfa")
KEY = ek.CredentialPut(subject=user("ada"), kind="ssh-public-key", credential_id="APKA1")
AWS_ADMIN = ep.PolicyVersionCreated(
    subject=Ref("policy", "AdministratorAccess"), arn=ADMIN, version_id="v1", document=ALLOW, is_default=True
)


def versions(*numbers: int) -> list[Body]:
    return [
        ep.PolicyVersionCreated(
            subject=policy("read"), arn=arn("policy/read"), version_id=f"v{n}", document=ALLOW, is_default=False
        )
        for n in numbers
    ]


A: dict[str, Any] = {"account": ACCOUNT}
RECORD = f"arn:aws:record::{ACCOUNT}:17"
OPEN = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"record:read","Resource":"*"}}'

ACCEPTED: list[tuple[str, list[Body], Command, list[Body]]] = [
    ("create user", [], CreateUser(**A, name="ada", new_id="AIDAADA"), [ADA]),
    ("create group", [], CreateGroup(**A, name="ops", new_id="AGPAOPS"), [OPS]),
    ("create role", [], CreateRole(**A, name="web", new_id="AROAWEB", trust_policy=TRUST), [WEB]),
    ("create policy", [], CreatePolicy(**A, name="read", new_id="ANPAREAD", document=ALLOW), [READ]),
    ("rename user", [ADA], UpdateUser(**A, name="ada", new_name="eve"),
     [eq.UserRenamed(subject=user("ada"), new_name="eve")]),
    ("attach to user", [ADA, READ], AttachPolicy(**A, kind="user", name="ADA", policy_arn=arn("policy/read")),
     [ep.PolicyAttached(subject=user("ada"), policy_arn=arn("policy/read"))]),
    ("attach an AWS policy", [ADA, AWS_ADMIN], AttachPolicy(**A, kind="user", name="ada", policy_arn=ADMIN),
     [ep.PolicyAttached(subject=user("ada"), policy_arn=ADMIN)]),
    ("attach again changes nothing", [ADA, READ, ep.PolicyAttached(subject=user("ada"), policy_arn=arn("policy/read"))],
     AttachPolicy(**A, kind="user", name="ada", policy_arn=arn("policy/read")), []),
    ("join group", [ADA, OPS], AddUserToGroup(**A, user="ada", group="ops"),
     [eq.GroupMemberAdded(subject=user("ada"), group=group("ops"))]),
    ("second version", [READ], CreatePolicyVersion(**A, arn=arn("policy/read"), document=ALLOW, set_as_default=True),
     [ep.PolicyVersionCreated(subject=policy("read"), arn=arn("policy/read"), version_id="v2", document=ALLOW,
                              is_default=True)]),
    ("a deleted version's number is not given again", [READ, *versions(2, 3),
        ep.PolicyVersionDeleted(subject=policy("read"), arn=arn("policy/read"), version_id="v3")],
        CreatePolicyVersion(**A, arn=arn("policy/read"), document=ALLOW), versions(4)),
    ("put inline", [ADA], PutInlinePolicy(**A, kind="user", name="ada", policy_name="x", document=ALLOW),
     [ep.InlinePolicyPut(subject=user("ada"), policy_name="x", document=ALLOW)]),
    ("boundary", [ADA, READ], PutPermissionsBoundary(**A, kind="user", name="ada", policy_arn=arn("policy/read")),
     [ep.PermissionsBoundarySet(subject=user("ada"), policy_arn=arn("policy/read"))]),
    ("access key", [ADA], CreateAccessKey(**A, user="ada", new_id="AKIA1"),
     [ek.AccessKeyCreated(subject=user("ada"), access_key_id="AKIA1")]),
    ("login profile", [ADA], CreateLoginProfile(**A, user="ada"), [ek.LoginProfileCreated(subject=user("ada"))]),
    ("mfa", [ADA, DEVICE], EnableMfaDevice(**A, user="ada", serial_number="arn:mfa"),
     [ek.MfaDeviceEnabled(subject=user("ada"), serial_number="arn:mfa")]),
    ("ssh key", [ADA], PutCredential(**A, user="ada", kind="ssh-public-key", credential_id="APKA1", is_new=True,
        attributes={"a": "b"}), [ek.CredentialPut(subject=user("ada"), kind="ssh-public-key", credential_id="APKA1",
            attributes={"a": "b"})]),
    ("ssh key as it is", [ADA, KEY], PutCredential(**A, user="ada", kind="ssh-public-key", credential_id="APKA1",
        is_new=False), []),
    ("no ssh key any more", [ADA, KEY], RemoveCredential(**A, user="ada", kind="ssh-public-key", credential_id="APKA1"),
     [ek.CredentialRemoved(subject=user("ada"), kind="ssh-public-key", credential_id="APKA1")]),
    ("a device that nobody uses goes", [ADA, DEVICE], RemoveSetting(**A, category="virtual-mfa-device", name="arn:mfa"),
     [ea.SettingRemoved(category="virtual-mfa-device", name="arn:mfa")]),
    ("a setting takes another name", [DEVICE], MoveSetting(**A, category="virtual-mfa-device", name="arn:mfa",
        new_name="b"), [ea.SettingRemoved(category="virtual-mfa-device", name="arn:mfa"),
                        ea.SettingPut(category="virtual-mfa-device", name="b")]),
    ("service-linked role", [AWS_ADMIN], CreateServiceLinkedRole(**A, name="linked", new_id="AROALINKED",
        service="rds.amazonaws.com", trust_policy=TRUST, path="/", policy_arn=ADMIN),
        [LINKED, ep.PolicyAttached(subject=role("linked"), policy_arn=ADMIN)]),
    ("its end", [LINKED, ep.PolicyAttached(subject=role("linked"), policy_arn=ADMIN)],
     DeleteServiceLinkedRole(**A, name="linked"), [ep.PolicyDetached(subject=role("linked"), policy_arn=ADMIN),
         eq.RoleDeleted(subject=role("linked"))]),
    ("tag", [ADA], Tag(**A, kind="user", name="ada", tags={"team": "x"}),
     [eq.Tagged(subject=user("ada"), tags={"team": "x"})]),
    ("delete user", [ADA], DeleteUser(**A, name="ada"), [eq.UserDeleted(subject=user("ada"))]),
    ("delete a recreated name", [ADA, eq.UserDeleted(subject=user("ada")),
                                 eq.UserCreated(subject=user("ada", "AIDA2"), arn=arn("user/ada"))],
                                 DeleteUser(**A, name="ada"), [eq.UserDeleted(subject=user("ada", "AIDA2"))]),
    ("register a resource", [], RegisterResource(**A, resource=RECORD, resource_type="record", tags={"a": "b"},
        document=OPEN), [er.ResourceRegistered(resource=RECORD, resource_type="record", tags={"a": "b"}),
                         er.ResourcePolicyPut(resource=RECORD, document=OPEN)]),
    ("register it again", [er.ResourceRegistered(resource=RECORD, tags={"a": "b"})],
     RegisterResource(**A, resource=RECORD, tags={"a": "b"}), []),
    ("register it without its policy", [er.ResourceRegistered(resource=RECORD),
        er.ResourcePolicyPut(resource=RECORD, document=OPEN)], RegisterResource(**A, resource=RECORD),
        [er.ResourcePolicyDeleted(resource=RECORD)]),
    ("deregister it", [er.ResourceRegistered(resource=RECORD)], DeregisterResource(**A, resource=RECORD),
     [er.ResourceDeregistered(resource=RECORD)]),
    ("resource policy", [], PutResourcePolicy(**A, resource="arn:aws:s3:::b",
        document='{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b"}}'),
        [er.ResourcePolicyPut(resource="arn:aws:s3:::b",
                              document='{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*",'
                                       '"Resource":"arn:aws:s3:::b"}}')]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "command", "made"), [case[1:] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED]
)
def test_accepted(before: list[Body], command: Command, made: list[Body]) -> None:
    given(*before).when(command).then(*made)


def keys(*ids: str) -> list[Body]:
    return [ek.AccessKeyCreated(subject=user("ada"), access_key_id=each) for each in ids]


ATTACHED = ep.PolicyAttached(subject=user("ada"), policy_arn=arn("policy/read"))
MEMBER = eq.GroupMemberAdded(subject=user("ada"), group=group("ops"))
IN_PROFILE = eq.RoleAddedToInstanceProfile(subject=PROFILE.subject, role=role("web"))
LONG = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::'
    + "x" * 6200
    + '"}]}'
)
TREE = eo.OrganizationListed(
    organization="o-1", management_account=ACCOUNT, nodes=[eo.OrganizationNode("r-1", "root")],
    policies=[eo.OrganizationPolicy("p-1", "SERVICE_CONTROL_POLICY", "x", ALLOW, ["r-1"])],
)  # fmt: skip

REFUSED: list[tuple[str, list[Body], Command, type[Refusal]]] = [
    ("deregister what is not", [], DeregisterResource(**A, resource=RECORD), NoSuchEntity),
    ("register another account's", [], RegisterResource(**A, resource="arn:aws:record::999988887777:1"),
     ValidationError),
    ("register a role", [WEB], RegisterResource(**A, resource=f"arn:aws:iam::{ACCOUNT}:role/web"), ValidationError),
    ("register a session", [], RegisterResource(**A, resource=f"arn:aws:sts::{ACCOUNT}:assumed-role/web/x"),
     ValidationError),
    ("register with a bad policy", [], RegisterResource(**A, resource=RECORD, document="{}"), MalformedPolicyDocument),
    ("name taken", [ADA], CreateUser(**A, name="ada", new_id="X"), EntityAlreadyExists),
    ("name taken in other case", [ADA], CreateUser(**A, name="ADA", new_id="X"), EntityAlreadyExists),
    ("group name taken", [OPS], CreateGroup(**A, name="Ops", new_id="X"), EntityAlreadyExists),
    ("role name taken", [WEB], CreateRole(**A, name="WEB", new_id="X", trust_policy=TRUST), EntityAlreadyExists),
    ("policy name taken", [READ], CreatePolicy(**A, name="READ", new_id="X", document=ALLOW), EntityAlreadyExists),
    ("rename to its own name in another case", [ADA], UpdateUser(**A, name="ada", new_name="Ada"), EntityAlreadyExists),
    ("rename to a taken name", [ADA, eq.UserCreated(subject=user("bob"))], UpdateUser(**A, name="ada", new_name="BOB"),
     EntityAlreadyExists),
    ("bad name", [], CreateUser(**A, name="a b", new_id="X"), ValidationError),
    ("empty name", [], CreateUser(**A, name="", new_id="X"), ValidationError),
    ("long name", [], CreateUser(**A, name="x" * 65, new_id="X"), ValidationError),
    ("bad path", [], CreateUser(**A, name="x", path="no/", new_id="X"), ValidationError),
    ("aws: tag", [ADA], Tag(**A, kind="user", name="ada", tags={"aws:x": "1"}), ValidationError),
    ("too many tags", [ADA], Tag(**A, kind="user", name="ada", tags={f"k{n}": "" for n in range(51)}), LimitExceeded),
    ("groups have no tags", [OPS], Tag(**A, kind="group", name="ops", tags={"a": "b"}), InvalidInput),
    ("delete an attached policy", [ADA, READ, ATTACHED], DeletePolicy(**A, arn=arn("policy/read")), DeleteConflict),
    ("delete a boundary", [ADA, READ, ep.PermissionsBoundarySet(subject=user("ada"), policy_arn=arn("policy/read"))],
     DeletePolicy(**A, arn=arn("policy/read")), DeleteConflict),
    ("delete a policy with versions", [READ, *versions(2)], DeletePolicy(**A, arn=arn("policy/read")), DeleteConflict),
    ("delete the default version", [READ], DeletePolicyVersion(**A, arn=arn("policy/read"), version_id="v1"),
     DeleteConflict),
    ("delete a user with a policy", [ADA, READ, ATTACHED], DeleteUser(**A, name="ada"), DeleteConflict),
    ("delete a user with an inline policy", [ADA, ep.InlinePolicyPut(subject=user("ada"), policy_name="x",
        document=ALLOW)], DeleteUser(**A, name="ada"), DeleteConflict),
    ("delete a user in a group", [ADA, OPS, MEMBER], DeleteUser(**A, name="ada"), DeleteConflict),
    ("delete a user with keys", [ADA, *keys("AKIA1")], DeleteUser(**A, name="ada"), DeleteConflict),
    ("delete a user with a password", [ADA, ek.LoginProfileCreated(subject=user("ada"))], DeleteUser(**A, name="ada"),
     DeleteConflict),
    ("delete a user with MFA", [ADA, ek.MfaDeviceEnabled(subject=user("ada"), serial_number="s")],
     DeleteUser(**A, name="ada"), DeleteConflict),
    ("delete a user with an ssh key", [ADA, KEY], DeleteUser(**A, name="ada"), DeleteConflict),
    ("a device that is not there", [ADA], EnableMfaDevice(**A, user="ada", serial_number="arn:mfa"), NoSuchEntity),
    ("a device in use", [ADA, DEVICE, ek.MfaDeviceEnabled(subject=user("ada"), serial_number="arn:mfa")],
     EnableMfaDevice(**A, user="ada", serial_number="arn:mfa"), EntityAlreadyExists),
    ("delete a device in use", [ADA, DEVICE, ek.MfaDeviceEnabled(subject=user("ada"), serial_number="arn:mfa")],
     RemoveSetting(**A, category="virtual-mfa-device", name="arn:mfa"), DeleteConflict),
    ("move what is not there", [], MoveSetting(**A, category="server-certificate", name="a", new_name="b"),
     NoSuchEntity),
    ("move to a taken name", [DEVICE, ea.SettingPut(category="virtual-mfa-device", name="b")],
     MoveSetting(**A, category="virtual-mfa-device", name="arn:mfa", new_name="b"), EntityAlreadyExists),
    ("sixth ssh key", [ADA, *(ek.CredentialPut(subject=user("ada"), kind="ssh-public-key",
        credential_id=f"APKA{n}") for n in range(5))], PutCredential(**A, user="ada", kind="ssh-public-key",
            credential_id="APKA9", is_new=True), LimitExceeded),
    ("no such ssh key", [ADA], RemoveCredential(**A, user="ada", kind="ssh-public-key", credential_id="APKA1"),
     NoSuchEntity),
    ("a change of no ssh key", [ADA], PutCredential(**A, user="ada", kind="ssh-public-key", credential_id="APKA1",
        is_new=False), NoSuchEntity),
    ("a service-linked role's name is taken", [WEB], CreateServiceLinkedRole(**A, name="web", new_id="X",
        service="rds.amazonaws.com", trust_policy=TRUST, path="/"), InvalidInput),
    ("a role that is linked to no service", [WEB], DeleteServiceLinkedRole(**A, name="web"), NoSuchEntity),
    ("delete a group with members", [ADA, OPS, MEMBER], DeleteGroup(**A, name="ops"), DeleteConflict),
    ("delete a role in a profile", [WEB, PROFILE, IN_PROFILE], DeleteRole(**A, name="web"), DeleteConflict),
    ("delete a profile with a role", [WEB, PROFILE, IN_PROFILE], DeleteInstanceProfile(**A, name="web"),
     DeleteConflict),
    ("a second role in a profile", [WEB, PROFILE, IN_PROFILE], AddRoleToInstanceProfile(**A, name="web", role="web"),
     LimitExceeded),
    ("delete an attached guardrail", [TREE], DeleteGuardrail(**A, policy="p-1"), DeleteConflict),
    ("sixth version", [READ, *versions(2, 3, 4, 5)], CreatePolicyVersion(**A, arn=arn("policy/read"), document=ALLOW),
     LimitExceeded),
    ("third access key", [ADA, *keys("AKIA1", "AKIA2")], CreateAccessKey(**A, user="ada", new_id="AKIA3"),
     LimitExceeded),
    ("eleventh attachment", [ADA, READ, *(ep.PolicyAttached(subject=user("ada"),
        policy_arn=f"arn:aws:iam::aws:policy/{n}") for n in range(10))],
        AttachPolicy(**A, kind="user", name="ada", policy_arn=arn("policy/read")), LimitExceeded),
    ("eleventh group", [ADA, OPS, *(eq.GroupMemberAdded(subject=user("ada"), group=group(f"g{n}")) for n in range(10))],
     AddUserToGroup(**A, user="ada", group="ops"), LimitExceeded),
    ("document too long", [], CreatePolicy(**A, name="x", new_id="X", document=LONG), LimitExceeded),
    ("inline documents too long together", [ADA, ep.InlinePolicyPut(subject=user("ada"), policy_name="y",
        document=LONG)], PutInlinePolicy(**A, kind="user", name="ada", policy_name="x", document=ALLOW), LimitExceeded),
    ("not JSON", [], CreatePolicy(**A, name="x", new_id="X", document="{"), MalformedPolicyDocument),
    ("no effect", [], CreatePolicy(**A, name="x", new_id="X",
                                   document='{"Statement":[{"Action":"s3:*","Resource":"*"}]}'),
                                   MalformedPolicyDocument),
    ("principal in an identity policy", [], CreatePolicy(**A, name="x", new_id="X",
        document='{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}'),
        MalformedPolicyDocument),
    ("trust without principal", [WEB], UpdateAssumeRolePolicy(**A, name="web",
        document='{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}'), MalformedPolicyDocument),
    ("trust with resource", [WEB], UpdateAssumeRolePolicy(**A, name="web",
        document='{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}'),
        MalformedPolicyDocument),
    ("no such user", [], DeleteUser(**A, name="ada"), NoSuchEntity),
    ("no such policy", [ADA], AttachPolicy(**A, kind="user", name="ada", policy_arn=arn("policy/none")), NoSuchEntity),
    ("another account's policy", [ADA], AttachPolicy(**A, kind="user", name="ada",
        policy_arn="arn:aws:iam::999999999999:policy/x"), NoSuchEntity),
    ("not attached", [ADA, READ], DetachPolicy(**A, kind="user", name="ada", policy_arn=arn("policy/read")),
     NoSuchEntity),
    ("not a member", [ADA, OPS], RemoveUserFromGroup(**A, user="ada", group="ops"), NoSuchEntity),
    ("no such version", [READ], SetDefaultPolicyVersion(**A, arn=arn("policy/read"), version_id="v9"), NoSuchEntity),
    ("no such key", [ADA], UpdateAccessKey(**A, user="ada", access_key_id="AKIA9", status="Inactive"), NoSuchEntity),
    ("bad status", [ADA, *keys("AKIA1")], UpdateAccessKey(**A, user="ada", access_key_id="AKIA1", status="Off"),
     InvalidInput),
    ("no boundary to delete", [ADA], DeletePermissionsBoundary(**A, kind="user", name="ada"), NoSuchEntity),
    ("groups have no boundary", [OPS, READ], PutPermissionsBoundary(**A, kind="group", name="ops",
        policy_arn=arn("policy/read")), InvalidInput),
    ("a second password", [ADA, ek.LoginProfileCreated(subject=user("ada"))], CreateLoginProfile(**A, user="ada"),
     EntityAlreadyExists),
    ("an AWS policy is not ours to change", [AWS_ADMIN], CreatePolicyVersion(**A, arn=ADMIN, document=ALLOW),
     UnmodifiableEntity),
    ("a service-linked role is not ours to change", [LINKED], DeleteRole(**A, name="linked"), UnmodifiableEntity),
    ("session too long", [], CreateRole(**A, name="x", new_id="X", trust_policy=TRUST, max_session_duration=50_000),
     ValidationError),
    ("registered twice", [], RegisterAccount(**A), AccountAlreadyRegistered),
    ("not an account", [], RegisterAccount(account="12"), ValidationError),
    ("an account nobody knows", [], DeleteUser(account="999999999999", name="x"), AccountNotGoverned),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "command", "refusal"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused(before: list[Body], command: Command, refusal: type[Refusal]) -> None:
    given(*before).when(command).refused(refusal)


def test_a_command_to_an_observed_account_is_refused_with_what_to_do() -> None:
    command = CreateUser(**A, name="ada", new_id="X")
    given(mode="observed").when(command).refused(AccountNotGoverned, "import the records")


def test_every_command_has_one_handler_and_says_what_it_depends_on() -> None:
    areas = [
        importlib.import_module(f"{commands.__name__}.{each.name}") for each in pkgutil.iter_modules(commands.__path__)
    ]
    classes = {member for area in areas for member in vars(area).values() if inspect.isclass(member)}
    assert {each for each in classes if issubclass(each, Command)} - {Command} == HANDLERS.keys() == DEPENDENCIES.keys()
    with pytest.raises(TypeError, match="CreateUser has a handler already"):
        handles(CreateUser, depends_on=nothing)


def test_every_refusal_is_a_class_with_a_code() -> None:
    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS)
    assert set(Refusal.__subclasses__()) == set(REFUSALS)
